package io.millrace.load.driver.lean;

import io.millrace.transport.kafka.client.BatchCompressor;
import io.millrace.transport.kafka.client.BatchDecompressor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.utils.internals.BufferSupplier;

/** Reads what any codec wrote; owned by the thread of its reader. */
final class FrameDecompressor implements BatchDecompressor {
    private static final byte MAGIC = 2;
    /** Records of one batch never need more: batches are bounded to a megabyte when they are made. */
    private static final int MAX_LENGTH = 64 << 20;

    private final Lz4FrameDecompressor lz4 = new Lz4FrameDecompressor();

    @Override
    public ByteBuffer decompress(final int codec, final ByteBuffer source) {
        if (codec == BatchCompressor.LZ4) {
            return lz4.decompress(codec, source);
        }
        final ByteBuffer frame = ByteBuffer.allocate(source.remaining());
        frame.put(source).flip();
        try (InputStream in = Compression.of(CompressionType.forId(codec)).build()
            .wrapForInput(frame, MAGIC, BufferSupplier.NO_CACHING)) {
            final byte[] plain = in.readNBytes(MAX_LENGTH + 1);
            if (plain.length > MAX_LENGTH) {
                throw new IOException("batch longer than " + MAX_LENGTH + " bytes");
            }
            return ByteBuffer.wrap(plain);
        } catch (final IOException | IllegalArgumentException | org.apache.kafka.common.KafkaException ex) {
            throw new UncheckedIOException(new IOException("codec " + codec + ": frame damaged", ex));
        }
    }
}
