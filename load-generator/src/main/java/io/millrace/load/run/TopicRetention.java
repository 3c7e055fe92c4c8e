package io.millrace.load.run;

import java.util.Map;

/**
 * What a topic keeps at least; immutable.
 *
 * @param bytes of each partition, below 0 without a limit
 * @param ms    after which a record may go, below 0 without a limit
 */
record TopicRetention(long bytes, long ms) {
    private static final long NS_PER_MS = 1_000_000L;
    /** As if it kept nothing: a broker's own default may be short, and a user may not be allowed to see it. */
    private static final long UNKNOWN = 0;
    /** Key, headers and a batch for each record: more than that none has. */
    private static final long MAX_OVERHEAD_LENGTH = 512;

    /**
     * {@return the retention of a topic; what neither says may be any, so nothing is sure to be kept}
     *
     * @param asked configuration it was created with, by Kafka's keys
     * @param told  configuration as the cluster tells it, with what comes from its defaults
     */
    static TopicRetention of(final Map<String, String> asked, final Map<String, String> told) {
        return new TopicRetention(limit("retention.bytes", asked, told), limit("retention.ms", asked, told));
    }

    private static long limit(final String key, final Map<String, String> asked, final Map<String, String> told) {
        final String value = told.get(key) != null ? told.get(key) : asked.get(key);
        try {
            return value == null ? UNKNOWN : Long.parseLong(value.strip());
        } catch (final NumberFormatException ex) {
            return UNKNOWN;
        }
    }

    /**
     * {@return true if a partition can have lost its first records to it}
     *
     * @param recordCount that the partition has taken
     * @param maxLength   of a record's value
     * @param ageNs       of the topic
     */
    boolean canHaveDeleted(final long recordCount, final int maxLength, final long ageNs) {
        return bytes >= 0 && recordCount * (maxLength + MAX_OVERHEAD_LENGTH) >= bytes
            || ms >= 0 && ageNs / NS_PER_MS >= ms;
    }
}
