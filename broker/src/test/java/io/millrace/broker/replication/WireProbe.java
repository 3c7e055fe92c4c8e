package io.millrace.broker.replication;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/** Lets the simulation look into messages, and forge them. */
public final class WireProbe {
    private WireProbe() {
    }

    public static boolean isAck(final DirectBuffer buffer) {
        return MessageHeader.type(buffer, 0) == MessageHeader.ACK;
    }

    public static boolean isHandshakeAnswer(final DirectBuffer buffer) {
        final byte type = MessageHeader.type(buffer, 0);
        return type == MessageHeader.START || type == MessageHeader.TRUNCATE || type == MessageHeader.RESET;
    }

    public static boolean isRepairChunk(final DirectBuffer buffer) {
        return MessageHeader.type(buffer, 0) == MessageHeader.REPAIR_CHUNK;
    }

    public static int shardId(final DirectBuffer buffer) {
        return MessageHeader.shardId(buffer, 0);
    }

    public static int ackCount(final DirectBuffer buffer) {
        return MessageHeader.entryCount(buffer, 0);
    }

    public static int ackShardId(final DirectBuffer buffer, final int entry) {
        return AckMessage.shardId(buffer, AckMessage.entryIndex(0, entry));
    }

    public static long ackWritten(final DirectBuffer buffer, final int entry) {
        return AckMessage.written(buffer, AckMessage.entryIndex(0, entry));
    }

    public static long ackSynced(final DirectBuffer buffer, final int entry) {
        return AckMessage.synced(buffer, AckMessage.entryIndex(0, entry));
    }

    public static void putAck(
        final MutableDirectBuffer buffer, final int entry, final long written, final long synced) {
        final int entryIndex = AckMessage.entryIndex(0, entry);
        AckMessage.encodeEntry(buffer, entryIndex, AckMessage.shardId(buffer, entryIndex),
            AckMessage.epoch(buffer, entryIndex), AckMessage.nonce(buffer, entryIndex), written, synced);
    }
}
