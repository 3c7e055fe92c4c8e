package io.millrace.load.driver.lean;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.millrace.load.workload.Keys;
import io.millrace.load.workload.Payload;
import io.millrace.transport.kafka.client.BatchCompressor;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Records of different lengths: a record batch (magic 2) written record by record, each value filled from the pool.
 * Owned by the sending thread; allocates nothing per batch.
 */
final class MixedBatch implements BatchMemory {
    private static final int HEADER_LENGTH = 61;
    private static final int LENGTH_FIELD_OFFSET = 8;
    private static final int LEADER_EPOCH_FIELD_OFFSET = 12;
    private static final int MAGIC_FIELD_OFFSET = 16;
    private static final int CRC_FIELD_OFFSET = 17;
    private static final int ATTRIBUTES_FIELD_OFFSET = 21;
    private static final int LAST_OFFSET_DELTA_FIELD_OFFSET = 23;
    private static final int BASE_TIMESTAMP_FIELD_OFFSET = 27;
    private static final int MAX_TIMESTAMP_FIELD_OFFSET = 35;
    private static final int PRODUCER_ID_FIELD_OFFSET = 43;
    private static final int PRODUCER_EPOCH_FIELD_OFFSET = 51;
    private static final int BASE_SEQUENCE_FIELD_OFFSET = 53;
    private static final int RECORD_COUNT_FIELD_OFFSET = 57;
    /** What the length field leaves out: base offset and the field itself. */
    private static final int LENGTH_OVERHEAD = 12;
    /** Varints and attributes around one value, and its key. */
    private static final int MAX_RECORD_OVERHEAD = 32;

    private final ByteBuffer bytes;
    private final UnsafeBuffer buffer;
    private final int maxLength;
    private final BatchCompressor compressor;
    private final ByteBuffer compressedBytes;
    private final UnsafeBuffer compressed;
    private final Payload payload;
    private final CRC32C crc = new CRC32C();
    private long piece;
    private int end = HEADER_LENGTH;
    private int sealedLength;

    MixedBatch(
        final int batchLength,
        final int maxLength,
        final BatchCompressor compressor,
        final Payload payload,
        final long firstPiece) {
        bytes = ByteBuffer.allocateDirect(batchLength);
        buffer = new UnsafeBuffer(bytes);
        this.maxLength = maxLength;
        this.compressor = compressor;
        this.payload = payload;
        piece = firstPiece;
        compressedBytes = compressor == null ? null
            : ByteBuffer.allocateDirect(HEADER_LENGTH + compressor.maxCompressedLength(batchLength));
        compressed = compressor == null ? null : new UnsafeBuffer(compressedBytes);
        buffer.putInt(LEADER_EPOCH_FIELD_OFFSET, -1, BIG_ENDIAN);
        buffer.putByte(MAGIC_FIELD_OFFSET, (byte) 2);
    }

    @Override
    public ByteBuffer bytes() {
        return bytes;
    }

    @Override
    public void clear() {
        end = HEADER_LENGTH;
    }

    @Override
    public boolean hasRoom(final int length) {
        return end + length + MAX_RECORD_OVERHEAD <= buffer.capacity();
    }

    @Override
    public boolean isFull() {
        return !hasRoom(maxLength);
    }

    @Override
    public int add(final int record, final int length, final byte[] key) {
        final int keyLength = key == null ? -1 : Keys.LENGTH;
        final int body = 2 + varintLength(record) + varintLength(keyLength) + Math.max(0, keyLength)
            + varintLength(length) + length + 1;
        int at = varint(end, body);
        buffer.putByte(at++, (byte) 0); // attributes
        buffer.putByte(at++, (byte) 0); // timestamp delta
        at = varint(varint(at, record), keyLength);
        if (key != null) {
            buffer.putBytes(at, key, 0, keyLength);
            at += keyLength;
        }
        at = varint(at, length);
        payload.fill(piece++, bytes, at, length);
        buffer.putByte(at + length, (byte) 0); // headers
        end = at + length + 1;
        return at;
    }

    @Override
    public void seal(
        final int count, final long timestampMs, final long producerId, final short epoch, final int baseSequence) {
        buffer.putInt(LAST_OFFSET_DELTA_FIELD_OFFSET, count - 1, BIG_ENDIAN);
        buffer.putLong(BASE_TIMESTAMP_FIELD_OFFSET, timestampMs, BIG_ENDIAN);
        buffer.putLong(MAX_TIMESTAMP_FIELD_OFFSET, timestampMs, BIG_ENDIAN);
        buffer.putLong(PRODUCER_ID_FIELD_OFFSET, producerId, BIG_ENDIAN);
        buffer.putShort(PRODUCER_EPOCH_FIELD_OFFSET, epoch, BIG_ENDIAN);
        buffer.putInt(BASE_SEQUENCE_FIELD_OFFSET, baseSequence, BIG_ENDIAN);
        buffer.putInt(RECORD_COUNT_FIELD_OFFSET, count, BIG_ENDIAN);
        if (compressor == null) {
            finish(buffer, bytes, end, 0);
            return;
        }
        compressed.putBytes(0, buffer, 0, HEADER_LENGTH);
        bytes.limit(end).position(HEADER_LENGTH);
        compressedBytes.limit(compressedBytes.capacity()).position(HEADER_LENGTH);
        final int length = compressor.compress(bytes, compressedBytes);
        bytes.clear();
        finish(compressed, compressedBytes, HEADER_LENGTH + length, compressor.codec());
    }

    @Override
    public DirectBuffer sealedBuffer() {
        return compressor == null ? buffer : compressed;
    }

    @Override
    public int sealedLength() {
        return sealedLength;
    }

    private void finish(final UnsafeBuffer out, final ByteBuffer outBytes, final int length, final int codec) {
        out.putInt(LENGTH_FIELD_OFFSET, length - LENGTH_OVERHEAD, BIG_ENDIAN);
        out.putShort(ATTRIBUTES_FIELD_OFFSET, (short) codec, BIG_ENDIAN);
        outBytes.limit(length).position(ATTRIBUTES_FIELD_OFFSET);
        crc.reset();
        crc.update(outBytes);
        out.putInt(CRC_FIELD_OFFSET, (int) crc.getValue(), BIG_ENDIAN);
        outBytes.clear();
        sealedLength = length;
    }

    private int varint(final int index, final int value) {
        int rest = value << 1 ^ value >> 31;
        int at = index;
        while ((rest & ~0x7f) != 0) {
            buffer.putByte(at++, (byte) (rest & 0x7f | 0x80));
            rest >>>= 7;
        }
        buffer.putByte(at, (byte) rest);
        return at + 1;
    }

    private static int varintLength(final int value) {
        int rest = value << 1 ^ value >> 31;
        int length = 1;
        while ((rest & ~0x7f) != 0) {
            length++;
            rest >>>= 7;
        }
        return length;
    }
}
