package io.millrace.broker.replication;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * TRUNCATE, leader to follower on the control stream: cut your log here, then ask again.
 *
 * <pre>
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +---------------------------------------------------------------+
 *  |                     Message header (8 bytes)                  |
 *  |                                                               |
 *  +---------------------------------------------------------------+
 *  |                         Leader epoch                          |
 *  +---------------------------------------------------------------+
 *  |                  Handshake id of the question                 |
 *  +---------------------------------------------------------------+
 *  |                           Position                            |
 *  |                                                               |
 *  +---------------------------------------------------------------+
 * </pre>
 *
 * <p>The position is the end of the largest epoch both logs know, in the log where it is shorter; never the high
 * watermark.
 */
final class TruncateMessage {
    static final int EPOCH_FIELD_OFFSET = MessageHeader.LENGTH;
    static final int HANDSHAKE_ID_FIELD_OFFSET = EPOCH_FIELD_OFFSET + Integer.BYTES;
    static final int POSITION_FIELD_OFFSET = HANDSHAKE_ID_FIELD_OFFSET + Integer.BYTES;
    static final int LENGTH = POSITION_FIELD_OFFSET + Long.BYTES;

    private TruncateMessage() {
    }

    static void encode(
        final MutableDirectBuffer buffer, final int index, final int shardId, final int epoch, final int handshakeId,
        final long position) {
        MessageHeader.encode(buffer, index, MessageHeader.TRUNCATE, 0, shardId);
        buffer.putInt(index + EPOCH_FIELD_OFFSET, epoch, MessageHeader.ORDER);
        buffer.putInt(index + HANDSHAKE_ID_FIELD_OFFSET, handshakeId, MessageHeader.ORDER);
        buffer.putLong(index + POSITION_FIELD_OFFSET, position, MessageHeader.ORDER);
    }

    static int epoch(final DirectBuffer buffer, final int index) {
        return buffer.getInt(index + EPOCH_FIELD_OFFSET, MessageHeader.ORDER);
    }

    static int handshakeId(final DirectBuffer buffer, final int index) {
        return buffer.getInt(index + HANDSHAKE_ID_FIELD_OFFSET, MessageHeader.ORDER);
    }

    static long position(final DirectBuffer buffer, final int index) {
        return buffer.getLong(index + POSITION_FIELD_OFFSET, MessageHeader.ORDER);
    }
}
