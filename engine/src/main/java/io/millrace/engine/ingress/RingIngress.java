package io.millrace.engine.ingress;

import io.millrace.engine.ShardIngress;
import io.millrace.engine.format.BatchDescriptor;
import io.millrace.engine.format.FrameDescriptor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.BitUtil;
import org.agrona.BufferUtil;
import org.agrona.concurrent.AtomicBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.ManyToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RecordDescriptor;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;

/**
 * A shard's ring. Any thread claims; the engine thread opens, closes and reads.
 *
 * <p>A ring record is a frame: the claim is the frame without Agrona's own 8 bytes, so what the writer drains is what
 * it writes. The ring's memory is taken when the shard is led for the first time and kept from then on, because a
 * claimer may hold an index into it for as long as it likes.
 *
 * <p>The gate is a flag, not a lock: a thread that found it open may claim and commit after it was closed. Such a
 * record is not lost, the writer goes on reading the ring of a shard that it does not lead and answers
 * NOT_LEADER_OR_FOLLOWER.
 *
 * <p>A claim that is never committed nor aborted stops the shard for good: the occupied length then stays above zero
 * while nothing is drained. It is deliberately not taken back after a time ({@code ManyToOneRingBuffer.unblock}),
 * since a claimer that was only slow would then write into a frame of somebody else. A claimer holds all bytes
 * beforehand, so between claim and commit lies one copy; it puts an {@link #abort} on its failure path.
 */
public final class RingIngress implements ShardIngress {
    /** Smallest ring: its longest record has room for a batch of one small record. */
    public static final int MIN_CAPACITY = 4 * 1024;

    private static final int GATE_CLOSED = 0;
    private static final int GATE_HELD = 1;
    private static final int GATE_OPEN = 2;
    private static final int PAGE_LENGTH = 4096;
    private static final int CLAIM_HEADER_LENGTH = FrameDescriptor.HEADER_LENGTH - RecordDescriptor.HEADER_LENGTH;

    static {
        if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
            throw new AssertionError("frames are little endian and Agrona's record header has the machine's order: "
                + ByteOrder.nativeOrder());
        }
        if (FrameDescriptor.ALIGNMENT != RecordDescriptor.ALIGNMENT) {
            throw new AssertionError("frame alignment differs from the ring's: " + RecordDescriptor.ALIGNMENT);
        }
    }

    private final int capacity;
    private final int maxBatchLength;
    private final AtomicLong fullCount = new AtomicLong();
    private volatile ManyToOneRingBuffer ring;
    private volatile int gate = GATE_CLOSED;

    /**
     * A closed ring without memory.
     *
     * @param capacity       of the ring, a power of two; an eighth of it is the longest frame without its first 8 bytes
     * @param maxFrameLength longest frame that the log takes
     */
    public RingIngress(final int capacity, final int maxFrameLength) {
        if (capacity < MIN_CAPACITY || !BitUtil.isPowerOfTwo(capacity)) {
            throw new IllegalArgumentException(
                "ring capacity must be a power of two and at least " + MIN_CAPACITY + ": capacity=" + capacity);
        }
        this.capacity = capacity;
        this.maxBatchLength =
            Math.min(capacity / 8 - CLAIM_HEADER_LENGTH, maxFrameLength - FrameDescriptor.HEADER_LENGTH);
    }

    /** Lets claims in; takes the ring's memory the first time. Engine thread. */
    public void open() {
        if (ring == null) {
            final ByteBuffer memory =
                BufferUtil.allocateDirectAligned(capacity + RingBufferDescriptor.TRAILER_LENGTH, PAGE_LENGTH);
            ring = new ManyToOneRingBuffer(new UnsafeBuffer(memory));
        }
        gate = GATE_OPEN;
    }

    /** Lets claims wait: they find the ring full. After {@link #open}; engine thread. */
    public void hold() {
        gate = GATE_HELD;
    }

    /** Keeps new claims out; some that passed the gate before may still come. Engine thread. */
    public void close() {
        gate = GATE_CLOSED;
    }

    /** {@return the ring, null as long as it was never open; reading is the engine thread's} */
    public ManyToOneRingBuffer ring() {
        return ring;
    }

    @Override
    public int tryClaim(final int partitionId, final int batchLength, final long replyId, final int acks) {
        if (batchLength < BatchDescriptor.HEADER_LENGTH || batchLength > maxBatchLength) {
            throw new IllegalArgumentException("batchLength=" + batchLength + " must be from "
                + BatchDescriptor.HEADER_LENGTH + " to " + maxBatchLength + "; a larger ring takes longer batches");
        }
        final int present = gate;
        if (present != GATE_OPEN) {
            return present == GATE_HELD ? FULL : NOT_LEADING;
        }
        final ManyToOneRingBuffer memory = ring;
        final int claim = memory.tryClaim(FrameDescriptor.TYPE_BATCH, CLAIM_HEADER_LENGTH + batchLength);
        if (claim < 0) {
            fullCount.incrementAndGet();
            return FULL;
        }
        final AtomicBuffer buffer = memory.buffer();
        final int frame = claim - RecordDescriptor.HEADER_LENGTH;
        FrameDescriptor.putPosition(buffer, frame, replyId);
        FrameDescriptor.putLeaderEpoch(buffer, frame, acks);
        FrameDescriptor.putPartitionId(buffer, frame, partitionId);
        return claim + CLAIM_HEADER_LENGTH;
    }

    @Override
    public AtomicBuffer buffer() {
        return ring.buffer();
    }

    @Override
    public void commit(final int index) {
        ring.commit(index - CLAIM_HEADER_LENGTH);
    }

    @Override
    public void abort(final int index) {
        ring.abort(index - CLAIM_HEADER_LENGTH);
    }

    @Override
    public int maxBatchLength() {
        return maxBatchLength;
    }

    @Override
    public int occupiedLength() {
        final ManyToOneRingBuffer present = ring;
        return present == null ? 0 : present.size();
    }

    @Override
    public long fullCount() {
        return fullCount.get();
    }

    @Override
    public int capacity() {
        return capacity;
    }
}
