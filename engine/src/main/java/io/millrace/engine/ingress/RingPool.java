package io.millrace.engine.ingress;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.ManyToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;

/**
 * The rings of all shards that a broker leads, within a budget. A ring that is given back is kept for the next shard:
 * its memory is never unmapped, since a gauge may still be looking at it. Owned by the engine thread; the counts are
 * for any thread.
 */
public final class RingPool {
    private static final int PAGE_LENGTH = 4096;

    private final int capacity;
    private final long maxCount;
    private final ArrayDeque<ManyToOneRingBuffer> idle = new ArrayDeque<>();
    private volatile int liveCount;
    private volatile int idleCount;

    /**
     * A pool without memory.
     *
     * @param capacity     of each ring, a power of two
     * @param budgetLength memory for all rings, bytes; at least one ring is given out
     */
    public RingPool(final int capacity, final long budgetLength) {
        RingIngress.checkCapacity(capacity);
        this.capacity = capacity;
        maxCount = Math.max(1, budgetLength / capacity);
    }

    /**
     * {@return a pool without a bound, for a log on its own}
     *
     * @param capacity of each ring, a power of two
     */
    public static RingPool unbounded(final int capacity) {
        return new RingPool(capacity, Long.MAX_VALUE);
    }

    /** {@return capacity of each ring, bytes} */
    public int capacity() {
        return capacity;
    }

    /** {@return rings that are in use; any thread} */
    public int liveCount() {
        return liveCount;
    }

    /** {@return rings that were given back and are kept; any thread} */
    public int idleCount() {
        return idleCount;
    }

    /** {@return most rings in use at a time} */
    public long maxCount() {
        return maxCount;
    }

    /** {@return an empty ring, null when the budget or the memory for direct buffers is used up} */
    ManyToOneRingBuffer take() {
        if (liveCount >= maxCount) {
            return null;
        }
        ManyToOneRingBuffer ring = idle.poll();
        if (ring == null) {
            ring = allocate();
            if (ring == null) {
                return null;
            }
        }
        liveCount++;
        idleCount = idle.size();
        return ring;
    }

    /** Takes back an empty ring into which nobody can write any more. */
    void giveBack(final ManyToOneRingBuffer ring) {
        idle.push(ring); // the one used last is in the processor's caches
        liveCount--;
        idleCount = idle.size();
    }

    private ManyToOneRingBuffer allocate() {
        try {
            final ByteBuffer memory =
                BufferUtil.allocateDirectAligned(capacity + RingBufferDescriptor.TRAILER_LENGTH, PAGE_LENGTH);
            return new ManyToOneRingBuffer(new UnsafeBuffer(memory));
        } catch (final OutOfMemoryError ex) {
            return null; // of direct memory: -XX:MaxDirectMemorySize is smaller than the budget
        }
    }
}
