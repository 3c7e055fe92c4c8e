package io.millrace.engine.index;

import java.io.IOException;

/**
 * The batches of one segment by partition, each partition's in offset order, which is position order too. Any thread
 * reads, as long as it pins the segment.
 */
public interface SegmentIndex {
    /** Takes what a segment holds of each partition. */
    @FunctionalInterface
    interface PartitionVisitor {
        /**
         * One partition that has batches in the segment.
         *
         * @param partitionId id within the shard
         * @param firstOffset base offset of its first batch here
         * @param nextOffset  offset after its last record here
         * @param length      of its batches here, bytes
         * @return false to stop
         */
        boolean onPartition(int partitionId, long firstOffset, long nextOffset, long length);
    }

    /**
     * {@return number of batches of a partition}
     *
     * @param partitionId id within the shard
     */
    int entryCount(int partitionId);

    /**
     * {@return base offset of a partition's first batch, -1 when it has none}
     *
     * @param partitionId id within the shard
     */
    long firstOffset(int partitionId);

    /**
     * {@return offset after a partition's last record, -1 when it has none}
     *
     * @param partitionId id within the shard
     */
    long nextOffset(int partitionId);

    /**
     * {@return bytes of a partition's batches}
     *
     * @param partitionId id within the shard
     */
    long batchesLength(int partitionId);

    /**
     * {@return largest timestamp of a partition's batches, Long.MIN_VALUE when it has none}
     *
     * @param partitionId id within the shard
     */
    long maxTimestampMs(int partitionId);

    /**
     * Reads one entry.
     *
     * @param partitionId id within the shard
     * @param entryIndex  from 0 to below {@link #entryCount}
     * @param target      filled
     * @throws IOException when the index file cannot be read
     */
    void load(int partitionId, int entryIndex, IndexEntry target) throws IOException;

    /**
     * Visits the partitions that have batches here, until the visitor stops.
     *
     * @param visitor takes each
     */
    void forEachPartition(PartitionVisitor visitor);

    /**
     * {@return index of a partition's first entry whose last record is at or behind an offset; the entry count when
     * there is none}
     *
     * @param partitionId id within the shard
     * @param offset      wanted
     * @param scratch     overwritten
     * @throws IOException when the index file cannot be read
     */
    default int firstEntryEndingAfterOffset(final int partitionId, final long offset, final IndexEntry scratch)
        throws IOException {
        int low = 0;
        int high = entryCount(partitionId);
        while (low < high) {
            final int middle = (low + high) >>> 1;
            load(partitionId, middle, scratch);
            if (scratch.nextOffset() > offset) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    /**
     * {@return index of a partition's first entry whose frame begins at or behind a position; the entry count when
     * there is none}
     *
     * @param partitionId id within the shard
     * @param position    wanted
     * @param scratch     overwritten
     * @throws IOException when the index file cannot be read
     */
    default int firstEntryFromPosition(final int partitionId, final long position, final IndexEntry scratch)
        throws IOException {
        int low = 0;
        int high = entryCount(partitionId);
        while (low < high) {
            final int middle = (low + high) >>> 1;
            load(partitionId, middle, scratch);
            if (scratch.position() >= position) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }
}
