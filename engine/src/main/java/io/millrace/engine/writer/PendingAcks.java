package io.millrace.engine.writer;

import java.util.Arrays;
import org.agrona.BitUtil;

/**
 * Batches whose acks wait for a mark to pass the end of their frame, in the order of these ends. Owned by the engine
 * thread.
 *
 * <p>Grows by doubling up to its capacity, so a shard that never has many waiting does not pay for them.
 */
final class PendingAcks {
    private static final int INITIAL_COUNT = 1024;

    private final int capacity;
    private long[] endPositions;
    private long[] replyIds;
    private long[] baseOffsets;
    private int[] partitionIds;
    private int head;
    private int count;

    PendingAcks(final int capacity) {
        if (!BitUtil.isPowerOfTwo(capacity)) {
            throw new IllegalArgumentException("pending acks capacity must be a power of two: capacity=" + capacity);
        }
        this.capacity = capacity;
        final int length = Math.min(capacity, INITIAL_COUNT);
        endPositions = new long[length];
        replyIds = new long[length];
        baseOffsets = new long[length];
        partitionIds = new int[length];
    }

    int room() {
        return capacity - count;
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** Adds one; when its end lies before the newest one's it waits for that one, never for less than it asked. */
    void add(final long endPosition, final long replyId, final long baseOffset, final int partitionId) {
        if (count == endPositions.length) {
            grow();
        }
        final int mask = endPositions.length - 1;
        final int tail = head + count & mask;
        final long newest = count == 0 ? endPosition : endPositions[tail - 1 & mask];
        endPositions[tail] = Math.max(endPosition, newest);
        replyIds[tail] = replyId;
        baseOffsets[tail] = baseOffset;
        partitionIds[tail] = partitionId;
        count++;
    }

    boolean isDue(final long position) {
        return count > 0 && endPositions[head] <= position;
    }

    long replyId() {
        return replyIds[head];
    }

    long baseOffset() {
        return baseOffsets[head];
    }

    int partitionId() {
        return partitionIds[head];
    }

    void remove() {
        head = head + 1 & endPositions.length - 1;
        count--;
    }

    private void grow() {
        final int length = endPositions.length;
        if (length == capacity) {
            throw new IllegalStateException("more pending acks than capacity=" + capacity);
        }
        endPositions = unrolled(endPositions);
        replyIds = unrolled(replyIds);
        baseOffsets = unrolled(baseOffsets);
        final int[] ids = Arrays.copyOf(partitionIds, length * 2);
        System.arraycopy(partitionIds, head, ids, 0, length - head);
        System.arraycopy(partitionIds, 0, ids, length - head, head);
        partitionIds = ids;
        head = 0;
    }

    private long[] unrolled(final long[] full) {
        final long[] grown = new long[full.length * 2];
        System.arraycopy(full, head, grown, 0, full.length - head);
        System.arraycopy(full, 0, grown, full.length - head, head);
        return grown;
    }
}
