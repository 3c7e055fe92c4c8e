package io.millrace.broker.replication;

import io.millrace.engine.DurabilityProfile;
import io.millrace.engine.ShardLog;

/** One shard of this broker with the part it plays now. Owned by the engine thread. */
final class ReplicatedShard {
    final int shardId;
    final ShardLog log;
    final boolean durable;
    final ShardGauges gauges;

    ShardAssignment assignment;
    LeaderShard leader;
    LeadershipMove move;
    FollowerShard follower;
    // Set while the log could not take the epoch start frame, or there was no ring.
    boolean leadingDue;
    long nextLeadingNs;
    // When this broker may ask for another leader again; over all epochs, for two that cannot lead must not play ball.
    long nextResignNs;
    long resignWaitNs;

    ReplicatedShard(final int shardId, final ShardLog log, final DurabilityProfile profile) {
        this.shardId = shardId;
        this.log = log;
        this.durable = profile == DurabilityProfile.DURABLE;
        this.gauges = new ShardGauges(shardId);
    }

    /** {@return whether this assignment only says more about the leadership already known} */
    boolean isSameLeadership(final ShardAssignment other) {
        return assignment != null && assignment.leaderEpoch() == other.leaderEpoch()
            && assignment.leaderId() == other.leaderId();
    }

    void stop() {
        follower = null;
        leadingDue = false;
        move = null;
        if (leader != null) {
            leader = null;
            log.stopLeading();
        }
        gauges.set(ShardGauges.ROLE, ShardGauges.ROLE_IDLE);
        gauges.set(ShardGauges.AWAITS_EPOCH, 0);
    }

    void publishMarks() {
        gauges.set(ShardGauges.WRITTEN, log.endPosition());
        gauges.set(ShardGauges.SYNCED, log.marks().syncedAcquire());
        gauges.set(ShardGauges.COMMITTED, log.marks().committedAcquire());
    }
}
