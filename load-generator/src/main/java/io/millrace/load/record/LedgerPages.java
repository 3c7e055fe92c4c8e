package io.millrace.load.record;

import java.nio.ByteBuffer;

/**
 * A ledger in pages of bounded length, to be sent from one process to another; no state.
 *
 * <p>A page begins with where the next one goes on. Then come runs, each of one producer's records in one partition:
 * place of the lane, records sent, first sequence, then how many in a row were acknowledged or not, ended by a 0.
 */
public final class LedgerPages {
    /** What a page says of the next one if it is the last. */
    public static final Cursor END = new Cursor(-1, 0);

    private static final int HEADER_LENGTH = 2 * Integer.BYTES;
    /** Longest a lane's beginning, one of its rows and its end may be. */
    private static final int RESERVE_LENGTH = 32;

    private LedgerPages() {
    }

    /**
     * A place in a ledger.
     *
     * @param lane     producer and partition, counted from the ledger's first producer
     * @param sequence of the first record not yet sent on
     */
    public record Cursor(int lane, int sequence) {
    }

    /**
     * Writes a page; the ledger's run must be over.
     *
     * @param ledger    to write
     * @param from      where to begin; lane 0, sequence 0 for the first page
     * @param maxLength of the page, 64 bytes or more
     * @return the page
     */
    public static byte[] write(final Ledger ledger, final Cursor from, final int maxLength) {
        final ByteBuffer page = ByteBuffer.allocate(maxLength);
        page.position(HEADER_LENGTH);
        final int laneCount = ledger.producerCount() * ledger.partitionCount();
        Cursor next = END;
        int sequence = Math.max(0, from.sequence());
        for (int lane = Math.max(0, from.lane()); lane < laneCount && next == END; lane++) {
            final int reached = writeLane(ledger, lane, sequence, page);
            if (reached >= 0) {
                next = new Cursor(lane, reached);
            }
            sequence = 0;
        }
        page.putInt(0, next.lane()).putInt(Integer.BYTES, next.sequence());
        return java.util.Arrays.copyOf(page.array(), page.position());
    }

    /**
     * Adds a page to a ledger.
     *
     * @param page          as it came
     * @param firstProducer of the ledger it was written from
     * @param producerCount of that ledger
     * @param into          the ledger of the whole run
     * @return where the next page goes on, {@link #END} if this is the last
     * @throws IllegalArgumentException if the page makes no sense
     */
    public static Cursor read(
        final byte[] page, final int firstProducer, final int producerCount, final Ledger into) {
        if (page.length < HEADER_LENGTH) {
            throw new IllegalArgumentException("a page of a ledger has " + page.length + " bytes, at least "
                + HEADER_LENGTH + " are needed");
        }
        final ByteBuffer buffer = ByteBuffer.wrap(page);
        final Cursor next = new Cursor(buffer.getInt(), buffer.getInt());
        try {
            while (buffer.hasRemaining()) {
                readLane(buffer, firstProducer, producerCount, into);
            }
        } catch (final java.nio.BufferUnderflowException ex) {
            throw new IllegalArgumentException("a page of a ledger ends within a lane", ex);
        }
        return next.lane() < 0 ? END : next;
    }

    private static int writeLane(final Ledger ledger, final int lane, final int from, final ByteBuffer page) {
        final int producerId = ledger.firstProducer() + lane / ledger.partitionCount();
        final int partition = lane % ledger.partitionCount();
        final int sentCount = ledger.sentCount(producerId, partition);
        if (sentCount <= from) {
            return -1;
        }
        if (page.remaining() < RESERVE_LENGTH) {
            return from;
        }
        putVarint(page, lane);
        putVarint(page, sentCount);
        putVarint(page, from);
        int sequence = from;
        while (sequence < sentCount && page.remaining() >= RESERVE_LENGTH / 2) {
            final boolean isAcked = ledger.isAcked(producerId, partition, sequence);
            int end = sequence + 1;
            while (end < sentCount && ledger.isAcked(producerId, partition, end) == isAcked) {
                end++;
            }
            putVarint(page, (long) (end - sequence) << 1 | (isAcked ? 1 : 0));
            sequence = end;
        }
        putVarint(page, 0);
        return sequence < sentCount ? sequence : -1;
    }

    private static void readLane(
        final ByteBuffer buffer, final int firstProducer, final int producerCount, final Ledger into) {
        final long lane = varint(buffer);
        final long sentCount = varint(buffer);
        long sequence = varint(buffer);
        if (lane >= (long) producerCount * into.partitionCount() || sentCount > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("a ledger's lane=" + lane + " with sent=" + sentCount
                + " is out of bounds: " + producerCount + " producers, " + into.partitionCount() + " partitions");
        }
        final int producerId = firstProducer + (int) lane / into.partitionCount();
        final int partition = (int) lane % into.partitionCount();
        for (long row = varint(buffer); row != 0; row = varint(buffer)) {
            final long end = sequence + (row >>> 1);
            if (end > sentCount) {
                throw new IllegalArgumentException("a ledger's row ends at sequence=" + end + " of sent=" + sentCount);
            }
            while ((row & 1) == 1 && sequence < end) {
                into.onAcked(producerId, partition, (int) sequence++);
            }
            sequence = end;
        }
        if (sentCount > 0) {
            into.onSent(producerId, partition, (int) sentCount - 1);
        }
    }

    private static void putVarint(final ByteBuffer buffer, final long value) {
        long rest = value;
        while (rest > 0x7F) {
            buffer.put((byte) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        buffer.put((byte) rest);
    }

    private static long varint(final ByteBuffer buffer) {
        long value = 0;
        for (int shift = 0; shift <= 35; shift += 7) {
            final byte next = buffer.get();
            value |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("a number in a page of a ledger is longer than 6 bytes");
    }
}
