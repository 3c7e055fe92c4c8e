package io.millrace.broker.api;

import io.millrace.engine.ErrorCodes;
import io.millrace.engine.PartitionReader;
import io.millrace.transport.kafka.codec.ListOffsetsCodec;
import io.millrace.transport.kafka.message.ListOffsets;
import io.millrace.transport.kafka.server.ReplySlot;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * ListOffsets. Owned by the network thread.
 *
 * <p>A timestamp is looked up per batch: the answer is the first offset of the first batch that may hold such a record,
 * so a consumer may see up to one batch of earlier records. Batches are stored as they came, compressed ones unopened.
 */
final class ListOffsetsHandler {
    private static final int NO_EPOCH = -1;
    private static final int OFFSET_NOT_AVAILABLE_MIN_VERSION = 5;

    private final TopicDirectory topics;
    private long foundOffset;
    private int version;

    ListOffsetsHandler(final TopicDirectory topics) {
        this.topics = topics;
    }

    void handle(final ListOffsets.Request request, final ReplySlot slot) {
        version = slot.apiVersion();
        final List<ListOffsets.ResponseTopic> answers = new ArrayList<>();
        for (final ListOffsets.RequestTopic asked : request.topics()) {
            final TopicView topic = topics.find(asked.name());
            final List<ListOffsets.ResponsePartition> partitions = new ArrayList<>();
            for (final ListOffsets.RequestPartition partition : asked.partitions()) {
                partitions.add(answer(topic, partition));
            }
            answers.add(new ListOffsets.ResponseTopic(asked.name(), partitions));
        }
        slot.complete(ListOffsetsCodec.encode(slot.apiVersion(), new ListOffsets.Response(answers), slot));
    }

    private ListOffsets.ResponsePartition answer(final TopicView topic, final ListOffsets.RequestPartition asked) {
        final int partition = asked.partitionId();
        if (topic == null || partition < 0 || partition >= topic.partitionCount()) {
            return error(partition, ErrorCodes.UNKNOWN_TOPIC_OR_PARTITION);
        }
        final ShardView shard = topic.shards[partition];
        if (!topics.leads(shard)) {
            return error(partition, ErrorCodes.NOT_LEADER_OR_FOLLOWER);
        }
        final int epoch = shard.info.leaderEpoch();
        if (asked.currentLeaderEpoch() != NO_EPOCH && asked.currentLeaderEpoch() != epoch) {
            return error(partition, asked.currentLeaderEpoch() < epoch
                ? KafkaErrors.FENCED_LEADER_EPOCH : KafkaErrors.UNKNOWN_LEADER_EPOCH);
        }
        if (!shard.local.hasCommittedInEpoch()) {
            // what earlier leaders committed is not known again before this epoch has committed (KIP-207)
            return error(partition, version >= OFFSET_NOT_AVAILABLE_MIN_VERSION
                ? KafkaErrors.OFFSET_NOT_AVAILABLE : KafkaErrors.LEADER_NOT_AVAILABLE);
        }
        final PartitionReader reader = shard.local.takeReader();
        try {
            return lookUp(reader, topic.idInShard(partition), asked, epoch);
        } catch (final UncheckedIOException ex) {
            return error(partition, ErrorCodes.KAFKA_STORAGE_ERROR);
        } finally {
            shard.local.giveBack(reader);
        }
    }

    private ListOffsets.ResponsePartition lookUp(final PartitionReader reader, final int idInShard,
        final ListOffsets.RequestPartition asked, final int epoch) {
        foundOffset = -1;
        long timestampMs = -1;
        if (asked.timestampMs() == ListOffsets.LATEST) {
            foundOffset = Math.max(0, reader.highWatermark(idInShard));
        } else if (asked.timestampMs() == ListOffsets.EARLIEST) {
            foundOffset = Math.max(0, reader.logStartOffset(idInShard));
        } else if (asked.timestampMs() >= 0) {
            reader.findByTimestamp(idInShard, asked.timestampMs(), (file, fileOffset, length, base, next) -> {
                foundOffset = base;
                return false;
            });
            timestampMs = foundOffset < 0 ? -1 : asked.timestampMs();
        } else {
            return error(asked.partitionId(), KafkaErrors.INVALID_REQUEST);
        }
        return new ListOffsets.ResponsePartition(asked.partitionId(), ErrorCodes.NONE, timestampMs, foundOffset,
            foundOffset < 0 ? NO_EPOCH : epoch);
    }

    private static ListOffsets.ResponsePartition error(final int partition, final short errorCode) {
        return new ListOffsets.ResponsePartition(partition, errorCode, -1, -1, NO_EPOCH);
    }
}
