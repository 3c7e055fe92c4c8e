package io.millrace.load.driver.lean;

import io.millrace.transport.kafka.client.BatchCompressor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.xxhash.XXHashFactory;

/**
 * LZ4 frame format as Kafka writes it: independent blocks of 64 KiB, no checksums but the descriptor's. Allocates
 * nothing per batch; owned by the thread of its template.
 */
final class Lz4FrameCompressor implements BatchCompressor {
    private static final int MAGIC = 0x184D2204;
    /** Version 1, independent blocks. */
    private static final byte FLAGS = 0x60;
    /** Blocks of at most 64 KiB. */
    private static final byte BLOCK_DESCRIPTOR = 0x40;
    private static final int BLOCK_LENGTH = 64 * 1024;
    private static final int HEADER_LENGTH = 7;
    private static final int UNCOMPRESSED = 0x8000_0000;
    private static final byte DESCRIPTOR_CHECKSUM = (byte) (XXHashFactory.fastestJavaInstance().hash32()
        .hash(new byte[] {FLAGS, BLOCK_DESCRIPTOR}, 0, 2, 0) >>> 8);

    private final LZ4Compressor compressor = LZ4Factory.fastestInstance().fastCompressor();

    @Override
    public int codec() {
        return LZ4;
    }

    @Override
    public int maxCompressedLength(final int length) {
        final int blocks = length / BLOCK_LENGTH + 1;
        // Room for the compressor to find out that a block does not shrink.
        return HEADER_LENGTH + length + blocks * Integer.BYTES + Integer.BYTES
            + compressor.maxCompressedLength(BLOCK_LENGTH) - BLOCK_LENGTH;
    }

    @Override
    public int compress(final ByteBuffer source, final ByteBuffer target) {
        final ByteOrder order = target.order();
        target.order(ByteOrder.LITTLE_ENDIAN);
        final int start = target.position();
        int at = start;
        target.putInt(at, MAGIC);
        target.put(at + 4, FLAGS);
        target.put(at + 5, BLOCK_DESCRIPTOR);
        target.put(at + 6, DESCRIPTOR_CHECKSUM);
        at += HEADER_LENGTH;
        final int end = source.limit();
        for (int from = source.position(); from < end; from += BLOCK_LENGTH) {
            at += block(source, from, Math.min(BLOCK_LENGTH, end - from), target, at);
        }
        target.putInt(at, 0);
        target.order(order);
        return at + Integer.BYTES - start;
    }

    private int block(
        final ByteBuffer source, final int from, final int length, final ByteBuffer target, final int at) {
        final int dataIndex = at + Integer.BYTES;
        final int compressed =
            compressor.compress(source, from, length, target, dataIndex, target.limit() - dataIndex);
        if (compressed < length) {
            target.putInt(at, compressed);
            return Integer.BYTES + compressed;
        }
        target.putInt(at, length | UNCOMPRESSED);
        target.put(dataIndex, source, from, length);
        return Integer.BYTES + length;
    }
}
