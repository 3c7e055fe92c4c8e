package io.millrace.broker.api;

import io.millrace.engine.ErrorCodes;
import io.millrace.engine.PartitionReader;
import io.millrace.transport.kafka.codec.LogCodec;
import io.millrace.transport.kafka.message.DescribeLogDirs;
import io.millrace.transport.kafka.message.OffsetForLeaderEpoch;
import io.millrace.transport.kafka.server.ReplySlot;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** What clients ask about the logs that this node holds. Owned by the network thread. */
final class LogHandler {
    private static final int NO_EPOCH = -1;
    private static final long UNKNOWN_LENGTH = -1;

    private final TopicDirectory topics;
    private final String path;

    LogHandler(final TopicDirectory topics, final String path) {
        this.topics = topics;
        this.path = path;
    }

    /** The shards' files are shared by their partitions; a partition's length is that of its batches in them. */
    void describe(final DescribeLogDirs.Request request, final ReplySlot slot) {
        final List<DescribeLogDirs.Topic> answers = new ArrayList<>();
        if (request.topics() == null) {
            topics.image().topics().forEach((topic) -> describe(answers, topics.find(topic.name()), null));
        } else {
            request.topics().forEach((topic) -> describe(answers, topics.find(topic.name()), topic.partitionIds()));
        }
        slot.complete(LogCodec.encode(slot.apiVersion(), new DescribeLogDirs.Response(ErrorCodes.NONE,
            List.of(new DescribeLogDirs.Directory(
                ErrorCodes.NONE, path, answers, UNKNOWN_LENGTH, UNKNOWN_LENGTH))), slot));
    }

    private static void describe(
        final List<DescribeLogDirs.Topic> answers, final TopicView topic, final List<Integer> wanted) {
        if (topic == null) {
            return;
        }
        final List<DescribeLogDirs.Partition> partitions = new ArrayList<>();
        for (int partition = 0; partition < topic.partitionCount(); partition++) {
            final ShardView shard = topic.shards[partition];
            if (shard.local != null && (wanted == null || wanted.contains(partition))) {
                final PartitionReader reader = shard.local.takeReader();
                partitions.add(new DescribeLogDirs.Partition(
                    partition, reader.batchesLength(topic.idInShard(partition)), 0));
                shard.local.giveBack(reader);
            }
        }
        if (!partitions.isEmpty()) {
            answers.add(new DescribeLogDirs.Topic(topic.info.name(), partitions));
        }
    }

    void epochEnds(final OffsetForLeaderEpoch.Request request, final ReplySlot slot) {
        final List<OffsetForLeaderEpoch.ResponseTopic> answers = new ArrayList<>();
        for (final OffsetForLeaderEpoch.RequestTopic asked : request.topics()) {
            final TopicView topic = topics.find(asked.name());
            final List<OffsetForLeaderEpoch.ResponsePartition> partitions = new ArrayList<>();
            asked.partitions().forEach((partition) -> partitions.add(epochEnd(topic, partition)));
            answers.add(new OffsetForLeaderEpoch.ResponseTopic(asked.name(), partitions));
        }
        slot.complete(LogCodec.encode(slot.apiVersion(), new OffsetForLeaderEpoch.Response(answers), slot));
    }

    private OffsetForLeaderEpoch.ResponsePartition epochEnd(
        final TopicView topic, final OffsetForLeaderEpoch.RequestPartition asked) {
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
            return error(partition, KafkaErrors.OFFSET_NOT_AVAILABLE); // as for the latest offset
        }
        if (asked.leaderEpoch() > epoch) {
            return error(partition, ErrorCodes.NONE); // nothing is known of it
        }
        final PartitionReader reader = shard.local.takeReader();
        try {
            final int id = topic.idInShard(partition);
            final int known = reader.epochUpTo(asked.leaderEpoch());
            // of epochs that were given back it is known that they ended at the log's start at the latest
            final long start = Math.max(0, reader.logStartOffset(id));
            return known < 0
                ? new OffsetForLeaderEpoch.ResponsePartition(partition, ErrorCodes.NONE, asked.leaderEpoch(), start)
                : new OffsetForLeaderEpoch.ResponsePartition(
                    partition, ErrorCodes.NONE, known, Math.max(start, reader.epochEndOffset(id, known)));
        } catch (final UncheckedIOException ex) {
            return error(partition, ErrorCodes.KAFKA_STORAGE_ERROR);
        } finally {
            shard.local.giveBack(reader);
        }
    }

    private static OffsetForLeaderEpoch.ResponsePartition error(final int partition, final short errorCode) {
        return new OffsetForLeaderEpoch.ResponsePartition(partition, errorCode, NO_EPOCH, -1);
    }
}
