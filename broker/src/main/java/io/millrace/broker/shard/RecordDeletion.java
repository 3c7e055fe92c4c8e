package io.millrace.broker.shard;

/**
 * Deletes the oldest records of partitions that this node leads: moves a partition's log start, and says so once that
 * holds on every in-sync replica. Any thread.
 */
@FunctionalInterface
public interface RecordDeletion {
    /** Asks for everything below the high watermark. */
    long HIGH_WATERMARK = -1;

    /** Hears how it went. */
    @FunctionalInterface
    interface Handler {
        /**
         * The end of it; on the engine thread, which must not be kept.
         *
         * @param errorCode      Kafka's: NONE, NOT_LEADER_OR_FOLLOWER, OFFSET_OUT_OF_RANGE, KAFKA_STORAGE_ERROR,
         *                       REQUEST_TIMED_OUT
         * @param logStartOffset the partition's first offset now, -1 with an error
         */
        void onResult(short errorCode, long logStartOffset);
    }

    /**
     * Deletes what lies before an offset.
     *
     * @param shardId     of the partition
     * @param partitionId its id within the shard
     * @param offset      first to keep, or {@link #HIGH_WATERMARK}
     * @param timeoutNs   how long the in-sync replicas may take; the log start has moved here when it runs out
     * @param handler     called exactly once, if this returns true
     * @return false when too many deletions wait: try again later
     */
    boolean delete(int shardId, int partitionId, long offset, long timeoutNs, Handler handler);
}
