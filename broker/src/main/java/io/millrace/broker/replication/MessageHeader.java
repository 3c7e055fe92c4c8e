package io.millrace.broker.replication;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * The first eight bytes of each replication message, little endian.
 *
 * <pre>
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +---------------+---------------+-------------------------------+
 *  |    Version    |     Type      |          Entry count          |
 *  +---------------+---------------+-------------------------------+
 *  |                           Shard id                            |
 *  +---------------------------------------------------------------+
 * </pre>
 *
 * <p>Entry count is 0 in messages without repeated parts; shard id is 0 in messages that coalesce several shards.
 */
final class MessageHeader {
    static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;
    static final byte VERSION = 1;

    static final byte CHUNK = 1;
    static final byte FETCH_FROM = 2;
    static final byte TRUNCATE = 3;
    static final byte START = 4;
    static final byte RESET = 5;
    static final byte ACK = 6;
    static final byte HEARTBEAT = 7;
    static final byte REPAIR_REQUEST = 8;
    static final byte REPAIR_CHUNK = 9;
    static final byte REPAIR_REFUSED = 10;
    static final byte APPLIED = 11;

    static final int VERSION_FIELD_OFFSET = 0;
    static final int TYPE_FIELD_OFFSET = VERSION_FIELD_OFFSET + Byte.BYTES;
    static final int ENTRY_COUNT_FIELD_OFFSET = TYPE_FIELD_OFFSET + Byte.BYTES;
    static final int SHARD_ID_FIELD_OFFSET = ENTRY_COUNT_FIELD_OFFSET + Short.BYTES;
    static final int LENGTH = SHARD_ID_FIELD_OFFSET + Integer.BYTES;

    private MessageHeader() {
    }

    static void encode(
        final MutableDirectBuffer buffer, final int index, final byte type, final int entryCount, final int shardId) {
        buffer.putByte(index + VERSION_FIELD_OFFSET, VERSION);
        buffer.putByte(index + TYPE_FIELD_OFFSET, type);
        buffer.putShort(index + ENTRY_COUNT_FIELD_OFFSET, (short) entryCount, ORDER);
        buffer.putInt(index + SHARD_ID_FIELD_OFFSET, shardId, ORDER);
    }

    static byte version(final DirectBuffer buffer, final int index) {
        return buffer.getByte(index + VERSION_FIELD_OFFSET);
    }

    static byte type(final DirectBuffer buffer, final int index) {
        return buffer.getByte(index + TYPE_FIELD_OFFSET);
    }

    static int entryCount(final DirectBuffer buffer, final int index) {
        return buffer.getShort(index + ENTRY_COUNT_FIELD_OFFSET, ORDER) & 0xFFFF;
    }

    static int shardId(final DirectBuffer buffer, final int index) {
        return buffer.getInt(index + SHARD_ID_FIELD_OFFSET, ORDER);
    }
}
