package io.millrace.broker.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.engine.ErrorCodes;
import io.millrace.engine.format.BatchDescriptor;
import io.millrace.engine.format.Checksums;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class BatchValidatorTest {
    private static final int RECORDS_LENGTH = 40;
    private static final int LENGTH = BatchDescriptor.HEADER_LENGTH + RECORDS_LENGTH;
    private static final int INDEX = 16;
    private static final int VERSION = 7;

    private final BatchValidator validator = new BatchValidator();
    private final UnsafeBuffer buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(INDEX + LENGTH + 64));

    BatchValidatorTest() {
        putInt(BatchDescriptor.BATCH_LENGTH_FIELD_OFFSET, LENGTH - BatchDescriptor.LENGTH_OVERHEAD);
        buffer.putByte(INDEX + BatchDescriptor.MAGIC_FIELD_OFFSET, BatchDescriptor.MAGIC_V2);
        putInt(BatchDescriptor.LAST_OFFSET_DELTA_FIELD_OFFSET, 2);
        putInt(BatchDescriptor.RECORDS_COUNT_FIELD_OFFSET, 3);
        putLong(BatchDescriptor.PRODUCER_ID_FIELD_OFFSET, -1);
        putShort(BatchDescriptor.PRODUCER_EPOCH_FIELD_OFFSET, -1);
        putInt(BatchDescriptor.BASE_SEQUENCE_FIELD_OFFSET, -1);
    }

    private void putInt(final int field, final int value) {
        buffer.putInt(INDEX + field, value, ByteOrder.BIG_ENDIAN);
    }

    private void putShort(final int field, final int value) {
        buffer.putShort(INDEX + field, (short)value, ByteOrder.BIG_ENDIAN);
    }

    private void putLong(final int field, final long value) {
        buffer.putLong(INDEX + field, value, ByteOrder.BIG_ENDIAN);
    }

    private void seal() {
        BatchDescriptor.putCrc(buffer, INDEX, new Checksums().batchCrc(buffer, INDEX, LENGTH));
    }

    private void assertAnswer(final int expected, final int version, final int length, final int maxLength) {
        assertEquals(expected, validator.check(version, buffer, INDEX, length, maxLength));
    }

    private void assertSealedAnswer(final int expected) {
        seal();
        assertAnswer(expected, VERSION, LENGTH, LENGTH);
    }

    @Test
    void shouldAcceptAWellFormedBatch() {
        assertSealedAnswer(ErrorCodes.NONE);
    }

    @Test
    void shouldRefuseWhenLengthsDoNotFit() {
        seal();
        assertAnswer(ErrorCodes.INVALID_RECORD, VERSION, -1, LENGTH);
        assertAnswer(ErrorCodes.CORRUPT_MESSAGE, VERSION, BatchDescriptor.HEADER_LENGTH - 1, LENGTH);
        assertAnswer(ErrorCodes.CORRUPT_MESSAGE, VERSION, LENGTH - 1, LENGTH);
        assertAnswer(ErrorCodes.INVALID_RECORD, VERSION, LENGTH + 1, 2 * LENGTH);
        assertAnswer(ErrorCodes.MESSAGE_TOO_LARGE, VERSION, LENGTH, LENGTH - 1);
        putInt(BatchDescriptor.BATCH_LENGTH_FIELD_OFFSET, Integer.MIN_VALUE);
        assertAnswer(ErrorCodes.CORRUPT_MESSAGE, VERSION, LENGTH, LENGTH);
        putInt(BatchDescriptor.BATCH_LENGTH_FIELD_OFFSET, Integer.MAX_VALUE);
        assertAnswer(ErrorCodes.CORRUPT_MESSAGE, VERSION, LENGTH, LENGTH);
    }

    @Test
    void shouldRefuseEveryFlippedBitThatTheBatchCrcCovers() {
        seal();
        for (int bit = BatchDescriptor.ATTRIBUTES_FIELD_OFFSET * 8; bit < LENGTH * 8; bit++) {
            final int at = INDEX + bit / 8;
            final byte before = buffer.getByte(at);
            buffer.putByte(at, (byte)(before ^ 1 << bit % 8));
            assertAnswer(ErrorCodes.CORRUPT_MESSAGE, VERSION, LENGTH, LENGTH);
            buffer.putByte(at, before);
        }
    }

    @Test
    void shouldRefuseOldFormats() {
        buffer.putByte(INDEX + BatchDescriptor.MAGIC_FIELD_OFFSET, (byte)1);
        assertSealedAnswer(KafkaErrors.UNSUPPORTED_FOR_MESSAGE_FORMAT);
    }

    @Test
    void shouldRefuseWrongCounts() {
        putInt(BatchDescriptor.RECORDS_COUNT_FIELD_OFFSET, 2);
        assertSealedAnswer(ErrorCodes.INVALID_RECORD);
        putInt(BatchDescriptor.RECORDS_COUNT_FIELD_OFFSET, 0);
        putInt(BatchDescriptor.LAST_OFFSET_DELTA_FIELD_OFFSET, -1);
        assertSealedAnswer(ErrorCodes.INVALID_RECORD);
    }

    @Test
    void shouldRefuseTransactionalControlAndLogAppendTime() {
        putShort(BatchDescriptor.ATTRIBUTES_FIELD_OFFSET, 0x10);
        assertSealedAnswer(ErrorCodes.INVALID_RECORD);
        putShort(BatchDescriptor.ATTRIBUTES_FIELD_OFFSET, 0x20);
        assertSealedAnswer(ErrorCodes.INVALID_RECORD);
        putShort(BatchDescriptor.ATTRIBUTES_FIELD_OFFSET, 0x08);
        assertSealedAnswer(KafkaErrors.INVALID_TIMESTAMP);
    }

    @Test
    void shouldRefuseAProducerIdWithoutSequence() {
        putLong(BatchDescriptor.PRODUCER_ID_FIELD_OFFSET, 5);
        assertSealedAnswer(ErrorCodes.INVALID_RECORD);
        putInt(BatchDescriptor.BASE_SEQUENCE_FIELD_OFFSET, 0);
        putShort(BatchDescriptor.PRODUCER_EPOCH_FIELD_OFFSET, 0);
        assertSealedAnswer(ErrorCodes.NONE);
    }

    @Test
    void shouldRefuseZstdFromOldClientsOnly() {
        putShort(BatchDescriptor.ATTRIBUTES_FIELD_OFFSET, 4);
        seal();
        assertAnswer(KafkaErrors.UNSUPPORTED_COMPRESSION_TYPE, VERSION - 1, LENGTH, LENGTH);
        assertAnswer(ErrorCodes.NONE, VERSION, LENGTH, LENGTH);
        putShort(BatchDescriptor.ATTRIBUTES_FIELD_OFFSET, 5);
        assertSealedAnswer(KafkaErrors.UNSUPPORTED_COMPRESSION_TYPE);
    }
}
