package io.millrace.broker.node;

import io.millrace.transport.replication.ReplicaLink;
import org.agrona.DirectBuffer;

/** The link of a node without peers. Owned by the engine thread. */
final class StandaloneLink implements ReplicaLink {
    private static final int MESSAGE_LENGTH = 1376;

    @Override
    public long offer(
        final int toBrokerId, final int stream, final DirectBuffer buffer, final int index, final int length) {
        return NOT_CONNECTED;
    }

    @Override
    public long claim(final int toBrokerId, final int stream, final int length, final MessageFiller filler) {
        return NOT_CONNECTED;
    }

    @Override
    public int maxMessageLength(final int stream) {
        return MESSAGE_LENGTH;
    }

    @Override
    public boolean isConnected(final int toBrokerId, final int stream) {
        return false;
    }

    @Override
    public int poll(final MessageHandler handler, final int messageLimit) {
        return 0;
    }

    @Override
    public int doWork(final long nowNs) {
        return 0;
    }

    @Override
    public void close() {
        // nothing is open
    }
}
