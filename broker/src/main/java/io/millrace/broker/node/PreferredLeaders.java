package io.millrace.broker.node;

import io.millrace.broker.metadata.BrokerInfo;
import io.millrace.broker.metadata.MetadataCommand;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.MetadataProxy;
import io.millrace.broker.metadata.ShardInfo;
import java.util.function.Supplier;

/**
 * Asks for the leadership of the shards whose first replica this node is, from time to time: after a failover they
 * would stay where they went. Owned by the metadata thread.
 */
final class PreferredLeaders {
    /** Elections asked for in one round: a few at a time, for each stops its producers for a moment. */
    static final int ELECTIONS_PER_ROUND = 16;

    private final int nodeId;
    private final MetadataProxy proxy;
    private final Supplier<MetadataImage> images;
    private final long intervalNs;
    private long nextRoundNs;

    /**
     * Of one node.
     *
     * @param intervalNs from one round to the next
     * @param nowNs      monotonic time; the first round is an interval from now
     */
    PreferredLeaders(final int nodeId, final MetadataProxy proxy, final Supplier<MetadataImage> images,
        final long intervalNs, final long nowNs) {
        this.nodeId = nodeId;
        this.proxy = proxy;
        this.images = images;
        this.intervalNs = intervalNs;
        this.nextRoundNs = nowNs + intervalNs;
    }

    int doWork(final long nowNs) {
        if (nowNs - nextRoundNs < 0) {
            return 0;
        }
        nextRoundNs = nowNs + intervalNs;
        final MetadataImage image = images.get();
        final BrokerInfo self = image.broker(nodeId);
        if (self == null || !self.isAssignable()) {
            return 0;
        }
        int count = 0;
        for (final ShardInfo shard : image.shards()) {
            if (count < ELECTIONS_PER_ROUND && shard.replicas().get(0) == nodeId && shard.leader() != nodeId
                && shard.isr().contains(nodeId)
                && proxy.offer(new MetadataCommand.ElectLeader(
                    shard.id(), nodeId, MetadataCommand.ElectionKind.PREFERRED), (result) -> { })) {
                count++;
            }
        }
        return count;
    }
}
