package io.millrace.broker.metadata;

import java.util.List;

/**
 * One shard as the quorum knows it.
 *
 * @param id              of the shard, never reused
 * @param shardClass      its terms
 * @param replicas        broker ids, the first was the first leader
 * @param leader          the assigned leader; it leads only while it is not fenced, see {@link MetadataImage#leaderOf}
 * @param leaderEpoch     grows whenever the assigned leader registers
 * @param isr             in-sync replicas, sorted; always holds the assigned leader
 * @param isrVersion      grows with each change of the ISR or the epoch
 * @param nextPartitionId the next partition id in this shard; ids are never reused
 */
public record ShardInfo(
    int id, ShardClass shardClass, List<Integer> replicas, int leader, int leaderEpoch, List<Integer> isr,
    long isrVersion, int nextPartitionId) {

    /** Takes its own copies of the lists. */
    public ShardInfo {
        replicas = List.copyOf(replicas);
        isr = List.copyOf(isr);
    }

    ShardInfo withIsr(final List<Integer> newIsr) {
        return new ShardInfo(
            id, shardClass, replicas, leader, leaderEpoch, newIsr, isrVersion + 1, nextPartitionId);
    }

    ShardInfo withLeaderEpoch(final int newLeaderEpoch) {
        return new ShardInfo(
            id, shardClass, replicas, leader, newLeaderEpoch, isr, isrVersion + 1, nextPartitionId);
    }

    ShardInfo withNextPartitionId(final int next) {
        return new ShardInfo(id, shardClass, replicas, leader, leaderEpoch, isr, isrVersion, next);
    }
}
