package io.millrace.load.driver.lean;

import java.nio.ByteBuffer;
import org.agrona.DirectBuffer;

/** The bytes of one record batch being filled; owned by the sending thread. */
interface BatchMemory {
    /** {@return the memory values are patched in, absolute; its position and limit are scratch} */
    ByteBuffer bytes();

    /** Begins a new batch. */
    void clear();

    /** {@return true if a value of that length still fits} */
    boolean hasRoom(int length);

    /** {@return true if the longest value would not fit any more} */
    boolean isFull();

    /**
     * Adds a record whose value is filling.
     *
     * @param record its number in the batch
     * @param length of the value
     * @param key    or null
     * @return index of the value in {@link #bytes()}
     */
    int add(int record, int length, byte[] key);

    /** Finishes the batch of so many records. */
    void seal(int count, long timestampMs, long producerId, short epoch, int baseSequence);

    /** {@return the memory that holds the finished batch from index 0 on} */
    DirectBuffer sealedBuffer();

    /** {@return length of the finished batch} */
    int sealedLength();
}
