package io.millrace.broker.sim;

import io.millrace.engine.format.BatchDescriptor;
import io.millrace.engine.format.Checksums;
import java.nio.ByteOrder;
import java.util.random.RandomGenerator;
import org.agrona.concurrent.UnsafeBuffer;

/** One record batch of a simulated client. Its base timestamp is its id, so it is found again in any log. */
final class SimBatch {
    final long id;
    final int baseSequence;
    final int recordCount;
    final UnsafeBuffer buffer;

    SimBatch(
        final long id, final long producerId, final int baseSequence, final int recordCount, final int recordsLength,
        final RandomGenerator random) {
        this.id = id;
        this.baseSequence = baseSequence;
        this.recordCount = recordCount;
        final int length = BatchDescriptor.HEADER_LENGTH + recordsLength;
        buffer = new UnsafeBuffer(new byte[length]);
        buffer.putInt(BatchDescriptor.BATCH_LENGTH_FIELD_OFFSET, length - BatchDescriptor.LENGTH_OVERHEAD,
            ByteOrder.BIG_ENDIAN);
        buffer.putByte(BatchDescriptor.MAGIC_FIELD_OFFSET, BatchDescriptor.MAGIC_V2);
        buffer.putInt(BatchDescriptor.LAST_OFFSET_DELTA_FIELD_OFFSET, recordCount - 1, ByteOrder.BIG_ENDIAN);
        buffer.putLong(BatchDescriptor.BASE_TIMESTAMP_FIELD_OFFSET, id, ByteOrder.BIG_ENDIAN);
        buffer.putLong(BatchDescriptor.MAX_TIMESTAMP_FIELD_OFFSET, id, ByteOrder.BIG_ENDIAN);
        buffer.putLong(BatchDescriptor.PRODUCER_ID_FIELD_OFFSET, producerId, ByteOrder.BIG_ENDIAN);
        buffer.putShort(BatchDescriptor.PRODUCER_EPOCH_FIELD_OFFSET,
            (short) (producerId == BatchDescriptor.NO_PRODUCER_ID ? -1 : 0), ByteOrder.BIG_ENDIAN);
        buffer.putInt(BatchDescriptor.BASE_SEQUENCE_FIELD_OFFSET,
            producerId == BatchDescriptor.NO_PRODUCER_ID ? -1 : baseSequence, ByteOrder.BIG_ENDIAN);
        buffer.putInt(BatchDescriptor.RECORDS_COUNT_FIELD_OFFSET, recordCount, ByteOrder.BIG_ENDIAN);
        for (int i = BatchDescriptor.HEADER_LENGTH; i < length; i++) {
            buffer.putByte(i, (byte) random.nextInt());
        }
        BatchDescriptor.putCrc(buffer, 0, new Checksums().batchCrc(buffer, 0, length));
    }

    int length() {
        return buffer.capacity();
    }
}
