package io.millrace.transport.kafka.client;

import java.nio.ByteBuffer;

/** Decompresses the records section of a batch. Owned by the thread of its reader. */
@FunctionalInterface
public interface BatchDecompressor {
    /**
     * Decompresses one records section.
     *
     * @param codec  number from the batch's attributes, see {@link BatchCompressor}
     * @param source from its position to its limit
     * @return the records from its position to its limit, valid until the next call
     */
    ByteBuffer decompress(int codec, ByteBuffer source);
}
