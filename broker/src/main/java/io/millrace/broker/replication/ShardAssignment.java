package io.millrace.broker.replication;

/**
 * What the metadata says about one shard: who leads, who holds copies, who is in sync. Immutable; cold path.
 *
 * <p>A broker hands on only assignments made after its present registration: a leader that restarted leads again under
 * a new epoch, never under the one it had before.
 *
 * @param shardId     the shard
 * @param leaderId    broker id of its leader, {@link #NO_LEADER} when it has none
 * @param leaderEpoch leadership generation
 * @param replicas    broker ids that hold the shard, the leader among them
 * @param isr         broker ids in sync, accepted by the quorum
 * @param isrVersion  goes up with each accepted change of the ISR
 * @param minIsr      min.insync.replicas of the shard's class
 * @param movingTo    in-sync replica to which the leader is to hand over, {@link #NO_LEADER} for none
 */
public record ShardAssignment(
    int shardId, int leaderId, int leaderEpoch, int[] replicas, int[] isr, long isrVersion, int minIsr,
    int movingTo) {
    /** Nobody leads. */
    public static final int NO_LEADER = -1;
    /** Replicas of one shard at most. */
    public static final int MAX_REPLICA_COUNT = 31;

    /** One that stays where it is. */
    public ShardAssignment(
        final int shardId, final int leaderId, final int leaderEpoch, final int[] replicas, final int[] isr,
        final long isrVersion, final int minIsr) {
        this(shardId, leaderId, leaderEpoch, replicas, isr, isrVersion, minIsr, NO_LEADER);
    }

    /** Checks the bounds. */
    public ShardAssignment {
        if (replicas.length == 0 || replicas.length > MAX_REPLICA_COUNT) {
            throw new IllegalArgumentException(
                "a shard needs 1 to " + MAX_REPLICA_COUNT + " replicas: shardId=" + shardId + " replicas="
                    + replicas.length);
        }
        if (minIsr < 1 || minIsr > replicas.length) {
            throw new IllegalArgumentException(
                "min.insync.replicas must lie between 1 and the replica count: shardId=" + shardId + " minIsr="
                    + minIsr + " replicas=" + replicas.length);
        }
    }
}
