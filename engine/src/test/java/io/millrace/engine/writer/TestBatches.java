package io.millrace.engine.writer;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.millrace.engine.format.BatchDescriptor;
import io.millrace.engine.format.Checksums;
import org.agrona.MutableDirectBuffer;

/** Makes record batches as a client would send them: offsets and leader epoch not set. Owned by one thread. */
final class TestBatches {
    /** Where a test may put a mark of its own into a batch, the first four bytes of its records. */
    static final int TAG_FIELD_OFFSET = BatchDescriptor.HEADER_LENGTH;
    static final int MIN_LENGTH = TAG_FIELD_OFFSET + Integer.BYTES;

    private final Checksums checksums = new Checksums();

    @SuppressWarnings("checkstyle:ParameterNumber") // a batch is that many numbers
    void put(
        final MutableDirectBuffer buffer,
        final int index,
        final int length,
        final int tag,
        final int recordCount,
        final long producerId,
        final short producerEpoch,
        final int baseSequence) {
        buffer.putLong(index, 0, BIG_ENDIAN);
        buffer.putInt(index + BatchDescriptor.BATCH_LENGTH_FIELD_OFFSET,
            length - BatchDescriptor.LENGTH_OVERHEAD, BIG_ENDIAN);
        buffer.putInt(index + BatchDescriptor.PARTITION_LEADER_EPOCH_FIELD_OFFSET, -1, BIG_ENDIAN);
        buffer.putByte(index + BatchDescriptor.MAGIC_FIELD_OFFSET, BatchDescriptor.MAGIC_V2);
        buffer.putShort(index + BatchDescriptor.ATTRIBUTES_FIELD_OFFSET, (short) 0, BIG_ENDIAN);
        buffer.putInt(index + BatchDescriptor.LAST_OFFSET_DELTA_FIELD_OFFSET, recordCount - 1, BIG_ENDIAN);
        buffer.putLong(index + BatchDescriptor.BASE_TIMESTAMP_FIELD_OFFSET, 1_000 + tag, BIG_ENDIAN);
        buffer.putLong(index + BatchDescriptor.MAX_TIMESTAMP_FIELD_OFFSET, 2_000 + tag, BIG_ENDIAN);
        buffer.putLong(index + BatchDescriptor.PRODUCER_ID_FIELD_OFFSET, producerId, BIG_ENDIAN);
        buffer.putShort(index + BatchDescriptor.PRODUCER_EPOCH_FIELD_OFFSET, producerEpoch, BIG_ENDIAN);
        buffer.putInt(index + BatchDescriptor.BASE_SEQUENCE_FIELD_OFFSET, baseSequence, BIG_ENDIAN);
        buffer.putInt(index + BatchDescriptor.RECORDS_COUNT_FIELD_OFFSET, recordCount, BIG_ENDIAN);
        buffer.putInt(index + TAG_FIELD_OFFSET, tag, BIG_ENDIAN);
        for (int i = MIN_LENGTH; i < length; i++) {
            buffer.putByte(index + i, (byte) (tag + i));
        }
        BatchDescriptor.putCrc(buffer, index, checksums.batchCrc(buffer, index, length));
    }
}
