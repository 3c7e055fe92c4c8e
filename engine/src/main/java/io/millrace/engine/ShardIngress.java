package io.millrace.engine;

import org.agrona.concurrent.AtomicBuffer;

/**
 * The way into a led shard: claim room in its ring, copy a checked batch there, commit. Any thread.
 *
 * <p>A claim is made only when all bytes of the batch are in hand and its CRC is checked, because an open claim stops
 * the shard's log.
 */
public interface ShardIngress {
    /** The ring has no room now; stop reading from the connection and try again. */
    int FULL = -1;
    /** This broker does not lead the shard; answer NOT_LEADER_OR_FOLLOWER. */
    int NOT_LEADING = -2;

    /**
     * Claims room for one batch and fills in the frame's own fields.
     *
     * @param partitionId id of the partition within the shard
     * @param batchLength length of the whole record batch in bytes, at most {@link #maxBatchLength()}
     * @param replyId     comes back in {@link ProduceOutcomes#onOutcome}, exactly once; 0 when nobody asks, then there
     *                    is no outcome
     * @param acks        0, 1 or -1 (all); with 0 and a reply id the outcome comes once the batch is written or refused
     * @return index in {@link #buffer()} where the batch's first byte goes, {@link #FULL} or {@link #NOT_LEADING}
     */
    int tryClaim(int partitionId, int batchLength, long replyId, int acks);

    /** {@return the ring's memory, for writing into a claim} */
    AtomicBuffer buffer();

    /**
     * Hands a filled claim to the writer.
     *
     * @param index what {@link #tryClaim} returned
     */
    void commit(int index);

    /**
     * Gives a claim back unused.
     *
     * @param index what {@link #tryClaim} returned
     */
    void abort(int index);

    /** {@return longest batch that fits, bytes; claiming for a longer one, or for less than a header, throws} */
    int maxBatchLength();

    /**
     * {@return bytes that are claimed and not yet drained, a gauge} While it stays above zero and nothing is drained, a
     * claim was neither committed nor aborted.
     */
    int occupiedLength();

    /** {@return how many claims were refused with {@link #FULL} so far} */
    long fullCount();

    /** {@return length of the whole ring, bytes} */
    int capacity();
}
