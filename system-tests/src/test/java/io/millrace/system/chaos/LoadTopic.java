package io.millrace.system.chaos;

import io.millrace.system.history.Guarantee;
import java.util.Map;

/** The topics that are written and read while a cluster is broken; their partitions are numbered through. */
enum LoadTopic {
    /** Idempotent producers. */
    IDEMPOTENT("chaos-idempotent", 6, 2, Guarantee.IDEMPOTENT, Map.of("acks", "all", "enable.idempotence", true)),
    /** acks=all with retries. */
    COMMITTED("chaos-committed", 3, 1, Guarantee.COMMITTED,
        Map.of("acks", "all", "enable.idempotence", false, "max.in.flight.requests.per.connection", 1)),
    /** acks=all without retries, so that a refusal is certain. */
    ONCE("chaos-once", 3, 1, Guarantee.COMMITTED, Map.of("acks", "all", "enable.idempotence", false,
        "max.in.flight.requests.per.connection", 1, "retries", 0, "delivery.timeout.ms", 6_000)),
    /** acks=1. */
    LEADER("chaos-leader", 3, 1, Guarantee.LEADER,
        Map.of("acks", "1", "enable.idempotence", false, "max.in.flight.requests.per.connection", 1));

    final String topic;
    final int partitionCount;
    final int producerCount;
    final Guarantee guarantee;
    final Map<String, Object> settings;

    LoadTopic(final String topic, final int partitionCount, final int producerCount, final Guarantee guarantee,
        final Map<String, Object> settings) {
        this.topic = topic;
        this.partitionCount = partitionCount;
        this.producerCount = producerCount;
        this.guarantee = guarantee;
        this.settings = settings;
    }

    int firstPartition() {
        int first = 0;
        for (int i = 0; i < ordinal(); i++) {
            first += values()[i].partitionCount;
        }
        return first;
    }

    static int allPartitions() {
        final LoadTopic last = values()[values().length - 1];
        return last.firstPartition() + last.partitionCount;
    }

    /** {@return the topic of a number, or null for a topic that is not one of these} */
    static LoadTopic of(final String topic) {
        for (final LoadTopic one : values()) {
            if (one.topic.equals(topic)) {
                return one;
            }
        }
        return null;
    }
}
