package io.millrace.transport.replication.aeron;

import io.aeron.ExclusivePublication;
import io.aeron.Subscription;
import io.aeron.logbuffer.FragmentHandler;
import io.aeron.logbuffer.Header;
import io.millrace.transport.replication.ReplicaLink;
import org.agrona.CloseHelper;
import org.agrona.DirectBuffer;

/** One stream to and from one peer. Owned by the engine thread. */
final class PeerStream implements FragmentHandler, AutoCloseable {
    final ExclusivePublication publication;
    private final int peerId;
    private final int stream;
    private final Subscription subscription;
    private ReplicaLink.MessageHandler handler;

    PeerStream(
        final int peerId, final int stream, final ExclusivePublication publication, final Subscription subscription) {
        this.peerId = peerId;
        this.stream = stream;
        this.publication = publication;
        this.subscription = subscription;
    }

    int poll(final ReplicaLink.MessageHandler messageHandler, final int messageLimit) {
        handler = messageHandler;
        return subscription.poll(this, messageLimit);
    }

    @Override
    public void onFragment(final DirectBuffer buffer, final int offset, final int length, final Header header) {
        handler.onMessage(peerId, stream, buffer, offset, length);
    }

    @Override
    public void close() {
        CloseHelper.closeAll(publication, subscription);
    }
}
