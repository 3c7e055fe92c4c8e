package io.millrace.broker.replication;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HexFormat;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** The bytes of each message against golden ones: two releases of a broker may have to talk to each other. */
class MessageLayoutTest {
    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[512]);

    private String hex(final int length) {
        final byte[] bytes = new byte[length];
        buffer.getBytes(0, bytes);
        return HexFormat.of().formatHex(bytes);
    }

    @Test
    void shouldLayOutChunk() {
        ChunkMessage.encode(buffer, 0, 0x01020304, 5, 6, 0x1112131415161718L, 7, 8);
        assertEquals("01010000" + "04030201" + "05000000" + "06000000" + "1817161514131211" + "0700000000000000"
            + "0800000000000000", hex(ChunkMessage.BYTES_FIELD_OFFSET));
        assertTrue(ChunkMessage.isWhole(buffer, 0, 46));
        assertFalse(ChunkMessage.isWhole(buffer, 0, 45));
        assertFalse(ChunkMessage.isWhole(buffer, 0, 39));
    }

    @Test
    void shouldRefuseAChunkOfNegativeLength() {
        ChunkMessage.encode(buffer, 0, 1, 5, -1, 1, 7, 8);
        assertFalse(ChunkMessage.isWhole(buffer, 0, 100));
    }

    @Test
    void shouldLayOutFetchFrom() {
        final FakeShardLog log = new FakeShardLog();
        log.startLeading(3);
        log.startLeading(9);
        final int length = FetchFromMessage.encode(buffer, 0, 2, 10, 0x0A0B0C0D, 0x77, log);
        assertEquals("01020200" + "02000000" + "0a000000" + "0d0c0b0a" + "0000000000000000" + "c000000000000000"
            + "0000000000000000" + "7700000000000000" + "0900000000000000" + "6000000000000000"
            + "0300000000000000" + "0000000000000000",
            hex(length));
        assertTrue(FetchFromMessage.isWhole(buffer, 0, length));
        assertFalse(FetchFromMessage.isWhole(buffer, 0, length - 1));
        assertEquals(3, FetchFromMessage.epochAt(buffer, 0, 1));
        assertFalse(FetchFromMessage.hasOlderEpochs(buffer, 0));
    }

    @Test
    void shouldBoundTheEpochsOfFetchFrom() {
        final FakeShardLog log = new FakeShardLog();
        for (int epoch = 0; epoch < 100; epoch++) {
            log.startLeading(epoch);
        }
        final UnsafeBuffer exact = new UnsafeBuffer(new byte[FetchFromMessage.MAX_LENGTH]);
        assertEquals(FetchFromMessage.MAX_LENGTH, FetchFromMessage.encode(exact, 0, 2, 100, 1, -1, log));
        assertTrue(FetchFromMessage.hasOlderEpochs(exact, 0));
        assertEquals(99, FetchFromMessage.epochAt(exact, 0, 0));
        MessageHeader.encode(exact, 0, MessageHeader.FETCH_FROM, 0xFFFF, 2);
        assertFalse(FetchFromMessage.isWhole(exact, 0, FetchFromMessage.MAX_LENGTH));
    }

    @Test
    void shouldLayOutTruncateStartAndReset() {
        TruncateMessage.encode(buffer, 0, 1, 2, 3, 4);
        assertEquals("01030000" + "01000000" + "02000000" + "03000000" + "0400000000000000",
            hex(TruncateMessage.LENGTH));
        StartMessage.encode(buffer, 0, 1, 2, 3, 4, 5);
        assertEquals("01040000" + "01000000" + "02000000" + "03000000" + "0400000000000000" + "0500000000000000",
            hex(StartMessage.LENGTH));
        ResetMessage.encode(buffer, 0, 1, 2, 3, 4, 5);
        assertEquals("01050000" + "01000000" + "02000000" + "03000000" + "0400000000000000" + "0500000000000000",
            hex(ResetMessage.LENGTH));
    }

    @Test
    void shouldLayOutAcksAndHeartbeats() {
        MessageHeader.encode(buffer, 0, MessageHeader.ACK, 2, 0);
        AckMessage.encodeEntry(buffer, AckMessage.entryIndex(0, 0), 1, 2, 3, 4, 5);
        AckMessage.encodeEntry(buffer, AckMessage.entryIndex(0, 1), 6, 7, 8, 9, 10);
        assertEquals("01060200" + "00000000" + "01000000" + "02000000" + "0300000000000000" + "0400000000000000"
            + "0500000000000000" + "06000000" + "07000000" + "0800000000000000" + "0900000000000000"
            + "0a00000000000000", hex(72));
        assertTrue(AckMessage.isWhole(buffer, 0, 72));
        assertFalse(AckMessage.isWhole(buffer, 0, 71));
        MessageHeader.encode(buffer, 0, MessageHeader.HEARTBEAT, 1, 0);
        HeartbeatMessage.encodeEntry(buffer, HeartbeatMessage.entryIndex(0, 0), 1, 2, 3, 4, 5);
        assertEquals("01070100" + "00000000" + "01000000" + "02000000" + "0300000000000000" + "0400000000000000"
            + "0500000000000000", hex(40));
        assertEquals(4, HeartbeatMessage.committed(buffer, HeartbeatMessage.entryIndex(0, 0)));
    }
}
