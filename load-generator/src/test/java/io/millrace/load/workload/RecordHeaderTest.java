package io.millrace.load.workload;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

class RecordHeaderTest {
    private static final int LENGTH = 100;
    private static final int INDEX = 13;

    private final CRC32C crc = new CRC32C();

    @Test
    void shouldReadBackWhatWasWritten() {
        final ByteBuffer record = record(ByteBuffer.allocate(LENGTH + INDEX));
        assertTrue(RecordHeader.isIntact(record, INDEX, LENGTH, crc));
        assertEquals(0xFEDC, RecordHeader.producerId(record, INDEX));
        assertEquals(0x1122334455667788L, RecordHeader.runId(record, INDEX));
        assertEquals(77, RecordHeader.partition(record, INDEX));
        assertEquals(123_456_789, RecordHeader.sequence(record, INDEX));
        assertEquals(987_654_321_012L, RecordHeader.dueNs(record, INDEX));
    }

    @Test
    void shouldDetectEachFlippedBit() {
        final ByteBuffer record = record(ByteBuffer.allocate(LENGTH + INDEX));
        for (int bit = INDEX * 8; bit < record.capacity() * 8; bit++) {
            final byte before = record.get(bit / 8);
            record.put(bit / 8, (byte) (before ^ 1 << bit % 8));
            assertFalse(RecordHeader.isIntact(record, INDEX, LENGTH, crc), "bit " + bit);
            record.put(bit / 8, before);
        }
        assertTrue(RecordHeader.isIntact(record, INDEX, LENGTH, crc));
    }

    @Test
    void shouldDetectAWrongLength() {
        final ByteBuffer record = record(ByteBuffer.allocate(LENGTH + INDEX));
        assertFalse(RecordHeader.isIntact(record, INDEX, LENGTH - 1, crc));
        assertFalse(RecordHeader.isIntact(record, INDEX, RecordHeader.LENGTH - 1, crc));
        assertFalse(RecordHeader.isIntact(record, INDEX, 0, crc));
    }

    @Test
    void shouldWriteTheSameBytesOnAndOffTheHeap() {
        final byte[] direct = new byte[LENGTH + INDEX];
        record(ByteBuffer.allocateDirect(LENGTH + INDEX)).get(0, direct);
        assertArrayEquals(record(ByteBuffer.allocate(LENGTH + INDEX)).array(), direct);
    }

    @Test
    void shouldMakeTheSamePayloadFromTheSameSeed() {
        assertArrayEquals(Payload.make(Payload.Kind.RANDOM, 1_000, 7), Payload.make(Payload.Kind.RANDOM, 1_000, 7));
        assertEquals(1_001, Payload.make(Payload.Kind.COMPRESSIBLE, 1_001, 7).length);
    }

    private ByteBuffer record(final ByteBuffer memory) {
        memory.put(INDEX, Payload.make(Payload.Kind.RANDOM, LENGTH, 1), 0, LENGTH);
        RecordHeader.prepare(memory, INDEX, 0x1122334455667788L, 0xFEDC, 77);
        RecordHeader.patch(memory, INDEX, LENGTH, 123_456_789, 987_654_321_012L, crc);
        return memory;
    }
}
