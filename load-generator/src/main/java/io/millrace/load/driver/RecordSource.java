package io.millrace.load.driver;

import java.nio.ByteBuffer;

/** Reads a topic back, partition by partition, each from its first offset on. */
public interface RecordSource {
    /**
     * Reads a range of each partition.
     *
     * @param topic        to read
     * @param startOffsets where to begin, by partition
     * @param endOffsets   where to end, by partition
     * @param handler      takes what is read
     */
    void readAll(String topic, long[] startOffsets, long[] endOffsets, Handler handler);

    /** Takes what was read, in the order of each partition. */
    interface Handler {
        /**
         * One record.
         *
         * @param partition it was found in
         * @param buffer    holds its value; position and limit are scratch of the handler
         * @param index     of the first byte
         * @param length    of the value
         */
        void onRecord(int partition, ByteBuffer buffer, int index, int length);

        /**
         * A batch that cannot be read.
         *
         * @param partition it was found in
         * @param offset    of its first record
         * @param reason    what is wrong with it
         */
        void onDamagedBatch(int partition, long offset, String reason);

        /**
         * Records that are not there any more: the log's beginning was deleted before it was read.
         *
         * @param partition  of them
         * @param fromOffset of the first
         * @param toOffset   after the last
         */
        default void onDeleted(final int partition, final long fromOffset, final long toOffset) {
        }

        /** {@return true to stop reading} */
        boolean isStopped();
    }
}
