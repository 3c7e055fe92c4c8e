package io.millrace.broker.replication;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * CHUNK, leader to follower on the live or the catch-up stream: a piece of the shard's log.
 *
 * <pre>
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +---------------------------------------------------------------+
 *  |                     Message header (8 bytes)                  |
 *  |                                                               |
 *  +---------------------------------------------------------------+
 *  |                   Leader epoch of the sender                  |
 *  +---------------------------------------------------------------+
 *  |                            Length                             |
 *  +---------------------------------------------------------------+
 *  |                         Session nonce                         |
 *  |                                                               |
 *  +---------------------------------------------------------------+
 *  |                         Start position                        |
 *  |                                                               |
 *  +---------------------------------------------------------------+
 *  |                  Leader's committed position                  |
 *  |                                                               |
 *  +---------------------------------------------------------------+
 *  |                           Log bytes                          ...
 * ...                                                              |
 *  +---------------------------------------------------------------+
 * </pre>
 *
 * <p>The log bytes all belong to one epoch (the sender's or an older one) and one segment; they may begin and end
 * inside a frame. Length may be smaller than the room left in the message: what follows is slack.
 */
final class ChunkMessage {
    static final int EPOCH_FIELD_OFFSET = MessageHeader.LENGTH;
    static final int LENGTH_FIELD_OFFSET = EPOCH_FIELD_OFFSET + Integer.BYTES;
    static final int NONCE_FIELD_OFFSET = LENGTH_FIELD_OFFSET + Integer.BYTES;
    static final int START_POSITION_FIELD_OFFSET = NONCE_FIELD_OFFSET + Long.BYTES;
    static final int COMMITTED_FIELD_OFFSET = START_POSITION_FIELD_OFFSET + Long.BYTES;
    static final int BYTES_FIELD_OFFSET = COMMITTED_FIELD_OFFSET + Long.BYTES;

    private ChunkMessage() {
    }

    static void encode(
        final MutableDirectBuffer buffer, final int index, final int shardId, final int epoch, final int length,
        final long nonce, final long startPosition, final long committed) {
        MessageHeader.encode(buffer, index, MessageHeader.CHUNK, 0, shardId);
        buffer.putInt(index + EPOCH_FIELD_OFFSET, epoch, MessageHeader.ORDER);
        buffer.putInt(index + LENGTH_FIELD_OFFSET, length, MessageHeader.ORDER);
        buffer.putLong(index + NONCE_FIELD_OFFSET, nonce, MessageHeader.ORDER);
        buffer.putLong(index + START_POSITION_FIELD_OFFSET, startPosition, MessageHeader.ORDER);
        buffer.putLong(index + COMMITTED_FIELD_OFFSET, committed, MessageHeader.ORDER);
    }

    static int epoch(final DirectBuffer buffer, final int index) {
        return buffer.getInt(index + EPOCH_FIELD_OFFSET, MessageHeader.ORDER);
    }

    static int length(final DirectBuffer buffer, final int index) {
        return buffer.getInt(index + LENGTH_FIELD_OFFSET, MessageHeader.ORDER);
    }

    static long nonce(final DirectBuffer buffer, final int index) {
        return buffer.getLong(index + NONCE_FIELD_OFFSET, MessageHeader.ORDER);
    }

    static long startPosition(final DirectBuffer buffer, final int index) {
        return buffer.getLong(index + START_POSITION_FIELD_OFFSET, MessageHeader.ORDER);
    }

    static long committed(final DirectBuffer buffer, final int index) {
        return buffer.getLong(index + COMMITTED_FIELD_OFFSET, MessageHeader.ORDER);
    }

    /** {@return whether the message is long enough for what it says it holds} */
    static boolean isWhole(final DirectBuffer buffer, final int index, final int messageLength) {
        if (messageLength < BYTES_FIELD_OFFSET) {
            return false;
        }
        final int length = length(buffer, index);
        return length >= 0 && length <= messageLength - BYTES_FIELD_OFFSET;
    }
}
