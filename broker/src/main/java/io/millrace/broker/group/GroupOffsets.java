package io.millrace.broker.group;

import static io.millrace.broker.group.GroupErrors.GROUP_SUBSCRIBED_TO_TOPIC;
import static io.millrace.broker.group.GroupErrors.NONE;
import static io.millrace.broker.group.GroupErrors.OFFSET_METADATA_TOO_LARGE;
import static io.millrace.broker.group.GroupErrors.POLICY_VIOLATION;
import static io.millrace.broker.group.GroupErrors.UNKNOWN_TOPIC_ID;
import static io.millrace.broker.group.GroupErrors.UNKNOWN_TOPIC_OR_PARTITION;

import io.millrace.transport.kafka.message.OffsetCommit;
import io.millrace.transport.kafka.message.OffsetDelete;
import io.millrace.transport.kafka.message.OffsetFetch;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.BiPredicate;
import java.util.function.Predicate;

/** Offsets that groups commit, ask for and forget. Owned by its coordinator. */
final class GroupOffsets {
    private final GroupConfiguration config;
    private final GroupClock clock;
    private final RecordSink sink;
    private final TopicCatalog topics;
    private int count;

    GroupOffsets(final GroupConfiguration config, final GroupClock clock, final RecordSink sink,
        final TopicCatalog topics) {
        this.config = config;
        this.clock = clock;
        this.sink = sink;
        this.topics = topics;
    }

    /** {@return how many there are, of all groups} */
    int count() {
        return count;
    }

    List<OffsetCommit.ResponseTopic> commit(final Group group, final List<OffsetCommit.RequestTopic> asked) {
        final List<OffsetCommit.ResponseTopic> answers = new ArrayList<>();
        for (final OffsetCommit.RequestTopic topic : asked) {
            final UUID id = topic.name() == null ? topic.topicId() : topics.topicId(topic.name());
            final String name = topic.name() == null ? topics.topicName(topic.topicId()) : topic.name();
            final List<OffsetCommit.ResponsePartition> partitions = new ArrayList<>();
            for (final OffsetCommit.RequestPartition partition : topic.partitions()) {
                final short missing = topic.name() == null ? UNKNOWN_TOPIC_ID : UNKNOWN_TOPIC_OR_PARTITION;
                partitions.add(new OffsetCommit.ResponsePartition(partition.partitionId(),
                    id == null || name == null ? missing : commit(group, name, id, partition)));
            }
            answers.add(new OffsetCommit.ResponseTopic(topic.name(), topic.topicId(), partitions));
        }
        return answers;
    }

    /** As Kafka, takes any number for an offset: kafkajs resets groups to -1 (latest) and -2 (earliest). */
    private short commit(final Group group, final String topic, final UUID topicId,
        final OffsetCommit.RequestPartition asked) {
        final String metadata = asked.metadata() == null ? "" : asked.metadata();
        if (asked.partitionId() < 0 || asked.partitionId() >= topics.partitionCount(topicId)) {
            return UNKNOWN_TOPIC_OR_PARTITION;
        }
        if (metadata.length() > config.maxMetadataLength()
            || metadata.getBytes(StandardCharsets.UTF_8).length > config.maxMetadataLength()) {
            return OFFSET_METADATA_TOO_LARGE;
        }
        final OffsetKey key = new OffsetKey(topic, asked.partitionId());
        if (count >= config.maxOffsetCount() && !group.offsets.containsKey(key)) {
            return POLICY_VIOLATION;
        }
        final Offset offset =
            new Offset(topicId, asked.offset(), asked.leaderEpoch(), metadata, clock.wallMs());
        put(group, key, offset);
        sink.append(GroupRecords.offset(group.id, key, offset));
        return NONE;
    }

    void put(final Group group, final OffsetKey key, final Offset offset) {
        if (group.offsets.put(key, offset) == null) {
            count++;
        }
    }

    void take(final Group group, final OffsetKey key) {
        if (group.offsets.remove(key) != null) {
            count--;
        }
    }

    private void remove(final Group group, final OffsetKey key) {
        take(group, key);
        sink.append(GroupRecords.noOffset(group.id, key));
    }

    /** Forgets those that the test names. {@return how many} */
    int removeIf(final Group group, final BiPredicate<OffsetKey, Offset> test) {
        final List<OffsetKey> dead = new ArrayList<>();
        group.offsets.forEach((key, offset) -> {
            if (test.test(key, offset)) {
                dead.add(key);
            }
        });
        dead.forEach(key -> remove(group, key));
        return dead.size();
    }

    /** {@return whether an offset is of the topic that has its name now} */
    boolean isLive(final OffsetKey key, final Offset offset) {
        return offset.topicId().equals(topics.topicId(key.topic()));
    }

    List<OffsetFetch.ResponseTopic> fetch(final Group group, final OffsetFetch.RequestGroup asked,
        final boolean isById) {
        return asked.topics() == null ? all(group, isById) : some(group, asked.topics());
    }

    private List<OffsetFetch.ResponseTopic> all(final Group group, final boolean isById) {
        final Map<String, List<OffsetFetch.ResponsePartition>> byTopic = new TreeMap<>();
        if (group != null) {
            group.offsets.forEach((key, offset) -> {
                if (isLive(key, offset)) {
                    byTopic.computeIfAbsent(key.topic(), name -> new ArrayList<>())
                        .add(answer(key.partition(), offset));
                }
            });
        }
        final List<OffsetFetch.ResponseTopic> answers = new ArrayList<>();
        byTopic.forEach((name, partitions) -> answers.add(
            new OffsetFetch.ResponseTopic(name, isById ? topics.topicId(name) : null, partitions)));
        return answers;
    }

    private List<OffsetFetch.ResponseTopic> some(
        final Group group, final List<OffsetFetch.RequestTopic> asked) {
        final List<OffsetFetch.ResponseTopic> answers = new ArrayList<>();
        for (final OffsetFetch.RequestTopic topic : asked) {
            final String name = topic.name() == null ? topics.topicName(topic.topicId()) : topic.name();
            final List<OffsetFetch.ResponsePartition> partitions = new ArrayList<>();
            for (final int partition : topic.partitionIds()) {
                final OffsetKey key = name == null ? null : new OffsetKey(name, partition);
                final Offset offset = group == null || key == null ? null : group.offsets.get(key);
                if (name == null) {
                    partitions.add(none(partition, UNKNOWN_TOPIC_ID));
                } else {
                    partitions.add(offset == null || !isLive(key, offset)
                        ? none(partition, NONE) : answer(partition, offset));
                }
            }
            answers.add(new OffsetFetch.ResponseTopic(topic.name(), topic.topicId(), partitions));
        }
        return answers;
    }

    private static OffsetFetch.ResponsePartition answer(final int partition, final Offset offset) {
        return new OffsetFetch.ResponsePartition(
            partition, offset.offset(), offset.leaderEpoch(), offset.metadata(), NONE);
    }

    static OffsetFetch.ResponsePartition none(final int partition, final short error) {
        return new OffsetFetch.ResponsePartition(partition, -1, -1, "", error);
    }

    List<OffsetDelete.ResponseTopic> delete(final Group group, final List<OffsetDelete.RequestTopic> asked,
        final Predicate<String> isSubscribed) {
        final List<OffsetDelete.ResponseTopic> answers = new ArrayList<>();
        for (final OffsetDelete.RequestTopic topic : asked) {
            final List<OffsetDelete.ResponsePartition> partitions = new ArrayList<>();
            final boolean isInUse = isSubscribed.test(topic.name());
            for (final int partition : Set.copyOf(topic.partitionIds())) {
                final OffsetKey key = new OffsetKey(topic.name(), partition);
                final UUID topicId = topics.topicId(topic.name());
                short error = isInUse ? GROUP_SUBSCRIBED_TO_TOPIC : NONE;
                if (topicId == null || partition < 0 || partition >= topics.partitionCount(topicId)) {
                    error = UNKNOWN_TOPIC_OR_PARTITION;
                } else if (!isInUse && group.offsets.containsKey(key)) {
                    remove(group, key);
                }
                partitions.add(new OffsetDelete.ResponsePartition(partition, error));
            }
            answers.add(new OffsetDelete.ResponseTopic(topic.name(), partitions));
        }
        return answers;
    }
}
