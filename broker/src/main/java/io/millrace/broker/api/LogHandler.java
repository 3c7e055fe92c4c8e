package io.millrace.broker.api;

import io.millrace.broker.shard.RecordDeletion;
import io.millrace.engine.ErrorCodes;
import io.millrace.engine.PartitionReader;
import io.millrace.transport.kafka.codec.LogCodec;
import io.millrace.transport.kafka.message.DeleteRecords;
import io.millrace.transport.kafka.message.DescribeLogDirs;
import io.millrace.transport.kafka.message.OffsetForLeaderEpoch;
import io.millrace.transport.kafka.server.ReplySlot;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** What clients ask about the logs that this node holds. Owned by the network thread. */
final class LogHandler {
    private static final int NO_EPOCH = -1;
    private static final long UNKNOWN_LENGTH = -1;

    private final TopicDirectory topics;
    private final String path;
    private final QuorumCaller answers;
    private final Supplier<RecordDeletion> deletion;

    LogHandler(final TopicDirectory topics, final String path, final QuorumCaller answers,
        final Supplier<RecordDeletion> deletion) {
        this.topics = topics;
        this.path = path;
        this.answers = answers;
        this.deletion = deletion;
    }

    /** The shards' files are shared by their partitions; a partition's length is that of its batches in them. */
    void describe(final DescribeLogDirs.Request request, final ReplySlot slot) {
        final List<DescribeLogDirs.Topic> answers = new ArrayList<>();
        if (request.topics() == null) {
            topics.image().topics().forEach((topic) -> describe(answers, topics.find(topic.name()), null));
        } else {
            // a partition is described once, however often it is asked for
            NamedOnce.partitionIds(request.topics(), DescribeLogDirs.RequestTopic::name,
                DescribeLogDirs.RequestTopic::partitionIds)
                .forEach((name, partitions) -> describe(answers, topics.find(name), partitions));
        }
        slot.complete(LogCodec.encode(slot.apiVersion(), new DescribeLogDirs.Response(ErrorCodes.NONE,
            List.of(new DescribeLogDirs.Directory(
                ErrorCodes.NONE, path, answers, UNKNOWN_LENGTH, UNKNOWN_LENGTH))), slot));
    }

    private static void describe(
        final List<DescribeLogDirs.Topic> answers, final TopicView topic, final Set<Integer> wanted) {
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

    /** One partition of a DeleteRecords request; without an offset when it was named more than once. */
    private record Deletion(String topic, int partitionId, Long offset) {
    }

    void delete(final DeleteRecords.Request request, final ReplySlot slot, final long nowNs) {
        final int version = slot.apiVersion();
        final List<Deletion> entries = new ArrayList<>();
        NamedOnce.partitions(request.topics(), DeleteRecords.RequestTopic::name,
            DeleteRecords.RequestTopic::partitions, DeleteRecords.RequestPartition::partitionId)
            .forEach((name, asked) -> asked.forEach((id, partition) ->
                entries.add(new Deletion(name, id, partition == null ? null : partition.offset()))));
        final Gathering<DeleteRecords.ResponsePartition> gathering = Gathering.attach(slot, entries.size(),
            request.timeoutMs(), nowNs,
            (entry) -> refused(entries.get(entry), ErrorCodes.REQUEST_TIMED_OUT),
            (results) -> slot.complete(LogCodec.encode(version, answer(entries, results), slot)));
        final long timeoutNs = TimeUnit.MILLISECONDS.toNanos(Math.max(1, request.timeoutMs()));
        for (int i = 0; i < entries.size(); i++) {
            delete(gathering, i, entries.get(i), timeoutNs);
        }
        gathering.completeIfDone();
    }

    private void delete(final Gathering<DeleteRecords.ResponsePartition> gathering, final int entry,
        final Deletion deleted, final long timeoutNs) {
        final TopicView topic = topics.find(deleted.topic());
        final int partition = deleted.partitionId();
        if (deleted.offset() == null) {
            gathering.answer(entry, refused(deleted, KafkaErrors.INVALID_REQUEST));
        } else if (topic == null || partition < 0 || partition >= topic.partitionCount()) {
            gathering.answer(entry, refused(deleted, ErrorCodes.UNKNOWN_TOPIC_OR_PARTITION));
        } else if (topic.info.isInternal()) {
            gathering.answer(entry, refused(deleted, KafkaErrors.INVALID_TOPIC));
        } else if (deletion.get() == null || !topics.leads(topic.shards[partition])) {
            gathering.answer(entry, refused(deleted, ErrorCodes.NOT_LEADER_OR_FOLLOWER));
        } else if (deleted.offset() < DeleteRecords.TO_HIGH_WATERMARK) {
            gathering.answer(entry, refused(deleted, ErrorCodes.OFFSET_OUT_OF_RANGE));
        } else if (!answers.expectAnswer()) {
            gathering.answer(entry, refused(deleted, ErrorCodes.REQUEST_TIMED_OUT));
        } else if (!deletion.get().delete(topic.shards[partition].shardId, topic.idInShard(partition),
            deleted.offset() == DeleteRecords.TO_HIGH_WATERMARK ? RecordDeletion.HIGH_WATERMARK : deleted.offset(),
            timeoutNs,
            (errorCode, logStartOffset) -> answers.onAnswer(() -> gathering.answer(entry,
                new DeleteRecords.ResponsePartition(partition, logStartOffset, errorCode))))) {
            answers.expectNone();
            gathering.answer(entry, refused(deleted, ErrorCodes.REQUEST_TIMED_OUT));
        }
    }

    private static DeleteRecords.ResponsePartition refused(final Deletion deleted, final short errorCode) {
        return new DeleteRecords.ResponsePartition(deleted.partitionId(), -1, errorCode);
    }

    private static DeleteRecords.Response answer(
        final List<Deletion> entries, final List<DeleteRecords.ResponsePartition> results) {
        final List<DeleteRecords.ResponseTopic> answers = new ArrayList<>();
        for (int i = 0; i < entries.size(); i++) {
            if (answers.isEmpty() || !answers.get(answers.size() - 1).name().equals(entries.get(i).topic())) {
                answers.add(new DeleteRecords.ResponseTopic(entries.get(i).topic(), new ArrayList<>()));
            }
            answers.get(answers.size() - 1).partitions().add(results.get(i));
        }
        return new DeleteRecords.Response(answers);
    }

    void epochEnds(final OffsetForLeaderEpoch.Request request, final ReplySlot slot) {
        final List<OffsetForLeaderEpoch.ResponseTopic> answers = new ArrayList<>();
        NamedOnce.partitions(request.topics(), OffsetForLeaderEpoch.RequestTopic::name,
            OffsetForLeaderEpoch.RequestTopic::partitions, OffsetForLeaderEpoch.RequestPartition::partitionId)
            .forEach((name, asked) -> {
                final TopicView topic = topics.find(name);
                final List<OffsetForLeaderEpoch.ResponsePartition> partitions = new ArrayList<>();
                asked.forEach((id, partition) -> partitions.add(
                    partition == null ? error(id, KafkaErrors.INVALID_REQUEST) : epochEnd(topic, partition)));
                answers.add(new OffsetForLeaderEpoch.ResponseTopic(name, partitions));
            });
        slot.complete(LogCodec.encode(slot.apiVersion(), new OffsetForLeaderEpoch.Response(answers), slot));
    }

    private OffsetForLeaderEpoch.ResponsePartition epochEnd(
        final TopicView topic, final OffsetForLeaderEpoch.RequestPartition asked) {
        final int partition = asked.partitionId();
        if (topic == null || partition < 0 || partition >= topic.partitionCount()) {
            return error(partition, topics.unknownTopic(false));
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
        // committed or not, this log is the truth about its epochs: it has all that was committed, and is not cut
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
