package io.millrace.broker.replication;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * REPAIR_REQUEST, from a replica with a damaged segment to another one, on the control stream: send me these bytes.
 *
 * <pre>
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +---------------------------------------------------------------+
 *  |                     Message header (8 bytes)                  |
 *  |                                                               |
 *  +---------------------------------------------------------------+
 *  |                           Request id                          |
 *  +---------------------------------------------------------------+
 *  |                         Length wanted                         |
 *  +---------------------------------------------------------------+
 *  |                 Base position of the segment                  |
 *  |                                                               |
 *  +---------------------------------------------------------------+
 *  |                  End position of the segment                  |
 *  |                                                               |
 *  +---------------------------------------------------------------+
 *  |                     First position wanted                     |
 *  |                                                               |
 *  +---------------------------------------------------------------+
 * </pre>
 *
 * <p>A newer request of the same broker replaces an older one.
 */
final class RepairRequestMessage {
    static final int REQUEST_ID_FIELD_OFFSET = MessageHeader.LENGTH;
    static final int LENGTH_FIELD_OFFSET = REQUEST_ID_FIELD_OFFSET + Integer.BYTES;
    static final int BASE_FIELD_OFFSET = LENGTH_FIELD_OFFSET + Integer.BYTES;
    static final int END_FIELD_OFFSET = BASE_FIELD_OFFSET + Long.BYTES;
    static final int POSITION_FIELD_OFFSET = END_FIELD_OFFSET + Long.BYTES;
    static final int LENGTH = POSITION_FIELD_OFFSET + Long.BYTES;

    private RepairRequestMessage() {
    }

    static void encode(
        final MutableDirectBuffer buffer, final int index, final int requestId, final RepairRange range) {
        MessageHeader.encode(buffer, index, MessageHeader.REPAIR_REQUEST, 0, range.shardId());
        buffer.putInt(index + REQUEST_ID_FIELD_OFFSET, requestId, MessageHeader.ORDER);
        buffer.putInt(index + LENGTH_FIELD_OFFSET, range.length(), MessageHeader.ORDER);
        buffer.putLong(index + BASE_FIELD_OFFSET, range.basePosition(), MessageHeader.ORDER);
        buffer.putLong(index + END_FIELD_OFFSET, range.endPosition(), MessageHeader.ORDER);
        buffer.putLong(index + POSITION_FIELD_OFFSET, range.position(), MessageHeader.ORDER);
    }

    static int requestId(final DirectBuffer buffer, final int index) {
        return buffer.getInt(index + REQUEST_ID_FIELD_OFFSET, MessageHeader.ORDER);
    }

    /** {@return what is asked for, null when no segment can have it} */
    static RepairRange range(final DirectBuffer buffer, final int index) {
        final RepairRange range = new RepairRange(
            MessageHeader.shardId(buffer, index),
            buffer.getLong(index + BASE_FIELD_OFFSET, MessageHeader.ORDER),
            buffer.getLong(index + END_FIELD_OFFSET, MessageHeader.ORDER),
            buffer.getLong(index + POSITION_FIELD_OFFSET, MessageHeader.ORDER),
            buffer.getInt(index + LENGTH_FIELD_OFFSET, MessageHeader.ORDER));
        return range.isValid() ? range : null;
    }
}
