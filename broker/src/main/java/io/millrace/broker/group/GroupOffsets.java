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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.Predicate;

/** Offsets that groups commit, ask for and forget. Owned by its coordinator. */
final class GroupOffsets {
    private final GroupConfiguration config;
    private final GroupClock clock;
    private final RecordSink sink;
    private final TopicCatalog topics;
    private final GroupAccount account;
    private int count;

    GroupOffsets(final GroupConfiguration config, final GroupClock clock, final RecordSink sink,
        final TopicCatalog topics, final GroupAccount account) {
        this.config = config;
        this.clock = clock;
        this.sink = sink;
        this.topics = topics;
        this.account = account;
    }

    /** {@return how many there are, of all groups} */
    int count() {
        return count;
    }

    List<OffsetCommit.ResponseTopic> commit(final Group group, final List<OffsetCommit.RequestTopic> asked) {
        final List<OffsetCommit.ResponseTopic> answers = new ArrayList<>();
        for (final OffsetCommit.RequestTopic topic : asked) {
            final UUID id = topic.name() == null ? topic.topicId() : topics.topicId(topic.name());
            final String name = id == null ? null : topics.topicName(id); // the catalog's, shared by all offsets
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
        if (metadata.length() > config.maxMetadataLength()) { // characters, as Kafka
            return OFFSET_METADATA_TOO_LARGE;
        }
        final OffsetKey key = new OffsetKey(topic, asked.partitionId());
        final Offset former = group.offsets.get(key);
        final Offset offset =
            new Offset(topicId, asked.offset(), asked.leaderEpoch(), metadata, clock.wallMs());
        if (former == null && count >= config.maxOffsetCount()
            || !account.hasRoom(GroupAccount.growth(former, offset))) {
            return POLICY_VIOLATION;
        }
        put(group, key, offset);
        sink.append(GroupRecords.offset(group.id, key, offset));
        group.offsetsNumber = sink.number();
        return NONE;
    }

    void put(final Group group, final OffsetKey key, final Offset offset) {
        final Offset former = group.offsets.put(key, offset);
        count += former == null ? 1 : 0;
        account.replace(former, offset);
    }

    void take(final Group group, final OffsetKey key) {
        final Offset former = group.offsets.remove(key);
        if (former != null) {
            count--;
            account.replace(former, null);
        }
    }

    private void remove(final Group group, final OffsetKey key) {
        take(group, key);
        sink.append(GroupRecords.noOffset(group.id, key));
        group.offsetsNumber = sink.number();
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

    /** {@return what was asked for, null when it is too much for one answer} */
    List<OffsetFetch.ResponseTopic> fetch(final Group group, final OffsetFetch.RequestGroup asked,
        final boolean isById, final AnswerBudget budget) {
        final List<OffsetFetch.ResponseTopic> answers =
            asked.topics() == null ? all(group, isById, budget) : some(group, asked.topics(), budget);
        return budget.isSpent() ? null : answers;
    }

    private List<OffsetFetch.ResponseTopic> all(final Group group, final boolean isById, final AnswerBudget budget) {
        final Map<String, List<OffsetFetch.ResponsePartition>> byTopic = new TreeMap<>();
        if (group != null) {
            group.offsets.forEach((key, offset) -> {
                if (isLive(key, offset) && budget.take(offset.metadata())) {
                    byTopic.computeIfAbsent(key.topic(), name -> new ArrayList<>())
                        .add(answer(key.partition(), offset));
                }
            });
        }
        final List<OffsetFetch.ResponseTopic> answers = new ArrayList<>();
        byTopic.forEach((name, partitions) -> {
            budget.take(name);
            answers.add(new OffsetFetch.ResponseTopic(name, isById ? topics.topicId(name) : null, partitions));
        });
        return answers;
    }

    /** Answers each partition once, however often it is asked for. */
    private List<OffsetFetch.ResponseTopic> some(
        final Group group, final List<OffsetFetch.RequestTopic> asked, final AnswerBudget budget) {
        final List<OffsetFetch.ResponseTopic> answers = new ArrayList<>();
        once(asked, topic -> new OffsetFetch.RequestTopic(topic.name(), topic.topicId(), List.of()),
            OffsetFetch.RequestTopic::partitionIds).forEach((topic, partitionIds) -> {
                final String name = topic.name() == null ? topics.topicName(topic.topicId()) : topic.name();
                budget.take(name);
                final List<OffsetFetch.ResponsePartition> partitions = new ArrayList<>();
                for (final int partition : partitionIds) {
                    final OffsetKey key = name == null ? null : new OffsetKey(name, partition);
                    final Offset offset = group == null || key == null ? null : group.offsets.get(key);
                    final boolean isThere = offset != null && isLive(key, offset);
                    if (!budget.take(isThere ? offset.metadata() : "")) {
                        return;
                    }
                    partitions.add(isThere ? answer(partition, offset)
                        : none(partition, name == null ? UNKNOWN_TOPIC_ID : NONE));
                }
                answers.add(new OffsetFetch.ResponseTopic(topic.name(), topic.topicId(), partitions));
            });
        return answers;
    }

    /** {@return the partitions of each topic, each once} */
    private static <T, K> Map<K, Set<Integer>> once(
        final List<T> asked, final Function<T, K> name, final Function<T, List<Integer>> partitionIds) {
        final Map<K, Set<Integer>> result = new LinkedHashMap<>();
        asked.forEach(topic -> result.computeIfAbsent(name.apply(topic), key -> new LinkedHashSet<>())
            .addAll(partitionIds.apply(topic)));
        return result;
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
        once(asked, OffsetDelete.RequestTopic::name, OffsetDelete.RequestTopic::partitionIds)
            .forEach((topic, partitionIds) -> {
                final List<OffsetDelete.ResponsePartition> partitions = new ArrayList<>();
                final boolean isInUse = isSubscribed.test(topic);
                final UUID topicId = topics.topicId(topic);
                for (final int partition : partitionIds) {
                    final OffsetKey key = new OffsetKey(topic, partition);
                    short error = isInUse ? GROUP_SUBSCRIBED_TO_TOPIC : NONE;
                    if (topicId == null || partition < 0 || partition >= topics.partitionCount(topicId)) {
                        error = UNKNOWN_TOPIC_OR_PARTITION;
                    } else if (!isInUse && group.offsets.containsKey(key)) {
                        remove(group, key);
                    }
                    partitions.add(new OffsetDelete.ResponsePartition(partition, error));
                }
                answers.add(new OffsetDelete.ResponseTopic(topic, partitions));
            });
        return answers;
    }
}
