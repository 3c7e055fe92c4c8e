package io.millrace.broker.replication;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * HEARTBEAT, leader to follower on the control stream: I am here, several shards in one message.
 *
 * <pre>
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +---------------------------------------------------------------+
 *  |                     Message header (8 bytes)                  |
 *  |                                                               |
 *  +---------------------------------------------------------------+
 *  |                           Shard id                           ...
 *  +---------------------------------------------------------------+
 * ...                       Leader epoch                           |
 *  +---------------------------------------------------------------+
 * ...                       Session nonce                          |
 * ...                                                              |
 *  +---------------------------------------------------------------+
 * ...                  Leader's committed position                 |
 * ...                                                              |
 *  +---------------------------------------------------------------+
 * ...                     Sent position                            |
 * ...                                                             ...
 *  +---------------------------------------------------------------+
 * </pre>
 *
 * <p>Sent is the position up to which this session's chunks were sent: a follower that stays behind it lost some.
 */
final class HeartbeatMessage {
    static final int ENTRIES_FIELD_OFFSET = MessageHeader.LENGTH;

    static final int ENTRY_SHARD_ID_FIELD_OFFSET = 0;
    static final int ENTRY_EPOCH_FIELD_OFFSET = ENTRY_SHARD_ID_FIELD_OFFSET + Integer.BYTES;
    static final int ENTRY_NONCE_FIELD_OFFSET = ENTRY_EPOCH_FIELD_OFFSET + Integer.BYTES;
    static final int ENTRY_COMMITTED_FIELD_OFFSET = ENTRY_NONCE_FIELD_OFFSET + Long.BYTES;
    static final int ENTRY_SENT_FIELD_OFFSET = ENTRY_COMMITTED_FIELD_OFFSET + Long.BYTES;
    static final int ENTRY_LENGTH = ENTRY_SENT_FIELD_OFFSET + Long.BYTES;

    private HeartbeatMessage() {
    }

    static int entryIndex(final int index, final int entry) {
        return index + ENTRIES_FIELD_OFFSET + entry * ENTRY_LENGTH;
    }

    static void encodeEntry(
        final MutableDirectBuffer buffer, final int entryIndex, final int shardId, final int epoch, final long nonce,
        final long committed, final long sent) {
        buffer.putInt(entryIndex + ENTRY_SHARD_ID_FIELD_OFFSET, shardId, MessageHeader.ORDER);
        buffer.putInt(entryIndex + ENTRY_EPOCH_FIELD_OFFSET, epoch, MessageHeader.ORDER);
        buffer.putLong(entryIndex + ENTRY_NONCE_FIELD_OFFSET, nonce, MessageHeader.ORDER);
        buffer.putLong(entryIndex + ENTRY_COMMITTED_FIELD_OFFSET, committed, MessageHeader.ORDER);
        buffer.putLong(entryIndex + ENTRY_SENT_FIELD_OFFSET, sent, MessageHeader.ORDER);
    }

    static int shardId(final DirectBuffer buffer, final int entryIndex) {
        return buffer.getInt(entryIndex + ENTRY_SHARD_ID_FIELD_OFFSET, MessageHeader.ORDER);
    }

    static int epoch(final DirectBuffer buffer, final int entryIndex) {
        return buffer.getInt(entryIndex + ENTRY_EPOCH_FIELD_OFFSET, MessageHeader.ORDER);
    }

    static long nonce(final DirectBuffer buffer, final int entryIndex) {
        return buffer.getLong(entryIndex + ENTRY_NONCE_FIELD_OFFSET, MessageHeader.ORDER);
    }

    static long committed(final DirectBuffer buffer, final int entryIndex) {
        return buffer.getLong(entryIndex + ENTRY_COMMITTED_FIELD_OFFSET, MessageHeader.ORDER);
    }

    static long sent(final DirectBuffer buffer, final int entryIndex) {
        return buffer.getLong(entryIndex + ENTRY_SENT_FIELD_OFFSET, MessageHeader.ORDER);
    }

    /** {@return whether the message is long enough for the entries it says it holds} */
    static boolean isWhole(final DirectBuffer buffer, final int index, final int messageLength) {
        return messageLength >= ENTRIES_FIELD_OFFSET + MessageHeader.entryCount(buffer, index) * ENTRY_LENGTH;
    }
}
