package io.millrace.targets.wire;

import java.nio.ByteBuffer;

/**
 * How one system is told records and says that it has them; owned by the sending thread. Every call may throw a
 * {@link Wire.WireException}: then everything in flight has failed, and a new one is opened.
 */
public interface PublishProtocol extends AutoCloseable {
    /** {@return false while too much waits to be written: then no record is to be added} */
    boolean hasRoom();

    /**
     * Takes a record for sending.
     *
     * @param lane   its partition among all partitions of all topics
     * @param slot   by which its answer is told
     * @param record holds it from index 0 on; scratch of the caller, to be copied
     * @param length of it
     */
    void publish(int lane, int slot, ByteBuffer record, int length);

    /**
     * Moves bytes and tells what was answered; never blocks.
     *
     * @param answers told of each record
     * @return amount of work done
     */
    int poll(Answers answers);

    /**
     * Gives a record up.
     *
     * @param slot of the record
     * @return true if the slot can be used again at once; false if its answer may still come and could not be told from
     *         the next record's
     */
    default boolean forget(final int slot) {
        return false;
    }

    /**
     * Waits for an answer or a time.
     *
     * @param maxNs how long at most
     */
    void await(long maxNs);

    @Override
    void close();

    /** Hears what becomes of each record. */
    interface Answers {
        /**
         * A record is acknowledged.
         *
         * @param slot of the record
         */
        void onAcked(int slot);

        /**
         * A record is refused.
         *
         * @param slot  of the record
         * @param error short constant name
         */
        void onFailed(int slot, String error);
    }
}
