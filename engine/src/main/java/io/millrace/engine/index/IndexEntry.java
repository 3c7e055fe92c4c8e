package io.millrace.engine.index;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * One batch as an index knows it, filled by {@link SegmentIndex#load}. Owned by the thread that reads; reused.
 *
 * <p>It carries a block of entries of the index file read last, so that going through a sealed index costs one read per
 * block.
 */
public final class IndexEntry {
    static final int LONGS = 4;
    /** Length of an entry in memory and in the file. */
    static final int LENGTH = LONGS * Long.BYTES;
    static final int BLOCK_ENTRY_COUNT = 64;

    final ByteBuffer block = ByteBuffer.allocateDirect(BLOCK_ENTRY_COUNT * LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    SealedIndex blockOwner;
    int blockFirstEntry;
    int blockEntryCount;

    private long baseOffset;
    private long position;
    private long countAndLength;
    private long maxTimestampMs;

    void set(final long newBaseOffset, final long newPosition, final long newCountAndLength, final long newMaxMs) {
        baseOffset = newBaseOffset;
        position = newPosition;
        countAndLength = newCountAndLength;
        maxTimestampMs = newMaxMs;
    }

    static long pack(final long count, final int batchLength) {
        return count << Integer.SIZE | batchLength;
    }

    static long count(final long countAndLength) {
        return countAndLength >>> Integer.SIZE;
    }

    /** {@return offset of the first record} */
    public long baseOffset() {
        return baseOffset;
    }

    /** {@return offset after the last record} */
    public long nextOffset() {
        return baseOffset + count(countAndLength);
    }

    /** {@return position of the frame} */
    public long position() {
        return position;
    }

    /** {@return length of the whole batch in bytes, without the frame header} */
    public int batchLength() {
        return (int) countAndLength;
    }

    /** {@return largest timestamp in the batch} */
    public long maxTimestampMs() {
        return maxTimestampMs;
    }
}
