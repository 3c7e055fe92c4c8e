package io.millrace.broker.api;

import io.millrace.broker.metadata.CommittedOffset;
import io.millrace.broker.metadata.MetadataCommand;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.MetadataResult;
import io.millrace.broker.metadata.OffsetRules;
import io.millrace.broker.metadata.TopicInfo;
import io.millrace.engine.ErrorCodes;
import io.millrace.transport.kafka.codec.GroupCodec;
import io.millrace.transport.kafka.message.OffsetFetch;
import io.millrace.transport.kafka.server.ReplySlot;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * OffsetFetch. Asks the quorum before it answers, so that it sees whatever was committed before through any broker.
 * Owned by the network thread.
 */
final class OffsetFetchHandler {
    private static final long TIMEOUT_NS = TimeUnit.SECONDS.toNanos(5);
    private static final int MIN_VERSION_WITH_ERROR = 2;
    private static final long NO_OFFSET = -1;
    private static final int NO_EPOCH = -1;

    private final Supplier<MetadataImage> images;
    private final QuorumCaller quorum;

    OffsetFetchHandler(final Supplier<MetadataImage> images, final QuorumCaller quorum) {
        this.images = images;
        this.quorum = quorum;
    }

    void handle(final OffsetFetch.Request request, final ReplySlot slot, final long nowNs) {
        final Lookup lookup = new Lookup(request, slot);
        slot.attach(lookup);
        slot.expireAt(nowNs + TIMEOUT_NS);
        if (!OffsetRules.isGroupName(request.groupId())) {
            lookup.refuse(KafkaErrors.INVALID_GROUP_ID);
        } else {
            quorum.call(new MetadataCommand.CommitOffsets(request.groupId(), List.of()),
                (result) -> onAnswer(lookup, result));
        }
    }

    private void onAnswer(final Lookup lookup, final MetadataResult result) {
        if (lookup.completed) {
            return;
        }
        if (result.isOk()) {
            lookup.complete(ErrorCodes.NONE, found(lookup.request, images.get()));
        } else {
            lookup.refuse(KafkaErrors.COORDINATOR_NOT_AVAILABLE);
        }
    }

    private static List<OffsetFetch.ResponseTopic> found(
        final OffsetFetch.Request request, final MetadataImage image) {
        return request.topics() == null ? all(request.groupId(), image) : asked(request, image);
    }

    private static List<OffsetFetch.ResponseTopic> asked(
        final OffsetFetch.Request request, final MetadataImage image) {
        final List<OffsetFetch.ResponseTopic> answers = new ArrayList<>();
        for (final OffsetFetch.RequestTopic asked : request.topics()) {
            final TopicInfo topic = image.topic(asked.name());
            final List<OffsetFetch.ResponsePartition> partitions = new ArrayList<>();
            for (final int partition : asked.partitionIds()) {
                final CommittedOffset offset =
                    topic == null ? null : image.committedOffset(request.groupId(), topic.id(), partition);
                partitions.add(offset == null ? none(partition, ErrorCodes.NONE) : some(offset));
            }
            answers.add(new OffsetFetch.ResponseTopic(asked.name(), partitions));
        }
        return answers;
    }

    private static List<OffsetFetch.ResponseTopic> all(final String group, final MetadataImage image) {
        final Map<String, List<OffsetFetch.ResponsePartition>> byTopic = new TreeMap<>();
        for (final CommittedOffset offset : image.committedOffsets(group)) {
            byTopic.computeIfAbsent(image.topic(offset.topicId()).name(), (name) -> new ArrayList<>())
                .add(some(offset));
        }
        final List<OffsetFetch.ResponseTopic> answers = new ArrayList<>();
        byTopic.forEach((name, partitions) -> answers.add(new OffsetFetch.ResponseTopic(name, partitions)));
        return answers;
    }

    private static OffsetFetch.ResponsePartition some(final CommittedOffset offset) {
        return new OffsetFetch.ResponsePartition(
            offset.partition(), offset.offset(), offset.leaderEpoch(), offset.metadata(), ErrorCodes.NONE);
    }

    private static OffsetFetch.ResponsePartition none(final int partition, final short errorCode) {
        return new OffsetFetch.ResponsePartition(partition, NO_OFFSET, NO_EPOCH, "", errorCode);
    }

    /** One request. */
    private static final class Lookup implements Deferred {
        private final OffsetFetch.Request request;
        private final ReplySlot slot;
        private final short version;
        private boolean completed;

        Lookup(final OffsetFetch.Request request, final ReplySlot slot) {
            this.request = request;
            this.slot = slot;
            this.version = slot.apiVersion();
        }

        void complete(final short errorCode, final List<OffsetFetch.ResponseTopic> topics) {
            completed = true;
            slot.complete(GroupCodec.encode(version, new OffsetFetch.Response(errorCode, topics), slot));
        }

        /** Says the error where this version has room for it: for all, or for each partition. */
        void refuse(final short errorCode) {
            final List<OffsetFetch.ResponseTopic> answers = new ArrayList<>();
            if (version < MIN_VERSION_WITH_ERROR && request.topics() != null) {
                for (final OffsetFetch.RequestTopic topic : request.topics()) {
                    answers.add(new OffsetFetch.ResponseTopic(topic.name(),
                        topic.partitionIds().stream().map((partition) -> none(partition, errorCode)).toList()));
                }
            }
            complete(errorCode, answers);
        }

        @Override
        public void onExpired(final ReplySlot expired) {
            refuse(KafkaErrors.COORDINATOR_NOT_AVAILABLE);
        }
    }
}
