package io.millrace.engine.ingress;

import io.millrace.engine.ShardIngress;
import io.millrace.engine.format.BatchDescriptor;
import io.millrace.engine.format.FrameDescriptor;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.BitUtil;
import org.agrona.concurrent.AtomicBuffer;
import org.agrona.concurrent.ringbuffer.ManyToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RecordDescriptor;

/**
 * A shard's ring. Any thread claims; the engine thread opens, closes and reads.
 *
 * <p>A ring record is a frame: the claim is the frame without Agrona's own 8 bytes, so what the writer drains is what
 * it writes. The ring comes from the broker's {@link RingPool} when the shard is led, and goes back there when it is
 * led no longer and nobody can write into the ring any more.
 *
 * <p>The gate is a flag, not a lock: a thread that found it open may claim and commit after it was closed. Such a
 * record is not lost, the writer goes on reading the ring of a shard that it does not lead and answers
 * NOT_LEADER_OR_FOLLOWER. Who is about to claim is counted before it looks at the gate, and until it has committed or
 * aborted; the engine thread closes the gate before it looks at the count. So once the count is zero behind a closed
 * gate nobody holds an index into the ring, and nobody will.
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

    private final RingPool pool;
    private final int capacity;
    private final int maxBatchLength;
    private final AtomicLong fullCount = new AtomicLong();
    private final AtomicInteger claimerCount = new AtomicInteger();
    private volatile ManyToOneRingBuffer ring;
    private volatile int gate = GATE_CLOSED;

    /**
     * A closed ring without memory, from a pool of its own.
     *
     * @param capacity       of the ring, a power of two; an eighth of it is the longest frame without its first 8 bytes
     * @param maxFrameLength longest frame that the log takes
     */
    public RingIngress(final int capacity, final int maxFrameLength) {
        this(RingPool.unbounded(capacity), maxFrameLength);
    }

    /**
     * A closed ring without memory.
     *
     * @param pool           where rings come from; an eighth of one is the longest frame without its first 8 bytes
     * @param maxFrameLength longest frame that the log takes
     */
    public RingIngress(final RingPool pool, final int maxFrameLength) {
        this.pool = pool;
        capacity = pool.capacity();
        maxBatchLength = Math.min(capacity / 8 - CLAIM_HEADER_LENGTH, maxFrameLength - FrameDescriptor.HEADER_LENGTH);
    }

    static void checkCapacity(final int capacity) {
        if (capacity < MIN_CAPACITY || !BitUtil.isPowerOfTwo(capacity)) {
            throw new IllegalArgumentException(
                "ring capacity must be a power of two and at least " + MIN_CAPACITY + ": capacity=" + capacity);
        }
    }

    /** {@return whether there is a ring now, taken from the pool if need be; the gate stays as it is} Engine thread. */
    public boolean prepare() {
        if (ring == null) {
            ring = pool.take();
        }
        return ring != null;
    }

    /** Lets claims in; after {@link #prepare}. Engine thread. */
    public void open() {
        if (!prepare()) {
            throw new IllegalStateException("no ring: in use=" + pool.liveCount() + " most=" + pool.maxCount());
        }
        gate = GATE_OPEN;
    }

    /**
     * Gives the ring back to the pool when the gate is closed, nobody is about to claim or to commit, and all is
     * drained. Engine thread.
     *
     * @return whether there is no ring (any more)
     */
    public boolean release() {
        final ManyToOneRingBuffer present = ring;
        if (present == null) {
            return true;
        }
        // the count before the size: whoever is counted out has put into the ring what it had to put there
        if (gate != GATE_CLOSED || claimerCount.get() != 0 || present.size() != 0) {
            return false;
        }
        ring = null;
        pool.giveBack(present);
        return true;
    }

    /** Lets claims wait: they find the ring full. After {@link #open}; engine thread. */
    public void hold() {
        gate = GATE_HELD;
    }

    /** Keeps new claims out; some that passed the gate before may still come. Engine thread. */
    public void close() {
        gate = GATE_CLOSED;
    }

    /** {@return the ring, null while the shard is not led and all is drained; reading is the engine thread's} */
    public ManyToOneRingBuffer ring() {
        return ring;
    }

    @Override
    public int tryClaim(final int partitionId, final int batchLength, final long replyId, final int acks) {
        if (batchLength < BatchDescriptor.HEADER_LENGTH || batchLength > maxBatchLength) {
            throw new IllegalArgumentException("batchLength=" + batchLength + " must be from "
                + BatchDescriptor.HEADER_LENGTH + " to " + maxBatchLength + "; a larger ring takes longer batches");
        }
        claimerCount.getAndIncrement(); // before the gate is looked at, see release
        final int present = gate;
        if (present != GATE_OPEN) {
            claimerCount.getAndDecrement();
            return present == GATE_HELD ? FULL : NOT_LEADING;
        }
        final ManyToOneRingBuffer memory = ring;
        final int claim = memory.tryClaim(FrameDescriptor.TYPE_BATCH, CLAIM_HEADER_LENGTH + batchLength);
        if (claim < 0) {
            claimerCount.getAndDecrement();
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
        claimerCount.getAndDecrement();
    }

    @Override
    public void abort(final int index) {
        ring.abort(index - CLAIM_HEADER_LENGTH);
        claimerCount.getAndDecrement();
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
