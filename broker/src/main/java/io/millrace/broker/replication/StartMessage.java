package io.millrace.broker.replication;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * START, leader to follower on the control stream: our logs agree up to your end, a session begins there.
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
 *  |                  Nonce of the new session                     |
 *  |                                                               |
 *  +---------------------------------------------------------------+
 * </pre>
 *
 * <p>The follower answers with an ACK that names the nonce; only then the leader sends the first chunk, because there
 * is no order between streams.
 */
final class StartMessage {
    static final int EPOCH_FIELD_OFFSET = MessageHeader.LENGTH;
    static final int HANDSHAKE_ID_FIELD_OFFSET = EPOCH_FIELD_OFFSET + Integer.BYTES;
    static final int POSITION_FIELD_OFFSET = HANDSHAKE_ID_FIELD_OFFSET + Integer.BYTES;
    static final int NONCE_FIELD_OFFSET = POSITION_FIELD_OFFSET + Long.BYTES;
    static final int LENGTH = NONCE_FIELD_OFFSET + Long.BYTES;

    private StartMessage() {
    }

    static void encode(
        final MutableDirectBuffer buffer, final int index, final int shardId, final int epoch, final int handshakeId,
        final long position, final long nonce) {
        MessageHeader.encode(buffer, index, MessageHeader.START, 0, shardId);
        buffer.putInt(index + EPOCH_FIELD_OFFSET, epoch, MessageHeader.ORDER);
        buffer.putInt(index + HANDSHAKE_ID_FIELD_OFFSET, handshakeId, MessageHeader.ORDER);
        buffer.putLong(index + POSITION_FIELD_OFFSET, position, MessageHeader.ORDER);
        buffer.putLong(index + NONCE_FIELD_OFFSET, nonce, MessageHeader.ORDER);
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

    static long nonce(final DirectBuffer buffer, final int index) {
        return buffer.getLong(index + NONCE_FIELD_OFFSET, MessageHeader.ORDER);
    }
}
