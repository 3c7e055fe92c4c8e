package io.millrace.transport.kafka.client;

import java.nio.ByteBuffer;

/** Compresses the records section of a batch. Owned by the thread of its template. */
public interface BatchCompressor {
    /** Codec number of gzip in a batch's attributes. */
    int GZIP = 1;
    /** Codec number of snappy in a batch's attributes. */
    int SNAPPY = 2;
    /** Codec number of lz4 (frame format) in a batch's attributes. */
    int LZ4 = 3;
    /** Codec number of zstd in a batch's attributes. */
    int ZSTD = 4;

    /** {@return the codec number for the batch's attributes} */
    int codec();

    /**
     * {@return largest compressed length of so many bytes}
     *
     * @param length uncompressed
     */
    int maxCompressedLength(int length);

    /**
     * Compresses in the codec's stream format as Kafka has it (lz4: frame format with independent blocks).
     *
     * @param source from its position to its limit, both left where they are or not as is convenient
     * @param target written from its position on
     * @return bytes written
     */
    int compress(ByteBuffer source, ByteBuffer target);
}
