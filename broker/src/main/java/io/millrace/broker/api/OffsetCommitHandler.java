package io.millrace.broker.api;

import io.millrace.broker.metadata.CommittedOffset;
import io.millrace.broker.metadata.MetadataCommand;
import io.millrace.broker.metadata.MetadataErrors;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.MetadataResult;
import io.millrace.broker.metadata.OffsetRules;
import io.millrace.broker.metadata.TopicInfo;
import io.millrace.engine.ErrorCodes;
import io.millrace.transport.kafka.codec.GroupCodec;
import io.millrace.transport.kafka.message.OffsetCommit;
import io.millrace.transport.kafka.server.ReplySlot;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * OffsetCommit of consumers that assign their partitions themselves. Answered when the quorum has the offsets. Owned by
 * the network thread.
 */
final class OffsetCommitHandler {
    private static final long TIMEOUT_NS = TimeUnit.SECONDS.toNanos(5);
    private static final long WARNING_INTERVAL_NS = TimeUnit.SECONDS.toNanos(10);

    private final Supplier<MetadataImage> images;
    private final QuorumCaller quorum;
    private final Consumer<String> warnings;
    private long nextWarningNs = Long.MIN_VALUE;

    OffsetCommitHandler(
        final Supplier<MetadataImage> images, final QuorumCaller quorum, final Consumer<String> warnings) {
        this.images = images;
        this.quorum = quorum;
        this.warnings = warnings;
    }

    void handle(final OffsetCommit.Request request, final ReplySlot slot, final long nowNs) {
        final Commit commit = new Commit(request, slot);
        slot.attach(commit);
        slot.expireAt(nowNs + TIMEOUT_NS);
        if (request.generationId() >= 0 || !request.memberId().isEmpty()) {
            commit.answerAll(KafkaErrors.UNKNOWN_MEMBER_ID);
        } else if (!OffsetRules.isGroupName(request.groupId())) {
            commit.answerAll(KafkaErrors.INVALID_GROUP_ID);
        } else {
            submit(commit, nowNs);
        }
        commit.completeIfDone();
    }

    private void submit(final Commit commit, final long nowNs) {
        final List<Entry> asked = new ArrayList<>();
        final List<CommittedOffset> offsets = new ArrayList<>();
        final MetadataImage image = images.get();
        for (final Entry entry : commit.entries) {
            final TopicInfo topic = image.topic(entry.topicName);
            final OffsetCommit.RequestPartition partition = entry.asked;
            final String metadata = partition.metadata() == null ? "" : partition.metadata();
            if (topic == null || partition.partitionId() < 0 || partition.partitionId() >= topic.partitionCount()) {
                entry.errorCode = ErrorCodes.UNKNOWN_TOPIC_OR_PARTITION;
            } else if (!OffsetRules.isMetadata(metadata)) {
                entry.errorCode = KafkaErrors.OFFSET_METADATA_TOO_LARGE;
            } else if (partition.offset() < 0) {
                entry.errorCode = KafkaErrors.INVALID_REQUEST;
            } else {
                entry.topic = topic;
                asked.add(entry);
                offsets.add(new CommittedOffset(
                    topic.id(), partition.partitionId(), partition.offset(), partition.leaderEpoch(), metadata));
            }
        }
        final List<MetadataCommand.CommitOffsets> commands =
            OffsetRules.commands(commit.request.groupId(), offsets);
        commit.openCount = commands.size();
        int from = 0;
        for (final MetadataCommand.CommitOffsets command : commands) {
            final List<Entry> entries = asked.subList(from, from + command.offsets().size());
            from += entries.size();
            quorum.call(command, (result) -> onAnswer(commit, entries, result, nowNs));
        }
    }

    private void onAnswer(
        final Commit commit, final List<Entry> entries, final MetadataResult result, final long askedNs) {
        final MetadataImage image = images.get();
        for (final Entry entry : entries) {
            if (!result.isOk()) {
                entry.errorCode = result.errorCode() == MetadataErrors.REQUEST_TIMED_OUT
                    ? KafkaErrors.COORDINATOR_NOT_AVAILABLE : result.errorCode();
            } else {
                // the quorum leaves out what was deleted meanwhile
                entry.errorCode = image.topic(entry.topic.id()) == null
                    ? ErrorCodes.UNKNOWN_TOPIC_OR_PARTITION : ErrorCodes.NONE;
            }
        }
        if (result.errorCode() == MetadataErrors.POLICY_VIOLATION && askedNs >= nextWarningNs) {
            nextWarningNs = askedNs + WARNING_INTERVAL_NS;
            warnings.accept("offset commit refused: " + result.message());
        }
        commit.openCount--;
        commit.completeIfDone();
    }

    /** One partition of a request. */
    private static final class Entry {
        private final String topicName;
        private final OffsetCommit.RequestPartition asked;
        private TopicInfo topic;
        private short errorCode = KafkaErrors.COORDINATOR_NOT_AVAILABLE;

        Entry(final String topicName, final OffsetCommit.RequestPartition asked) {
            this.topicName = topicName;
            this.asked = asked;
        }
    }

    /** One request. */
    private static final class Commit implements Deferred {
        private final OffsetCommit.Request request;
        private final ReplySlot slot;
        private final short version;
        private final List<Entry> entries = new ArrayList<>();
        private int openCount;
        private boolean completed;

        Commit(final OffsetCommit.Request request, final ReplySlot slot) {
            this.request = request;
            this.slot = slot;
            this.version = slot.apiVersion();
            for (final OffsetCommit.RequestTopic topic : request.topics()) {
                topic.partitions().forEach((partition) -> entries.add(new Entry(topic.name(), partition)));
            }
        }

        void answerAll(final short errorCode) {
            entries.forEach((entry) -> entry.errorCode = errorCode);
        }

        void completeIfDone() {
            if (!completed && openCount == 0) {
                complete();
            }
        }

        private void complete() {
            completed = true;
            final List<OffsetCommit.ResponseTopic> topics = new ArrayList<>();
            int next = 0;
            for (final OffsetCommit.RequestTopic topic : request.topics()) {
                final List<OffsetCommit.ResponsePartition> partitions = new ArrayList<>();
                for (int i = 0; i < topic.partitions().size(); i++, next++) {
                    final Entry entry = entries.get(next);
                    partitions.add(new OffsetCommit.ResponsePartition(entry.asked.partitionId(), entry.errorCode));
                }
                topics.add(new OffsetCommit.ResponseTopic(topic.name(), partitions));
            }
            slot.complete(GroupCodec.encode(version, new OffsetCommit.Response(topics), slot));
        }

        @Override
        public void onExpired(final ReplySlot expired) {
            complete();
        }
    }
}
