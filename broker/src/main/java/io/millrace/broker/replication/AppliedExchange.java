package io.millrace.broker.replication;

import io.millrace.broker.shard.AppliedMetadata;
import io.millrace.transport.replication.ReplicaLink;
import java.util.Arrays;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Tells every peer up to which version of the metadata this node answers clients, when that changes and now and then
 * besides (a link may lose what it was given). Owned by the engine thread.
 */
final class AppliedExchange {
    private static final long RETRY_NS = 1_000_000;

    private final ReplicaLink link;
    private final AppliedMetadata applied;
    private final Runnable onNews;
    private final long intervalNs;
    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[AppliedMessage.LENGTH]);
    private final long[] told;
    private final long[] nextNs;
    private boolean begun;

    AppliedExchange(
        final ReplicaLink link, final AppliedMetadata applied, final Runnable onNews, final long intervalNs) {
        this.link = link;
        this.applied = applied;
        this.onNews = onNews;
        this.intervalNs = intervalNs;
        told = new long[applied.peerCount()];
        nextNs = new long[applied.peerCount()];
        Arrays.fill(told, AppliedMetadata.UNKNOWN);
    }

    int doWork(final long nowNs) {
        final long own = applied.own();
        if (own == AppliedMetadata.UNKNOWN) {
            return 0;
        }
        if (!begun) {
            begun = true;
            Arrays.fill(nextNs, nowNs);
        }
        int workCount = 0;
        for (int i = 0; i < told.length; i++) {
            final boolean isDue = nowNs - nextNs[i] >= 0;
            if (isDue || told[i] != own && told[i] != AppliedMetadata.UNKNOWN) {
                workCount += tell(i, own, nowNs);
            }
        }
        return workCount;
    }

    private int tell(final int peer, final long version, final long nowNs) {
        AppliedMessage.encode(buffer, 0, version);
        final boolean isTold = link.offer(
            applied.peerId(peer), ReplicaLink.CONTROL_STREAM, buffer, 0, AppliedMessage.LENGTH) > 0;
        told[peer] = isTold ? version : AppliedMetadata.UNKNOWN; // which waits for its next turn
        nextNs[peer] = nowNs + (isTold ? intervalNs : RETRY_NS);
        return isTold ? 1 : 0;
    }

    void onMessage(final int fromBrokerId, final DirectBuffer message, final int index, final long nowNs) {
        if (applied.onPeer(fromBrokerId, AppliedMessage.version(message, index), nowNs)) {
            onNews.run();
        }
    }
}
