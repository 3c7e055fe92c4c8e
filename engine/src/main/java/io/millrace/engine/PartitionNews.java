package io.millrace.engine;

import java.util.function.IntConsumer;

/**
 * Tells which of the watched partitions of a shard were written to, so that whoever waits for one need not look at all.
 * Used by one network thread.
 */
public interface PartitionNews {
    /** Of a log that nobody waits for. */
    PartitionNews NONE = new PartitionNews() {
        @Override
        public void watch(final int partitionId) {
            // there will be none
        }

        @Override
        public int take(final IntConsumer consumer) {
            return 0;
        }
    };

    /**
     * Watches a partition until it is written to; without effect while it is watched. What was written before is told
     * by the log's end, if it is looked at after this.
     *
     * @param partitionId id within the shard
     */
    void watch(int partitionId);

    /**
     * Hands over the watched partitions that were written to; they are watched no more. What was written need not be
     * committed yet.
     *
     * @param consumer takes each partition's id within the shard
     * @return how many
     */
    int take(IntConsumer consumer);
}
