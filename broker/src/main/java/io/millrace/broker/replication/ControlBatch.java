package io.millrace.broker.replication;

import io.millrace.transport.replication.ReplicaLink;
import org.agrona.concurrent.UnsafeBuffer;

/** One ACK or HEARTBEAT message being filled with entries of several shards. Owned by the engine thread. */
final class ControlBatch {
    /** Both messages have entries of this length behind a header. */
    static final int ENTRY_LENGTH = AckMessage.ENTRY_LENGTH;

    private final byte type;
    private final ReplicaLink link;
    private final UnsafeBuffer buffer;
    private final int capacity;
    private int count;

    ControlBatch(final byte type, final ReplicaLink link) {
        if (AckMessage.ENTRY_LENGTH != HeartbeatMessage.ENTRY_LENGTH) {
            throw new AssertionError("entries differ");
        }
        final int room = Math.min(link.maxMessageLength(ReplicaLink.CONTROL_STREAM), 4096);
        if (room < FetchFromMessage.MAX_LENGTH) {
            throw new IllegalArgumentException(
                "the control stream's messages are too short: maxMessageLength=" + room + ", at least "
                    + FetchFromMessage.MAX_LENGTH + "; raise the MTU");
        }
        this.type = type;
        this.link = link;
        this.capacity = (room - MessageHeader.LENGTH) / ENTRY_LENGTH;
        this.buffer = new UnsafeBuffer(new byte[MessageHeader.LENGTH + capacity * ENTRY_LENGTH]);
    }

    UnsafeBuffer buffer() {
        return buffer;
    }

    int capacity() {
        return capacity;
    }

    int count() {
        return count;
    }

    boolean isFull() {
        return count == capacity;
    }

    /** {@return index in the buffer for one more entry} */
    int nextEntryIndex() {
        return MessageHeader.LENGTH + count++ * ENTRY_LENGTH;
    }

    /** {@return whether the link took the entries; the batch is empty in either case} */
    boolean send(final int toBrokerId) {
        final int length = MessageHeader.LENGTH + count * ENTRY_LENGTH;
        MessageHeader.encode(buffer, 0, type, count, 0);
        count = 0;
        return link.offer(toBrokerId, ReplicaLink.CONTROL_STREAM, buffer, 0, length) > 0;
    }
}
