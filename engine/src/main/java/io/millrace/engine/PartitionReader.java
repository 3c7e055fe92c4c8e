package io.millrace.engine;

import io.millrace.engine.io.LogFile;

/**
 * Reads batches of one shard by partition and offset. Each network thread has its own; not shared between threads.
 *
 * <p>A found batch stays readable (its segment is neither deleted nor recycled) until {@link #release()}.
 */
public interface PartitionReader {
    /** {@link #read} cannot hand over the batch asked for: its frame's header or its index is damaged, or the disk. */
    int DAMAGED = -1;

    /** Takes one found batch at a time, in offset order. */
    @FunctionalInterface
    interface BatchHandler {
        /**
         * One batch.
         *
         * @param file       the file that holds it
         * @param fileOffset where the batch (not its frame header) begins in the file
         * @param length     of the whole batch in bytes
         * @param baseOffset offset of its first record
         * @param nextOffset offset after its last record
         * @return false to stop before the next one; this one counts as taken
         */
        boolean onBatch(LogFile file, long fileOffset, int length, long baseOffset, long nextOffset);
    }

    /**
     * {@return first offset kept, -1 when the partition is not in this shard}
     *
     * @param partitionId id within the shard
     */
    long logStartOffset(int partitionId);

    /**
     * {@return offset after the last record written, -1 when the partition is not in this shard}
     *
     * @param partitionId id within the shard
     */
    long logEndOffset(int partitionId);

    /**
     * {@return offset after the last record whose frame ends at or below the shard's committed mark}
     *
     * @param partitionId id within the shard
     */
    long highWatermark(int partitionId);

    /**
     * {@return the largest leader epoch up to this one that the log knows of, -1 when all it knows are larger}
     *
     * @param epoch a leader epoch, known here or not
     */
    int epochUpTo(int epoch);

    /**
     * {@return offset after a partition's last record of this epoch or an earlier one, the log end for the newest; -1
     * when the partition is not in this shard}
     *
     * @param partitionId id within the shard
     * @param epoch       a leader epoch that the log knows of
     */
    long epochEndOffset(int partitionId, int epoch);

    /**
     * {@return bytes of a partition's batches in the segments that are kept, also of those below the log start}
     *
     * @param partitionId id within the shard
     */
    default long batchesLength(final int partitionId) {
        return 0;
    }

    /**
     * Hands over batches from the one that contains an offset on, up to the high watermark.
     *
     * @param partitionId id within the shard
     * @param offset      first offset wanted, between log start and log end
     * @param maxLength   stop once this many bytes were handed over; the first batch counts whatever its length
     * @param handler     takes each batch
     * @return bytes handed over, {@link #DAMAGED} when not even the first batch could be; the error handler has heard
     *     of it then
     */
    int read(int partitionId, long offset, int maxLength, BatchHandler handler);

    /**
     * {@return largest timestamp of the partition's batches below the high watermark, by what they say of themselves;
     * Long.MIN_VALUE without any}
     *
     * @param partitionId id within the shard
     */
    long maxTimestampMs(int partitionId);

    /**
     * The first batch that may hold a record with this timestamp or a later one (by its largest timestamp).
     *
     * @param partitionId id within the shard
     * @param timestampMs milliseconds since the epoch
     * @param fromOffset  batches that end at or before it do not count
     * @param handler     takes the batch, if there is one
     * @return whether there is one below the high watermark
     */
    boolean findByTimestamp(int partitionId, long timestampMs, long fromOffset, BatchHandler handler);

    /** Lets go of every segment that handed-over batches pinned. */
    void release();
}
