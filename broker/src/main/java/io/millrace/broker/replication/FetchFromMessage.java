package io.millrace.broker.replication;

import io.millrace.engine.ShardLog;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * FETCH_FROM, follower to leader on the control stream: where my log ends, and which epochs it has.
 *
 * <pre>
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +---------------------------------------------------------------+
 *  |          Message header (8 bytes), entries = epochs           |
 *  |                                                               |
 *  +---------------------------------------------------------------+
 *  |               Leader epoch the follower goes by               |
 *  +---------------------------------------------------------------+
 *  |                         Handshake id                          |
 *  +---------------------------------------------------------------+
 *  |                         Start position                        |
 *  |                                                               |
 *  +---------------------------------------------------------------+
 *  |                          End position                         |
 *  |                                                               |
 *  +---------------------------------------------------------------+
 *  |              Flags, 1 = has epochs older than these           |
 *  +---------------------------------------------------------------+
 *  |                       Reserved, zero                          |
 *  +---------------------------------------------------------------+
 *  |     Broker epoch of the follower's registration, -1 unknown   |
 *  |                                                               |
 *  +---------------------------------------------------------------+
 *  |                     Epoch, newest first                      ...
 *  +---------------------------------------------------------------+
 * ...                      Reserved, zero                          |
 *  +---------------------------------------------------------------+
 * ...                   Start position of the epoch                |
 * ...                                                             ...
 *  +---------------------------------------------------------------+
 * </pre>
 *
 * <p>The handshake id comes back in the reply, so a reply to an earlier question is told apart.
 */
final class FetchFromMessage {
    /** Epochs sent at most; a log with more aligns in several rounds. */
    static final int MAX_EPOCH_COUNT = 32;
    static final int FLAG_HAS_OLDER = 1;

    static final int EPOCH_FIELD_OFFSET = MessageHeader.LENGTH;
    static final int HANDSHAKE_ID_FIELD_OFFSET = EPOCH_FIELD_OFFSET + Integer.BYTES;
    static final int START_POSITION_FIELD_OFFSET = HANDSHAKE_ID_FIELD_OFFSET + Integer.BYTES;
    static final int END_POSITION_FIELD_OFFSET = START_POSITION_FIELD_OFFSET + Long.BYTES;
    static final int FLAGS_FIELD_OFFSET = END_POSITION_FIELD_OFFSET + Long.BYTES;
    static final int BROKER_EPOCH_FIELD_OFFSET = FLAGS_FIELD_OFFSET + 2 * Integer.BYTES;
    static final int ENTRIES_FIELD_OFFSET = BROKER_EPOCH_FIELD_OFFSET + Long.BYTES;

    static final int ENTRY_EPOCH_FIELD_OFFSET = 0;
    static final int ENTRY_START_FIELD_OFFSET = 2 * Integer.BYTES;
    static final int ENTRY_LENGTH = ENTRY_START_FIELD_OFFSET + Long.BYTES;

    static final int MAX_LENGTH = ENTRIES_FIELD_OFFSET + MAX_EPOCH_COUNT * ENTRY_LENGTH;

    private FetchFromMessage() {
    }

    /** {@return length of the message that tells this log's end and epochs} */
    static int encode(
        final MutableDirectBuffer buffer, final int index, final int shardId, final int epoch, final int handshakeId,
        final long brokerEpoch, final ShardLog log) {
        final int knownCount = log.epochCount();
        final int count = Math.min(knownCount, MAX_EPOCH_COUNT);
        MessageHeader.encode(buffer, index, MessageHeader.FETCH_FROM, count, shardId);
        buffer.putInt(index + EPOCH_FIELD_OFFSET, epoch, MessageHeader.ORDER);
        buffer.putInt(index + HANDSHAKE_ID_FIELD_OFFSET, handshakeId, MessageHeader.ORDER);
        buffer.putLong(index + START_POSITION_FIELD_OFFSET, log.startPosition(), MessageHeader.ORDER);
        buffer.putLong(index + END_POSITION_FIELD_OFFSET, log.endPosition(), MessageHeader.ORDER);
        buffer.putLong(index + FLAGS_FIELD_OFFSET, knownCount > count ? FLAG_HAS_OLDER : 0, MessageHeader.ORDER);
        buffer.putLong(index + BROKER_EPOCH_FIELD_OFFSET, brokerEpoch, MessageHeader.ORDER);
        for (int i = 0; i < count; i++) {
            final int entryIndex = index + ENTRIES_FIELD_OFFSET + i * ENTRY_LENGTH;
            final int known = knownCount - 1 - i;
            buffer.putLong(entryIndex + ENTRY_EPOCH_FIELD_OFFSET, log.epochAt(known), MessageHeader.ORDER);
            buffer.putLong(entryIndex + ENTRY_START_FIELD_OFFSET, log.epochStartAt(known), MessageHeader.ORDER);
        }
        return ENTRIES_FIELD_OFFSET + count * ENTRY_LENGTH;
    }

    static int epoch(final DirectBuffer buffer, final int index) {
        return buffer.getInt(index + EPOCH_FIELD_OFFSET, MessageHeader.ORDER);
    }

    static int handshakeId(final DirectBuffer buffer, final int index) {
        return buffer.getInt(index + HANDSHAKE_ID_FIELD_OFFSET, MessageHeader.ORDER);
    }

    static long startPosition(final DirectBuffer buffer, final int index) {
        return buffer.getLong(index + START_POSITION_FIELD_OFFSET, MessageHeader.ORDER);
    }

    static long endPosition(final DirectBuffer buffer, final int index) {
        return buffer.getLong(index + END_POSITION_FIELD_OFFSET, MessageHeader.ORDER);
    }

    static long brokerEpoch(final DirectBuffer buffer, final int index) {
        return buffer.getLong(index + BROKER_EPOCH_FIELD_OFFSET, MessageHeader.ORDER);
    }

    static boolean hasOlderEpochs(final DirectBuffer buffer, final int index) {
        return (buffer.getInt(index + FLAGS_FIELD_OFFSET, MessageHeader.ORDER) & FLAG_HAS_OLDER) != 0;
    }

    static int epochAt(final DirectBuffer buffer, final int index, final int entry) {
        return buffer.getInt(
            index + ENTRIES_FIELD_OFFSET + entry * ENTRY_LENGTH + ENTRY_EPOCH_FIELD_OFFSET, MessageHeader.ORDER);
    }

    static long epochStartAt(final DirectBuffer buffer, final int index, final int entry) {
        return buffer.getLong(
            index + ENTRIES_FIELD_OFFSET + entry * ENTRY_LENGTH + ENTRY_START_FIELD_OFFSET, MessageHeader.ORDER);
    }

    /** {@return whether the message is long enough for what it says it holds} */
    static boolean isWhole(final DirectBuffer buffer, final int index, final int messageLength) {
        if (messageLength < ENTRIES_FIELD_OFFSET) {
            return false;
        }
        final int count = MessageHeader.entryCount(buffer, index);
        return count <= MAX_EPOCH_COUNT && messageLength >= ENTRIES_FIELD_OFFSET + count * ENTRY_LENGTH;
    }
}
