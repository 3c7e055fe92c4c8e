package io.millrace.broker.replication;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * ACK, follower to leader on the control stream: how far my logs are, several shards in one message.
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
 * ...                     Written position                         |
 * ...                                                              |
 *  +---------------------------------------------------------------+
 * ...                     Synced position                          |
 * ...                                                             ...
 *  +---------------------------------------------------------------+
 * </pre>
 *
 * <p>Written and synced are ends of whole, checked frames in the follower's log.
 */
final class AckMessage {
    static final int ENTRIES_FIELD_OFFSET = MessageHeader.LENGTH;

    static final int ENTRY_SHARD_ID_FIELD_OFFSET = 0;
    static final int ENTRY_EPOCH_FIELD_OFFSET = ENTRY_SHARD_ID_FIELD_OFFSET + Integer.BYTES;
    static final int ENTRY_NONCE_FIELD_OFFSET = ENTRY_EPOCH_FIELD_OFFSET + Integer.BYTES;
    static final int ENTRY_WRITTEN_FIELD_OFFSET = ENTRY_NONCE_FIELD_OFFSET + Long.BYTES;
    static final int ENTRY_SYNCED_FIELD_OFFSET = ENTRY_WRITTEN_FIELD_OFFSET + Long.BYTES;
    static final int ENTRY_LENGTH = ENTRY_SYNCED_FIELD_OFFSET + Long.BYTES;

    private AckMessage() {
    }

    static int entryIndex(final int index, final int entry) {
        return index + ENTRIES_FIELD_OFFSET + entry * ENTRY_LENGTH;
    }

    static void encodeEntry(
        final MutableDirectBuffer buffer, final int entryIndex, final int shardId, final int epoch, final long nonce,
        final long written, final long synced) {
        buffer.putInt(entryIndex + ENTRY_SHARD_ID_FIELD_OFFSET, shardId, MessageHeader.ORDER);
        buffer.putInt(entryIndex + ENTRY_EPOCH_FIELD_OFFSET, epoch, MessageHeader.ORDER);
        buffer.putLong(entryIndex + ENTRY_NONCE_FIELD_OFFSET, nonce, MessageHeader.ORDER);
        buffer.putLong(entryIndex + ENTRY_WRITTEN_FIELD_OFFSET, written, MessageHeader.ORDER);
        buffer.putLong(entryIndex + ENTRY_SYNCED_FIELD_OFFSET, synced, MessageHeader.ORDER);
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

    static long written(final DirectBuffer buffer, final int entryIndex) {
        return buffer.getLong(entryIndex + ENTRY_WRITTEN_FIELD_OFFSET, MessageHeader.ORDER);
    }

    static long synced(final DirectBuffer buffer, final int entryIndex) {
        return buffer.getLong(entryIndex + ENTRY_SYNCED_FIELD_OFFSET, MessageHeader.ORDER);
    }

    /** {@return whether the message is long enough for the entries it says it holds} */
    static boolean isWhole(final DirectBuffer buffer, final int index, final int messageLength) {
        return messageLength >= ENTRIES_FIELD_OFFSET + MessageHeader.entryCount(buffer, index) * ENTRY_LENGTH;
    }
}
