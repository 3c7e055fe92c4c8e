package io.millrace.load.record;

import java.util.Arrays;

/**
 * Which records were sent and which acknowledged, by producer, partition and sequence: one bit a record.
 *
 * <p>The sent counts belong to the sending thread of a producer, the acknowledged bits to the thread that answers it;
 * read by others only after both have ended.
 */
public final class Ledger {
    private static final int CHUNK_SHIFT = 16;
    private static final int CHUNK_RECORDS = 1 << CHUNK_SHIFT;

    private final int partitionCount;
    private final Lane[] lanes;

    /**
     * @param producerCount  of the whole run
     * @param partitionCount of the topic
     */
    public Ledger(final int producerCount, final int partitionCount) {
        this.partitionCount = partitionCount;
        lanes = new Lane[Math.multiplyExact(producerCount, partitionCount)];
        for (int i = 0; i < lanes.length; i++) {
            lanes[i] = new Lane();
        }
    }

    /**
     * Notes a record as sent.
     *
     * @param producerId of the run
     * @param partition  of the topic
     * @param sequence   one more than the one before
     */
    public void onSent(final int producerId, final int partition, final int sequence) {
        lane(producerId, partition).sentCount = sequence + 1;
    }

    /**
     * Notes a record as acknowledged.
     *
     * @param producerId of the run
     * @param partition  of the topic
     * @param sequence   as sent
     */
    public void onAcked(final int producerId, final int partition, final int sequence) {
        lane(producerId, partition).acked(sequence);
    }

    /** {@return producers of the run} */
    public int producerCount() {
        return lanes.length / partitionCount;
    }

    /** {@return partitions of the topic} */
    public int partitionCount() {
        return partitionCount;
    }

    /**
     * {@return records sent}
     *
     * @param producerId of the run
     * @param partition  of the topic
     */
    public int sentCount(final int producerId, final int partition) {
        return lane(producerId, partition).sentCount;
    }

    /**
     * {@return true if that record was acknowledged}
     *
     * @param producerId of the run
     * @param partition  of the topic
     * @param sequence   of the record
     */
    public boolean isAcked(final int producerId, final int partition, final int sequence) {
        return lane(producerId, partition).isAcked(sequence);
    }

    /** {@return records sent in all} */
    public long sentCount() {
        return Arrays.stream(lanes).mapToLong(lane -> lane.sentCount).sum();
    }

    /** {@return records acknowledged in all} */
    public long ackedCount() {
        return Arrays.stream(lanes).mapToLong(lane -> lane.ackedCount).sum();
    }

    private Lane lane(final int producerId, final int partition) {
        return lanes[producerId * partitionCount + partition];
    }

    /** One producer's records in one partition. */
    private static final class Lane {
        private int sentCount;
        private int ackedCount;
        private long[][] chunks = new long[4][];

        void acked(final int sequence) {
            ackedCount++;
            final int chunk = sequence >>> CHUNK_SHIFT;
            if (chunk >= chunks.length) {
                chunks = Arrays.copyOf(chunks, Math.max(chunk + 1, chunks.length * 2));
            }
            long[] bits = chunks[chunk];
            if (bits == null) {
                bits = new long[CHUNK_RECORDS / Long.SIZE];
                chunks[chunk] = bits;
            }
            bits[(sequence & CHUNK_RECORDS - 1) >>> 6] |= 1L << sequence;
        }

        boolean isAcked(final int sequence) {
            final int chunk = sequence >>> CHUNK_SHIFT;
            return chunk < chunks.length && chunks[chunk] != null
                && (chunks[chunk][(sequence & CHUNK_RECORDS - 1) >>> 6] & 1L << sequence) != 0;
        }
    }
}
