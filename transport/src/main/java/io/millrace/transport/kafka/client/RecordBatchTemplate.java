package io.millrace.transport.kafka.client;

import static java.nio.ByteOrder.BIG_ENDIAN;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A record batch (magic 2) of records of one size, laid out once; per send only what changes is written, then the CRC.
 * Owned by the thread that fills it.
 *
 * <p>Fill values (and keys) in place at {@link #valueIndex}, set timestamp and producer, then {@link #seal}. All
 * records carry the batch's timestamp. A sealed batch may be filled and sealed again once it was offered.
 */
public final class RecordBatchTemplate {
    /** Length of a batch's header. */
    public static final int HEADER_LENGTH = 61;

    static final int BATCH_LENGTH_FIELD_OFFSET = 8;
    static final int LEADER_EPOCH_FIELD_OFFSET = 12;
    static final int MAGIC_FIELD_OFFSET = 16;
    static final int CRC_FIELD_OFFSET = 17;
    static final int ATTRIBUTES_FIELD_OFFSET = 21;
    static final int LAST_OFFSET_DELTA_FIELD_OFFSET = 23;
    static final int BASE_TIMESTAMP_FIELD_OFFSET = 27;
    static final int MAX_TIMESTAMP_FIELD_OFFSET = 35;
    static final int PRODUCER_ID_FIELD_OFFSET = 43;
    static final int PRODUCER_EPOCH_FIELD_OFFSET = 51;
    static final int BASE_SEQUENCE_FIELD_OFFSET = 53;
    static final int RECORD_COUNT_FIELD_OFFSET = 57;
    /** What the batch length field leaves out: base offset and the field itself. */
    static final int LENGTH_OVERHEAD = 12;

    private final int valueLength;
    private final int keyLength;
    private final int[] recordEnds;
    private final int[] valueIndexes;
    private final ByteBuffer memory;
    private final UnsafeBuffer buffer;
    private final BatchCompressor compressor;
    private final ByteBuffer compressedMemory;
    private final UnsafeBuffer compressed;
    private final CRC32C crc = new CRC32C();
    private int sealedLength;

    /**
     * @param maxRecordCount most records in a batch
     * @param keyLength      of each key, -1 for records without one
     * @param valueLength    of each value
     * @param compressor     null for none
     */
    public RecordBatchTemplate(
        final int maxRecordCount, final int keyLength, final int valueLength, final BatchCompressor compressor) {
        if (maxRecordCount < 1 || keyLength < -1 || valueLength < 0) {
            throw new IllegalArgumentException("template out of bounds: maxRecordCount=" + maxRecordCount +
                ", keyLength=" + keyLength + ", valueLength=" + valueLength);
        }
        this.keyLength = keyLength;
        this.valueLength = valueLength;
        this.compressor = compressor;
        recordEnds = new int[maxRecordCount];
        valueIndexes = new int[maxRecordCount];
        memory = ByteBuffer.allocateDirect(measure(maxRecordCount));
        buffer = new UnsafeBuffer(memory);
        layOut();
        if (compressor == null) {
            compressedMemory = null;
            compressed = null;
        } else {
            final int recordsLength = memory.capacity() - HEADER_LENGTH;
            compressedMemory =
                ByteBuffer.allocateDirect(HEADER_LENGTH + compressor.maxCompressedLength(recordsLength));
            compressed = new UnsafeBuffer(compressedMemory);
        }
    }

    /** {@return the memory to fill keys and values into} */
    public UnsafeBuffer buffer() {
        return buffer;
    }

    /** {@return most records in a batch} */
    public int maxRecordCount() {
        return recordEnds.length;
    }

    /** {@return length of each value} */
    public int valueLength() {
        return valueLength;
    }

    /**
     * {@return where a record's value begins in {@link #buffer()}}
     *
     * @param record 0 to {@link #maxRecordCount()} - 1
     */
    public int valueIndex(final int record) {
        return valueIndexes[record];
    }

    /**
     * {@return where a record's key begins in {@link #buffer()}}
     *
     * @param record 0 to {@link #maxRecordCount()} - 1
     */
    public int keyIndex(final int record) {
        return valueIndexes[record] - Varints.length(valueLength) - Math.max(keyLength, 0);
    }

    /**
     * Sets the timestamp of all records.
     *
     * @param timestampMs milliseconds since the epoch
     */
    public void timestamp(final long timestampMs) {
        buffer.putLong(BASE_TIMESTAMP_FIELD_OFFSET, timestampMs, BIG_ENDIAN);
        buffer.putLong(MAX_TIMESTAMP_FIELD_OFFSET, timestampMs, BIG_ENDIAN);
    }

    /**
     * Makes the batch one of an idempotent producer; without a call it is none.
     *
     * @param producerId    from InitProducerId, -1 for none
     * @param producerEpoch from InitProducerId, -1 for none
     * @param baseSequence  of the first record in its partition, -1 for none
     */
    public void producer(final long producerId, final short producerEpoch, final int baseSequence) {
        buffer.putLong(PRODUCER_ID_FIELD_OFFSET, producerId, BIG_ENDIAN);
        buffer.putShort(PRODUCER_EPOCH_FIELD_OFFSET, producerEpoch, BIG_ENDIAN);
        buffer.putInt(BASE_SEQUENCE_FIELD_OFFSET, baseSequence, BIG_ENDIAN);
    }

    /**
     * Finishes a batch of the first so many records: count, length, compression, CRC.
     *
     * @param recordCount 1 to {@link #maxRecordCount()}
     * @return length of the finished batch, which begins at index 0 of {@link #sealedBuffer()}
     */
    public int seal(final int recordCount) {
        final int end = recordEnds[recordCount - 1];
        buffer.putInt(LAST_OFFSET_DELTA_FIELD_OFFSET, recordCount - 1, BIG_ENDIAN);
        buffer.putInt(RECORD_COUNT_FIELD_OFFSET, recordCount, BIG_ENDIAN);
        if (compressor == null) {
            return finish(buffer, memory, end, 0);
        }
        compressed.putBytes(0, buffer, 0, HEADER_LENGTH);
        memory.limit(end).position(HEADER_LENGTH);
        compressedMemory.limit(compressedMemory.capacity()).position(HEADER_LENGTH);
        final int length = compressor.compress(memory, compressedMemory);
        return finish(compressed, compressedMemory, HEADER_LENGTH + length, compressor.codec());
    }

    /** {@return the memory that holds the finished batch from index 0 on} */
    public UnsafeBuffer sealedBuffer() {
        return compressor == null ? buffer : compressed;
    }

    /** {@return length of the finished batch} */
    public int sealedLength() {
        return sealedLength;
    }

    /**
     * {@return length of an uncompressed batch of so many records}
     *
     * @param recordCount 1 to {@link #maxRecordCount()}
     */
    public int uncompressedLength(final int recordCount) {
        return recordEnds[recordCount - 1];
    }

    private int finish(final UnsafeBuffer out, final ByteBuffer outMemory, final int end, final int codec) {
        out.putInt(BATCH_LENGTH_FIELD_OFFSET, end - LENGTH_OVERHEAD, BIG_ENDIAN);
        out.putShort(ATTRIBUTES_FIELD_OFFSET, (short) codec, BIG_ENDIAN);
        outMemory.limit(end).position(ATTRIBUTES_FIELD_OFFSET);
        crc.reset();
        crc.update(outMemory);
        out.putInt(CRC_FIELD_OFFSET, (int) crc.getValue(), BIG_ENDIAN);
        outMemory.clear();
        sealedLength = end;
        return end;
    }

    private int measure(final int recordCount) {
        long length = HEADER_LENGTH;
        for (int i = 0; i < recordCount; i++) {
            final int body = recordBodyLength(i);
            length += Varints.length(body) + body;
        }
        if (length > Integer.MAX_VALUE - 64) {
            throw new IllegalArgumentException("batch too long: length=" + length + "; lower the record count");
        }
        return (int) length;
    }

    private int recordBodyLength(final int record) {
        // attributes, timestamp delta 0, offset delta, key, value, header count 0
        return Math.addExact(1 + 1 + Varints.length(record) + Varints.length(keyLength) + Math.max(keyLength, 0) +
            Varints.length(valueLength) + 1, valueLength);
    }

    private void layOut() {
        buffer.putInt(LEADER_EPOCH_FIELD_OFFSET, -1, BIG_ENDIAN);
        buffer.putByte(MAGIC_FIELD_OFFSET, (byte) 2);
        producer(-1L, (short) -1, -1);
        int at = HEADER_LENGTH;
        for (int i = 0; i < recordEnds.length; i++) {
            at = Varints.put(buffer, at, recordBodyLength(i));
            buffer.putByte(at, (byte) 0);
            at = Varints.put(buffer, at + 1, 0);
            at = Varints.put(buffer, at, i);
            at = Varints.put(buffer, at, keyLength) + Math.max(keyLength, 0);
            at = Varints.put(buffer, at, valueLength);
            valueIndexes[i] = at;
            at = Varints.put(buffer, at + valueLength, 0);
            recordEnds[i] = at;
        }
    }
}
