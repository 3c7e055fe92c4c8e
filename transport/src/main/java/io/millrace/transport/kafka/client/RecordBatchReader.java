package io.millrace.transport.kafka.client;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.millrace.transport.kafka.codec.MalformedRequestException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Walks fetched record batches (magic 2) and their records in place. Owned by the thread that wraps it.
 *
 * <p>{@link #nextBatch} checks bounds and CRC; {@link #nextRecord} gives the records of the present batch.
 */
public final class RecordBatchReader {
    private static final int CODEC_MASK = 0x7;

    private final BatchDecompressor decompressor;
    private final CRC32C crc = new CRC32C();
    private final UnsafeBuffer recordBuffer = new UnsafeBuffer(new byte[0]);
    private final VarintReader records = new VarintReader();
    private DirectBuffer buffer;
    private int index;
    private int limit;
    private int batchIndex;
    private int batchLength;
    private int recordCount;
    private int recordsLeft;
    private long timestampMs;
    private long offset;
    private int keyIndex;
    private int keyLength;
    private int valueIndex;
    private int valueLength;

    /**
     * @param decompressor null if compressed batches are an error
     */
    public RecordBatchReader(final BatchDecompressor decompressor) {
        this.decompressor = decompressor;
    }

    /**
     * Stands before the first batch.
     *
     * @param source    holds the batches
     * @param fromIndex of the first
     * @param length    of all; the last one may be cut off
     * @return this
     */
    public RecordBatchReader wrap(final DirectBuffer source, final int fromIndex, final int length) {
        buffer = source;
        index = fromIndex;
        limit = fromIndex + length;
        recordsLeft = 0;
        return this;
    }

    /**
     * {@return whether there is a next whole batch; the reader then stands before its first record}
     *
     * @throws MalformedRequestException when its length, magic, count or CRC is wrong, or it cannot be decompressed
     */
    public boolean nextBatch() {
        if (limit - index < RecordBatchTemplate.LENGTH_OVERHEAD) {
            return false;
        }
        final int claimed = buffer.getInt(index + RecordBatchTemplate.BATCH_LENGTH_FIELD_OFFSET, BIG_ENDIAN);
        if (claimed < RecordBatchTemplate.HEADER_LENGTH - RecordBatchTemplate.LENGTH_OVERHEAD) {
            throw new MalformedRequestException("batch length out of bounds: batchLength=" + claimed);
        }
        if (claimed > limit - index - RecordBatchTemplate.LENGTH_OVERHEAD) {
            return false;
        }
        batchIndex = index;
        batchLength = RecordBatchTemplate.LENGTH_OVERHEAD + claimed;
        index += batchLength;
        final byte magic = buffer.getByte(batchIndex + RecordBatchTemplate.MAGIC_FIELD_OFFSET);
        recordCount = buffer.getInt(batchIndex + RecordBatchTemplate.RECORD_COUNT_FIELD_OFFSET, BIG_ENDIAN);
        if (magic != 2 || recordCount < 0) {
            throw new MalformedRequestException("batch not readable: magic=" + magic + ", count=" + recordCount);
        }
        final int computed = computeCrc();
        final int stored = buffer.getInt(batchIndex + RecordBatchTemplate.CRC_FIELD_OFFSET, BIG_ENDIAN);
        if (computed != stored) {
            throw new MalformedRequestException("batch CRC differs: baseOffset=" + baseOffset() + ", stored=" +
                stored + ", computed=" + computed);
        }
        recordsLeft = recordCount;
        openRecords();
        return true;
    }

    /**
     * {@return whether the present batch has a next record; the reader then stands on it}
     *
     * @throws MalformedRequestException when the record runs past its batch
     */
    public boolean nextRecord() {
        if (recordsLeft == 0) {
            return false;
        }
        recordsLeft--;
        final int length = records.readInt();
        final int end = records.require(length);
        records.skip(1);
        timestampMs = buffer.getLong(batchIndex + RecordBatchTemplate.BASE_TIMESTAMP_FIELD_OFFSET, BIG_ENDIAN) +
            records.readLong();
        offset = baseOffset() + records.readInt();
        keyLength = records.readInt();
        keyIndex = records.skip(Math.max(keyLength, 0));
        valueLength = records.readInt();
        valueIndex = records.skip(Math.max(valueLength, 0));
        if (records.index() > end) {
            throw new MalformedRequestException("record longer than it says: offset=" + offset);
        }
        records.index(end);
        return true;
    }

    /** {@return offset of the present batch's first record} */
    public long baseOffset() {
        return buffer.getLong(batchIndex, BIG_ENDIAN);
    }

    /** {@return offset after the present batch's last record} */
    public long nextOffset() {
        return baseOffset() + 1 +
            buffer.getInt(batchIndex + RecordBatchTemplate.LAST_OFFSET_DELTA_FIELD_OFFSET, BIG_ENDIAN);
    }

    /** {@return records in the present batch} */
    public int recordCount() {
        return recordCount;
    }

    /** {@return length of the whole present batch} */
    public int batchLength() {
        return batchLength;
    }

    /** {@return the present batch's attributes} */
    public int attributes() {
        return buffer.getShort(batchIndex + RecordBatchTemplate.ATTRIBUTES_FIELD_OFFSET, BIG_ENDIAN);
    }

    /** {@return offset of the present record} */
    public long offset() {
        return offset;
    }

    /** {@return milliseconds since the epoch, of the present record} */
    public long timestampMs() {
        return timestampMs;
    }

    /** {@return the memory that key and value indexes refer to} */
    public DirectBuffer recordBuffer() {
        return recordBuffer;
    }

    /** {@return where the present record's key begins} */
    public int keyIndex() {
        return keyIndex;
    }

    /** {@return length of the present record's key, -1 for none} */
    public int keyLength() {
        return keyLength;
    }

    /** {@return where the present record's value begins} */
    public int valueIndex() {
        return valueIndex;
    }

    /** {@return length of the present record's value, -1 for none} */
    public int valueLength() {
        return valueLength;
    }

    private int computeCrc() {
        final int from = RecordBatchTemplate.ATTRIBUTES_FIELD_OFFSET;
        crc.reset();
        crc.update(view(batchIndex + from, batchLength - from));
        return (int) crc.getValue();
    }

    private void openRecords() {
        final int codec = attributes() & CODEC_MASK;
        final int from = batchIndex + RecordBatchTemplate.HEADER_LENGTH;
        final int length = batchLength - RecordBatchTemplate.HEADER_LENGTH;
        if (codec == 0) {
            recordBuffer.wrap(buffer, from, length);
        } else {
            if (decompressor == null) {
                throw new MalformedRequestException("batch is compressed and there is no decompressor: codec=" + codec);
            }
            final ByteBuffer plain = decompressor.decompress(codec, view(from, length));
            recordBuffer.wrap(plain, plain.position(), plain.remaining());
        }
        records.wrap(recordBuffer);
    }

    private ByteBuffer view(final int from, final int length) {
        final byte[] array = buffer.byteArray();
        final ByteBuffer view = array == null ? buffer.byteBuffer().duplicate() : ByteBuffer.wrap(array);
        final int start = buffer.wrapAdjustment() + from;
        return view.limit(start + length).position(start);
    }
}
