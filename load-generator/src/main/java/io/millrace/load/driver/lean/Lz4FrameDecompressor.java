package io.millrace.load.driver.lean;

import io.millrace.transport.kafka.client.BatchCompressor;
import io.millrace.transport.kafka.client.BatchDecompressor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import net.jpountz.lz4.LZ4FrameInputStream;

/** Reads LZ4 frames of any writer; owned by the thread of its reader. */
final class Lz4FrameDecompressor implements BatchDecompressor {
    /** Records of one batch never need more: batches are bounded to a megabyte when they are made. */
    private static final int MAX_LENGTH = 64 << 20;

    @Override
    public ByteBuffer decompress(final int codec, final ByteBuffer source) {
        if (codec != BatchCompressor.LZ4) {
            throw new UncheckedIOException(new IOException("codec " + codec + " was not asked for"));
        }
        final byte[] frame = new byte[source.remaining()];
        source.get(frame);
        try (LZ4FrameInputStream in = new LZ4FrameInputStream(new ByteArrayInputStream(frame))) {
            final byte[] plain = in.readNBytes(MAX_LENGTH + 1);
            if (plain.length > MAX_LENGTH) {
                throw new IOException("batch longer than " + MAX_LENGTH + " bytes");
            }
            return ByteBuffer.wrap(plain);
        } catch (final IOException ex) {
            throw new UncheckedIOException("lz4 frame damaged", ex);
        }
    }
}
