package io.millrace.transport.kafka.server;

import java.nio.ByteBuffer;
import org.agrona.BitUtil;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Direct memory in chunks whose capacities are powers of two, used again up to a limit. Owned by one network thread.
 */
final class BufferPool {
    static final int MAX_POOLED_CAPACITY = 1024 * 1024;
    private static final int MAX_CLASSES = 32;

    /** One piece of memory. */
    static final class Chunk {
        private final ByteBuffer memory;
        private final UnsafeBuffer buffer;
        private Chunk next;

        private Chunk(final int capacity) {
            memory = ByteBuffer.allocateDirect(capacity);
            buffer = new UnsafeBuffer(memory);
        }

        ByteBuffer memory() {
            return memory;
        }

        UnsafeBuffer buffer() {
            return buffer;
        }

        int capacity() {
            return memory.capacity();
        }
    }

    private final Chunk[] free = new Chunk[MAX_CLASSES];
    private final int minCapacity;
    private final long maxFreeLength;
    private final ServerCounters counters;
    private final ServerCounter heldCounter;
    private long freeLength;
    private long heldLength;

    /**
     * @param minCapacity   smallest chunk, a power of two
     * @param maxFreeLength bytes kept for use again
     * @param heldCounter   shows the bytes in use
     */
    BufferPool(
        final int minCapacity,
        final long maxFreeLength,
        final ServerCounters counters,
        final ServerCounter heldCounter) {
        this.minCapacity = minCapacity;
        this.maxFreeLength = maxFreeLength;
        this.counters = counters;
        this.heldCounter = heldCounter;
    }

    /** {@return bytes in use} */
    long heldLength() {
        return heldLength;
    }

    /** {@return capacity of the chunk that acquire would give} */
    int capacityFor(final int capacity) {
        return capacity > MAX_POOLED_CAPACITY ? capacity :
            Math.max(minCapacity, BitUtil.findNextPositivePowerOfTwo(capacity));
    }

    /** {@return a chunk of at least this capacity; its content is whatever was in it} */
    Chunk acquire(final int capacity) {
        final int rounded = capacityFor(capacity);
        Chunk chunk = null;
        if (rounded <= MAX_POOLED_CAPACITY) {
            final int index = Integer.numberOfTrailingZeros(rounded);
            chunk = free[index];
            if (chunk != null) {
                free[index] = chunk.next;
                chunk.next = null;
                freeLength -= rounded;
            }
        }
        if (chunk == null) {
            chunk = new Chunk(rounded);
        }
        hold(rounded);
        return chunk;
    }

    void release(final Chunk chunk) {
        final int capacity = chunk.capacity();
        hold(-capacity);
        if (capacity <= MAX_POOLED_CAPACITY && freeLength + capacity <= maxFreeLength) {
            chunk.memory.clear();
            final int index = Integer.numberOfTrailingZeros(capacity);
            chunk.next = free[index];
            free[index] = chunk;
            freeLength += capacity;
        } else {
            free(chunk);
        }
    }

    void close() {
        for (int i = 0; i < free.length; i++) {
            Chunk chunk = free[i];
            free[i] = null;
            while (chunk != null) {
                final Chunk next = chunk.next;
                free(chunk);
                chunk = next;
            }
        }
        freeLength = 0;
    }

    private void hold(final int delta) {
        heldLength += delta;
        counters.add(heldCounter, delta);
    }

    private static void free(final Chunk chunk) {
        chunk.buffer.wrap(new byte[0]);
        BufferUtil.free(chunk.memory);
    }
}
