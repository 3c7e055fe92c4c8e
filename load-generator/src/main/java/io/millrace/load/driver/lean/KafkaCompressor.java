package io.millrace.load.driver.lean;

import io.millrace.load.workload.Compression;
import io.millrace.transport.kafka.client.BatchCompressor;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.utils.internals.ByteBufferOutputStream;

/**
 * The codecs that come as streams only, as Kafka's own client writes them; allocates for each batch. Owned by the
 * thread of its batch.
 */
final class KafkaCompressor implements BatchCompressor {
    private static final byte MAGIC = 2;
    private static final int SLACK_LENGTH = 1024;

    private final Compression compression;
    private final org.apache.kafka.common.compress.Compression codec;
    private byte[] plain = new byte[0];

    KafkaCompressor(final Compression compression) {
        this.compression = compression;
        codec = org.apache.kafka.common.compress.Compression.of(CompressionType.forName(compression.word())).build();
    }

    @Override
    public int codec() {
        return compression.attributes();
    }

    @Override
    public int maxCompressedLength(final int length) {
        return length + length / 4 + SLACK_LENGTH; // snappy's bound is the widest: a sixth, and its framing
    }

    @Override
    public int compress(final ByteBuffer source, final ByteBuffer target) {
        final int length = source.remaining();
        if (plain.length < length) {
            plain = new byte[length];
        }
        source.get(source.position(), plain, 0, length);
        final ByteBufferOutputStream bytes =
            new ByteBufferOutputStream(ByteBuffer.allocate(maxCompressedLength(length)));
        try (OutputStream out = codec.wrapForOutput(bytes, MAGIC)) {
            out.write(plain, 0, length);
        } catch (final IOException ex) {
            throw new UncheckedIOException("cannot compress with " + compression.word(), ex);
        }
        final ByteBuffer result = bytes.buffer();
        result.flip();
        final int written = result.remaining();
        target.put(target.position(), result, result.position(), written);
        return written;
    }
}
