package io.millrace.broker.metadata;

import java.util.UUID;

/**
 * How far a consumer group has come in one partition.
 *
 * @param topicId     of the topic
 * @param partition   number within the topic
 * @param offset      the next record to read, not negative
 * @param leaderEpoch of the last record read, -1 when unknown
 * @param metadata    the client's own words, maybe empty, never null
 */
public record CommittedOffset(UUID topicId, int partition, long offset, int leaderEpoch, String metadata) {
    Key key() {
        return new Key(topicId, partition);
    }

    /** Which partition; ordered, so that every walk gives the same order everywhere. */
    record Key(UUID topicId, int partition) implements Comparable<Key> {
        @Override
        public int compareTo(final Key other) {
            final int byTopic = topicId.compareTo(other.topicId);
            return byTopic != 0 ? byTopic : Integer.compare(partition, other.partition);
        }
    }
}
