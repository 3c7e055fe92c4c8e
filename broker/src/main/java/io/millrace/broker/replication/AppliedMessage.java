package io.millrace.broker.replication;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * APPLIED, broker to broker on the control stream: up to which version of the metadata the sender answers clients.
 *
 * <pre>
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +---------------------------------------------------------------+
 *  |                     Message header (8 bytes)                  |
 *  |                                                               |
 *  +---------------------------------------------------------------+
 *  |                       Metadata version                        |
 *  |                                                               |
 *  +---------------------------------------------------------------+
 * </pre>
 */
final class AppliedMessage {
    static final int VERSION_FIELD_OFFSET = MessageHeader.LENGTH;
    static final int LENGTH = VERSION_FIELD_OFFSET + Long.BYTES;

    private AppliedMessage() {
    }

    static void encode(final MutableDirectBuffer buffer, final int index, final long version) {
        MessageHeader.encode(buffer, index, MessageHeader.APPLIED, 0, 0);
        buffer.putLong(index + VERSION_FIELD_OFFSET, version, MessageHeader.ORDER);
    }

    static long version(final DirectBuffer buffer, final int index) {
        return buffer.getLong(index + VERSION_FIELD_OFFSET, MessageHeader.ORDER);
    }
}
