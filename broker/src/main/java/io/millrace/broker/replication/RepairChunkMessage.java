package io.millrace.broker.replication;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * REPAIR_CHUNK, answer to REPAIR_REQUEST on the catch-up stream: a piece of the bytes asked for, in order.
 *
 * <pre>
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +---------------------------------------------------------------+
 *  |                     Message header (8 bytes)                  |
 *  |                                                               |
 *  +---------------------------------------------------------------+
 *  |                    Request id of the question                 |
 *  +---------------------------------------------------------------+
 *  |                            Length                             |
 *  +---------------------------------------------------------------+
 *  |                    Position of the first byte                 |
 *  |                                                               |
 *  +---------------------------------------------------------------+
 *  |                           Log bytes                          ...
 * ...                                                              |
 *  +---------------------------------------------------------------+
 * </pre>
 */
final class RepairChunkMessage {
    static final int REQUEST_ID_FIELD_OFFSET = MessageHeader.LENGTH;
    static final int LENGTH_FIELD_OFFSET = REQUEST_ID_FIELD_OFFSET + Integer.BYTES;
    static final int POSITION_FIELD_OFFSET = LENGTH_FIELD_OFFSET + Integer.BYTES;
    static final int BYTES_FIELD_OFFSET = POSITION_FIELD_OFFSET + Long.BYTES;

    private RepairChunkMessage() {
    }

    static void encode(final MutableDirectBuffer buffer, final int index, final int shardId, final int requestId,
        final int length, final long position) {
        MessageHeader.encode(buffer, index, MessageHeader.REPAIR_CHUNK, 0, shardId);
        buffer.putInt(index + REQUEST_ID_FIELD_OFFSET, requestId, MessageHeader.ORDER);
        buffer.putInt(index + LENGTH_FIELD_OFFSET, length, MessageHeader.ORDER);
        buffer.putLong(index + POSITION_FIELD_OFFSET, position, MessageHeader.ORDER);
    }

    static boolean isWhole(final DirectBuffer buffer, final int index, final int messageLength) {
        return messageLength >= BYTES_FIELD_OFFSET && length(buffer, index) >= 0
            && length(buffer, index) <= messageLength - BYTES_FIELD_OFFSET;
    }

    static int requestId(final DirectBuffer buffer, final int index) {
        return buffer.getInt(index + REQUEST_ID_FIELD_OFFSET, MessageHeader.ORDER);
    }

    static int length(final DirectBuffer buffer, final int index) {
        return buffer.getInt(index + LENGTH_FIELD_OFFSET, MessageHeader.ORDER);
    }

    static long position(final DirectBuffer buffer, final int index) {
        return buffer.getLong(index + POSITION_FIELD_OFFSET, MessageHeader.ORDER);
    }
}
