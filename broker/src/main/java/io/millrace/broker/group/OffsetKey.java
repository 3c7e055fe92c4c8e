package io.millrace.broker.group;

/** One partition of a topic, by name; sorted by topic. */
record OffsetKey(String topic, int partition) implements Comparable<OffsetKey> {
    @Override
    public int compareTo(final OffsetKey other) {
        final int order = topic.compareTo(other.topic);
        return order == 0 ? Integer.compare(partition, other.partition) : order;
    }
}
