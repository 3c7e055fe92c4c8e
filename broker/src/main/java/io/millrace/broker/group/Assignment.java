package io.millrace.broker.group;

import io.millrace.transport.kafka.message.ConsumerGroupHeartbeat;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/** A set of partitions, by topic id. Changed only by whoever makes it, before it is shared. */
record Assignment(TreeMap<UUID, TreeSet<Integer>> byTopic) {
    /** Called for each partition. */
    @FunctionalInterface
    interface Visitor {
        void onPartition(UUID topicId, int partition);
    }

    Assignment() {
        this(new TreeMap<>());
    }

    static Assignment of(final List<ConsumerGroupHeartbeat.TopicPartitions> topics) {
        final Assignment result = new Assignment();
        topics.forEach(topic -> topic.partitionIds().forEach(partition -> result.add(topic.topicId(), partition)));
        return result;
    }

    void add(final UUID topicId, final int partition) {
        byTopic.computeIfAbsent(topicId, id -> new TreeSet<>()).add(partition);
    }

    void remove(final UUID topicId, final int partition) {
        final TreeSet<Integer> partitions = byTopic.get(topicId);
        if (partitions != null && partitions.remove(partition) && partitions.isEmpty()) {
            byTopic.remove(topicId);
        }
    }

    boolean has(final UUID topicId, final int partition) {
        final TreeSet<Integer> partitions = byTopic.get(topicId);
        return partitions != null && partitions.contains(partition);
    }

    boolean isEmpty() {
        return byTopic.isEmpty();
    }

    int count() {
        return byTopic.values().stream().mapToInt(TreeSet::size).sum();
    }

    void forEach(final Visitor visitor) {
        byTopic.forEach((topicId, partitions) ->
            partitions.forEach(partition -> visitor.onPartition(topicId, partition)));
    }

    boolean hasAnyOf(final Assignment other) {
        for (final Map.Entry<UUID, TreeSet<Integer>> topic : other.byTopic.entrySet()) {
            for (final int partition : topic.getValue()) {
                if (has(topic.getKey(), partition)) {
                    return true;
                }
            }
        }
        return false;
    }

    boolean hasAllOf(final Assignment other) {
        for (final Map.Entry<UUID, TreeSet<Integer>> topic : other.byTopic.entrySet()) {
            final TreeSet<Integer> partitions = byTopic.get(topic.getKey());
            if (partitions == null || !partitions.containsAll(topic.getValue())) {
                return false;
            }
        }
        return true;
    }

    List<ConsumerGroupHeartbeat.TopicPartitions> toMessage() {
        final List<ConsumerGroupHeartbeat.TopicPartitions> result = new ArrayList<>(byTopic.size());
        byTopic.forEach((topicId, partitions) ->
            result.add(new ConsumerGroupHeartbeat.TopicPartitions(topicId, List.copyOf(partitions))));
        return result;
    }
}
