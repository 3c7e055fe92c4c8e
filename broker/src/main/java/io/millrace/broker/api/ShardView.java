package io.millrace.broker.api;

import io.millrace.broker.metadata.ShardInfo;
import io.millrace.broker.shard.LocalShard;

/** One shard as the network thread sees it; shared by all its partitions. Owned by the network thread. */
final class ShardView {
    final int shardId;
    ShardInfo info;
    /** Leader that clients are told, -1 while the assigned one is fenced. */
    int visibleLeaderId;
    /** Null while the log is not open here. */
    LocalShard local;

    ShardView(final int shardId) {
        this.shardId = shardId;
    }

    /** {@return whether this node leads the shard now, in the epoch that the metadata names} */
    boolean isLedHere() {
        return local != null && local.leadingEpoch() == info.leaderEpoch();
    }
}
