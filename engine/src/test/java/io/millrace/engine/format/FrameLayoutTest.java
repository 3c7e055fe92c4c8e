package io.millrace.engine.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class FrameLayoutTest {
    private static final int BATCH_INDEX = FrameDescriptor.HEADER_LENGTH;
    private static final int RECORDS_LENGTH = 5;
    private static final int BATCH_LENGTH = BatchDescriptor.HEADER_LENGTH + RECORDS_LENGTH;
    private static final int FRAME_LENGTH = FrameDescriptor.HEADER_LENGTH + BATCH_LENGTH;
    // length 98, type 1, position, epoch, partition, header CRC, previous CRC; then the batch, big endian
    private static final String GOLDEN = "62000000" + "01000000" + "0807060504030201" + "44332211" + "0d000000"
        + "HEADERCR" + "efbeadde"
        + "0000000000001234" + "00000036" + "00000007" + "02" + "BATCHCRC" + "0000" + "00000002"
        + "0000018bcfe56800" + "0000018bcfe56802" + "000000000000002a" + "0003" + "00000064" + "00000003"
        + "0102030405" + "000000000000";

    private final UnsafeBuffer buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(256));
    private final Checksums checksums = new Checksums();

    @Test
    void shouldMatchGoldenBytesWhenBatchFrameIsWritten() {
        encode(buffer, 0);
        final byte[] actual = new byte[FrameDescriptor.alignedLength(FRAME_LENGTH)];
        buffer.getBytes(0, actual);
        final byte[] expected = golden();
        assertEquals(HexFormat.of().formatHex(expected), HexFormat.of().formatHex(actual));
        assertArrayEquals(expected, actual);
    }

    @Test
    void shouldGiveSameChecksumsWhateverHoldsTheBytes() {
        encode(buffer, 0);
        final UnsafeBuffer array = new UnsafeBuffer(new byte[300], 20, 280);
        array.putBytes(16, buffer, 0, 104);
        final UnsafeBuffer slice = new UnsafeBuffer(ByteBuffer.allocateDirect(300), 40, 200);
        slice.putBytes(8, buffer, 0, 104);
        final int frameCrc = checksums.frameCrc(buffer, 0);
        assertEquals(frameCrc, checksums.frameCrc(array, 16));
        assertEquals(frameCrc, checksums.frameCrc(slice, 8));
        assertEquals(checksums.batchCrc(buffer, BATCH_INDEX, BATCH_LENGTH),
            checksums.batchCrc(array, 16 + BATCH_INDEX, BATCH_LENGTH));
        assertEquals(frameCrc, FrameDescriptor.headerCrc(buffer, 0));
    }

    @Test
    void shouldGiveTheSameInOnePassWhateverStoodInTheCrcField() {
        final long seed = System.nanoTime();
        final Random random = new Random(seed);
        for (int round = 0; round < 2_000; round++) {
            final byte[] bytes = new byte[256];
            random.nextBytes(bytes);
            final int index = 8 * random.nextInt(16);
            final UnsafeBuffer frame = round % 2 == 0 ? new UnsafeBuffer(bytes) : buffer;
            frame.putBytes(0, bytes);
            FrameDescriptor.putLengthAndType(frame, index, FRAME_LENGTH, FrameDescriptor.TYPE_BATCH);
            final byte[] covered = new byte[53];
            frame.getBytes(index, covered);
            Arrays.fill(covered, 24, 28, (byte) 0);
            final CRC32C oracle = new CRC32C();
            oracle.update(covered);
            final int threePasses = checksums.frameCrc(frame, index);
            assertEquals((int) oracle.getValue(), threePasses, "seed=" + seed);
            assertEquals(threePasses, checksums.newBatchFrameCrc(frame, index), "seed=" + seed);
            final byte[] after = new byte[53];
            frame.getBytes(index, after);
            assertArrayEquals(covered, after, "only the CRC field may change, seed=" + seed);
        }
    }

    @Test
    void shouldCoverExactlyTheBytesThatTheBatchCrcLeavesOut() {
        encode(buffer, 0);
        final int frameCrc = checksums.frameCrc(buffer, 0);
        final int batchCrc = checksums.batchCrc(buffer, BATCH_INDEX, BATCH_LENGTH);
        for (int i = 0; i < FRAME_LENGTH; i++) {
            if (i >= FrameDescriptor.TYPE_FIELD_OFFSET && i < FrameDescriptor.POSITION_FIELD_OFFSET
                || i >= FrameDescriptor.HEADER_CRC_FIELD_OFFSET && i < FrameDescriptor.PREVIOUS_CRC_FIELD_OFFSET) {
                continue;
            }
            buffer.putByte(i, (byte) (buffer.getByte(i) ^ 0x10));
            if (i < FrameDescriptor.BATCH_CRC_COVER_LENGTH) {
                assertNotEquals(frameCrc, checksums.frameCrc(buffer, 0), "byte " + i);
                assertEquals(batchCrc, checksums.batchCrc(buffer, BATCH_INDEX, BATCH_LENGTH), "byte " + i);
            } else {
                assertEquals(frameCrc, checksums.frameCrc(buffer, 0), "byte " + i);
                assertNotEquals(batchCrc, checksums.batchCrc(buffer, BATCH_INDEX, BATCH_LENGTH), "byte " + i);
            }
            buffer.putByte(i, (byte) (buffer.getByte(i) ^ 0x10));
        }
    }

    @Test
    void shouldCoverWholeFrameWhenItIsNoBatch() {
        encode(buffer, 0);
        FrameDescriptor.putLengthAndType(buffer, 0, FRAME_LENGTH, FrameDescriptor.TYPE_STATE);
        final int frameCrc = checksums.frameCrc(buffer, 0);
        buffer.putByte(FRAME_LENGTH - 1, (byte) 77);
        assertNotEquals(frameCrc, checksums.frameCrc(buffer, 0));
    }

    @Test
    void shouldKnowNoTimestampOfABatchWithoutAny() {
        assertEquals(-1, maxTimestampMs(-1, -1), "as kafka-clients writes it");
        assertEquals(-1, maxTimestampMs(-1, 0), "as librdkafka does");
        assertEquals(0, maxTimestampMs(0, 0), "the beginning of 1970");
        assertEquals(7, maxTimestampMs(-1, 7), "some records have one");
    }

    private long maxTimestampMs(final long base, final long max) {
        encode(buffer, 0);
        buffer.putLong(BATCH_INDEX + 27, base, ByteOrder.BIG_ENDIAN);
        buffer.putLong(BATCH_INDEX + 35, max, ByteOrder.BIG_ENDIAN);
        return BatchDescriptor.maxTimestampMs(buffer, BATCH_INDEX);
    }

    private void encode(final UnsafeBuffer target, final int index) {
        final byte[] bytes = template();
        final UnsafeBuffer source = new UnsafeBuffer(bytes);
        target.putBytes(index + BATCH_INDEX, source, BATCH_INDEX, BATCH_LENGTH);
        FrameDescriptor.putLengthAndType(target, index, FRAME_LENGTH, FrameDescriptor.TYPE_BATCH);
        FrameDescriptor.putPosition(target, index, 0x0102030405060708L);
        FrameDescriptor.putLeaderEpoch(target, index, 0x11223344);
        FrameDescriptor.putPartitionId(target, index, 13);
        FrameDescriptor.putPreviousCrc(target, index, 0xdeadbeef);
        FrameDescriptor.zeroPadding(target, index, FRAME_LENGTH);
        BatchDescriptor.putBaseOffset(target, index + BATCH_INDEX, 0x1234);
        BatchDescriptor.putPartitionLeaderEpoch(target, index + BATCH_INDEX, 7);
        BatchDescriptor.putCrc(target, index + BATCH_INDEX,
            checksums.batchCrc(target, index + BATCH_INDEX, BATCH_LENGTH));
        FrameDescriptor.putHeaderCrc(target, index, checksums.frameCrc(target, index));
        assertEquals(BATCH_LENGTH, BatchDescriptor.totalLength(target, index + BATCH_INDEX));
        assertEquals(0x1237, BatchDescriptor.nextOffset(target, index + BATCH_INDEX));
        assertEquals(0x18bcfe56802L, BatchDescriptor.maxTimestampMs(target, index + BATCH_INDEX));
        assertEquals(42, BatchDescriptor.producerId(target, index + BATCH_INDEX));
        assertEquals(3, BatchDescriptor.producerEpoch(target, index + BATCH_INDEX));
        assertEquals(100, BatchDescriptor.baseSequence(target, index + BATCH_INDEX));
        assertEquals(3, BatchDescriptor.recordsCount(target, index + BATCH_INDEX));
    }

    private static byte[] template() {
        return HexFormat.of().parseHex(GOLDEN.replace("HEADERCR", "00000000").replace("BATCHCRC", "00000000"));
    }

    // computes the two checksums on its own, byte by byte as the drawing says
    private static byte[] golden() {
        final byte[] bytes = template();
        final CRC32C crc = new CRC32C();
        crc.update(bytes, 32 + 21, FRAME_LENGTH - 53);
        ByteBuffer.wrap(bytes).putInt(32 + 17, (int) crc.getValue());
        crc.reset();
        crc.update(bytes, 0, 53);
        ByteBuffer.wrap(bytes).putInt(24, Integer.reverseBytes((int) crc.getValue()));
        return bytes;
    }
}
