package io.millrace.broker.replication;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * REPAIR_REFUSED, answer to REPAIR_REQUEST on the control stream: not from here.
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
 *  |           Reason: 1 no such segment, 2 damaged, 3 disk        |
 *  +---------------------------------------------------------------+
 * </pre>
 */
final class RepairRefusedMessage {
    static final int REQUEST_ID_FIELD_OFFSET = MessageHeader.LENGTH;
    static final int REASON_FIELD_OFFSET = REQUEST_ID_FIELD_OFFSET + Integer.BYTES;
    static final int LENGTH = REASON_FIELD_OFFSET + Integer.BYTES;

    private RepairRefusedMessage() {
    }

    static void encode(final MutableDirectBuffer buffer, final int index, final int shardId, final int requestId,
        final int reason) {
        MessageHeader.encode(buffer, index, MessageHeader.REPAIR_REFUSED, 0, shardId);
        buffer.putInt(index + REQUEST_ID_FIELD_OFFSET, requestId, MessageHeader.ORDER);
        buffer.putInt(index + REASON_FIELD_OFFSET, reason, MessageHeader.ORDER);
    }

    static int requestId(final DirectBuffer buffer, final int index) {
        return buffer.getInt(index + REQUEST_ID_FIELD_OFFSET, MessageHeader.ORDER);
    }

    static int reason(final DirectBuffer buffer, final int index) {
        return buffer.getInt(index + REASON_FIELD_OFFSET, MessageHeader.ORDER);
    }
}
