package io.millrace.broker.sim;

import io.millrace.engine.format.BatchDescriptor;
import io.millrace.engine.format.Checksums;
import java.nio.ByteOrder;
import java.util.random.RandomGenerator;
import org.agrona.concurrent.UnsafeBuffer;

/** One record batch of a simulated client. Its base timestamp is its id, so it is found again in any log. */
final class SimBatch {
    /** Ids of batches of one client. */
    static final long CLIENT_STEP = 1_000_000L;
    private static final long OTHER_PRODUCER_STEP = 1_000_000L;

    final long id;
    final int recordCount;
    final UnsafeBuffer buffer;

    SimBatch(
        final long id, final long producerId, final int baseSequence, final int recordCount, final int recordsLength,
        final RandomGenerator random) {
        this.id = id;
        this.recordCount = recordCount;
        final int length = BatchDescriptor.HEADER_LENGTH + recordsLength;
        buffer = new UnsafeBuffer(new byte[length]);
        buffer.putInt(BatchDescriptor.BATCH_LENGTH_FIELD_OFFSET, length - BatchDescriptor.LENGTH_OVERHEAD,
            ByteOrder.BIG_ENDIAN);
        buffer.putByte(BatchDescriptor.MAGIC_FIELD_OFFSET, BatchDescriptor.MAGIC_V2);
        buffer.putInt(BatchDescriptor.LAST_OFFSET_DELTA_FIELD_OFFSET, recordCount - 1, ByteOrder.BIG_ENDIAN);
        buffer.putLong(BatchDescriptor.BASE_TIMESTAMP_FIELD_OFFSET, id, ByteOrder.BIG_ENDIAN);
        buffer.putLong(BatchDescriptor.MAX_TIMESTAMP_FIELD_OFFSET, id, ByteOrder.BIG_ENDIAN);
        buffer.putInt(BatchDescriptor.RECORDS_COUNT_FIELD_OFFSET, recordCount, ByteOrder.BIG_ENDIAN);
        for (int i = BatchDescriptor.HEADER_LENGTH; i < length; i++) {
            buffer.putByte(i, (byte) random.nextInt());
        }
        producer(producerId, baseSequence);
    }

    private SimBatch(final SimBatch other) {
        id = other.id;
        recordCount = other.recordCount;
        buffer = new UnsafeBuffer(other.buffer.byteArray().clone());
    }

    /** {@return the same records from another producer} */
    SimBatch ofProducer(final long producerId, final int baseSequence) {
        final SimBatch copy = new SimBatch(this);
        copy.producer(producerId, baseSequence);
        return copy;
    }

    /** {@return the same batch as it looks to a broker that has never heard of its producer before this epoch} */
    SimBatch ofOtherProducer(final int epoch) {
        final long producerId = BatchDescriptor.producerId(buffer, 0);
        return producerId == BatchDescriptor.NO_PRODUCER_ID ? this
            : ofProducer(producerId + OTHER_PRODUCER_STEP * epoch, BatchDescriptor.baseSequence(buffer, 0));
    }

    private void producer(final long producerId, final int baseSequence) {
        final boolean plain = producerId == BatchDescriptor.NO_PRODUCER_ID;
        buffer.putLong(BatchDescriptor.PRODUCER_ID_FIELD_OFFSET, producerId, ByteOrder.BIG_ENDIAN);
        buffer.putShort(BatchDescriptor.PRODUCER_EPOCH_FIELD_OFFSET, (short) (plain ? -1 : 0), ByteOrder.BIG_ENDIAN);
        buffer.putInt(
            BatchDescriptor.BASE_SEQUENCE_FIELD_OFFSET, plain ? -1 : baseSequence, ByteOrder.BIG_ENDIAN);
        BatchDescriptor.putCrc(buffer, 0, new Checksums().batchCrc(buffer, 0, buffer.capacity()));
    }

    int length() {
        return buffer.capacity();
    }
}
