package io.millrace.load.record;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Objects;

/**
 * Which records were sent and which acknowledged, by producer, partition and sequence: one bit a record.
 *
 * <p>The sent counts belong to the sending thread of a producer, the acknowledged bits to the thread that answers it;
 * read by others only after both have ended.
 */
public final class Ledger {
    private static final int CHUNK_SHIFT = 16;
    private static final int CHUNK_RECORDS = 1 << CHUNK_SHIFT;

    private final int firstProducer;
    private final int partitionCount;
    /** Null until a record is sent there: of ten thousand partitions a short run may use few. */
    private final Lane[] lanes;
    private final BitSet unknownProducers = new BitSet();

    /**
     * @param producerCount  of the whole run
     * @param partitionCount of the topic
     */
    public Ledger(final int producerCount, final int partitionCount) {
        this(0, producerCount, partitionCount);
    }

    /**
     * A ledger of some of a run's producers.
     *
     * @param firstProducer  whose records are kept
     * @param producerCount  from that one on
     * @param partitionCount of the topic
     */
    public Ledger(final int firstProducer, final int producerCount, final int partitionCount) {
        this.firstProducer = firstProducer;
        this.partitionCount = partitionCount;
        lanes = new Lane[Math.multiplyExact(producerCount, partitionCount)];
    }

    /**
     * Notes a record as sent.
     *
     * @param producerId of the run
     * @param partition  of the topic
     * @param sequence   one more than the one before
     */
    public void onSent(final int producerId, final int partition, final int sequence) {
        laneToWrite(producerId, partition).sentCount = sequence + 1;
    }

    /**
     * Notes a record as acknowledged.
     *
     * @param producerId of the run
     * @param partition  of the topic
     * @param sequence   as sent
     */
    public void onAcked(final int producerId, final int partition, final int sequence) {
        laneToWrite(producerId, partition).acked(sequence);
    }

    /**
     * Notes that nobody knows what a producer sent: its process is gone.
     *
     * @param producerId of the run
     */
    public void forget(final int producerId) {
        unknownProducers.set(producerId);
    }

    /**
     * {@return true if it is known what a producer sent}
     *
     * @param producerId of the run
     */
    public boolean isKnown(final int producerId) {
        return !unknownProducers.get(producerId);
    }

    /** {@return true if it is known of every producer what it sent} */
    public boolean isWholeKnown() {
        return unknownProducers.isEmpty();
    }

    /** {@return the first producer whose records are kept} */
    public int firstProducer() {
        return firstProducer;
    }

    /** {@return producers whose records are kept} */
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
        final Lane lane = lane(producerId, partition);
        return lane == null ? 0 : lane.sentCount;
    }

    /**
     * {@return true if that record was acknowledged}
     *
     * @param producerId of the run
     * @param partition  of the topic
     * @param sequence   of the record
     */
    public boolean isAcked(final int producerId, final int partition, final int sequence) {
        final Lane lane = lane(producerId, partition);
        return lane != null && lane.isAcked(sequence);
    }

    /** {@return records sent in all} */
    public long sentCount() {
        return Arrays.stream(lanes).filter(Objects::nonNull).mapToLong(lane -> lane.sentCount).sum();
    }

    /** {@return records acknowledged in all} */
    public long ackedCount() {
        return Arrays.stream(lanes).filter(Objects::nonNull).mapToLong(lane -> lane.ackedCount).sum();
    }

    private Lane lane(final int producerId, final int partition) {
        return lanes[(producerId - firstProducer) * partitionCount + partition];
    }

    private Lane laneToWrite(final int producerId, final int partition) {
        final int index = (producerId - firstProducer) * partitionCount + partition;
        Lane lane = lanes[index];
        if (lane == null) {
            lane = new Lane();
            lanes[index] = lane;
        }
        return lane;
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
