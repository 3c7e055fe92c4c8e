package io.millrace.transport.kafka.codec;

import io.millrace.engine.io.LogFile;
import org.agrona.MutableDirectBuffer;

/**
 * Where a response is written: bytes, with regions of files inserted between them. Owned by the thread that encodes.
 *
 * <p>Index 0 holds the frame's length and index 4 the correlation id; both are filled in by the target's owner, so an
 * encoder begins at {@link #BODY_INDEX}.
 */
public interface ReplyTarget {
    /** Where a response's body begins: after the length and the correlation id. */
    int BODY_INDEX = 8;

    /**
     * Makes room; what was written stays, the memory may be another one than before.
     *
     * @param capacity bytes needed from index 0 on
     * @return the memory to write to, valid until the next call
     */
    MutableDirectBuffer ensureCapacity(int capacity);

    /**
     * Adds file bytes to the response; where they go is said by {@link #placeRegions}.
     *
     * @param file       holds the bytes; they stay readable until the response is released
     * @param fileOffset of the first byte
     * @param length     in bytes
     */
    void addRegion(LogFile file, long fileOffset, int length);

    /**
     * Places the regions that were added since the last time. Calls come in ascending order of the index.
     *
     * @param atIndex the regions' bytes are sent before the byte at this index of the buffer
     */
    void placeRegions(int atIndex);

    /** Forgets all regions, because the response is written anew. */
    void clearRegions();
}
