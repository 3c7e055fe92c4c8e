package io.millrace.broker.metadata;

import java.util.List;

/**
 * One shard as the quorum knows it.
 *
 * @param id              of the shard, never reused
 * @param shardClass      its terms
 * @param replicas        broker ids, the first is the preferred leader
 * @param leader          broker id, {@link MetadataImage#NO_LEADER} while nobody leads
 * @param leaderEpoch     grows with every election, also with one that leaves nobody leading
 * @param isr             in-sync replicas, sorted, never empty; holds the leader. While nobody leads it stays what it
 *                        was, so that nobody else can be elected cleanly
 * @param isrVersion      grows with each change of leader, epoch, ISR or eligible replicas, and with each proposal that
 *                        is decided, accepted or not
 * @param eligible        sorted broker ids outside the ISR that hold everything committed; only while the ISR is
 *                        smaller than min.insync.replicas of the class, for nothing is committed then
 * @param lastIsr         sorted; the ISR before its members went away, those that went within
 *                        {@link ElectionRules#SIMULTANEOUS_MS} of each other together; holds the ISR
 * @param waiting         whether every holder of the ISR may have lost its newest records in a power cut: nobody leads
 *                        until all of {@code lastIsr} has reported, or an operator decides
 * @param nextPartitionId the next partition id in this shard; ids are never reused
 * @param elections       elections that may have lost records
 * @param movingTo        in-sync replica to which the leader is asked to hand over, {@link MetadataImage#NO_LEADER} for
 *                        none; any other change of the shard ends that
 */
public record ShardInfo(
    int id, ShardClass shardClass, List<Integer> replicas, int leader, int leaderEpoch, List<Integer> isr,
    long isrVersion, List<Integer> eligible, List<Integer> lastIsr, boolean waiting, int nextPartitionId,
    RiskyElections elections, int movingTo) {

    /** Takes its own copies of the lists. */
    public ShardInfo {
        replicas = List.copyOf(replicas);
        isr = List.copyOf(isr);
        eligible = List.copyOf(eligible);
        lastIsr = List.copyOf(lastIsr);
    }

    /**
     * How often a leader was elected that may have lacked committed records.
     *
     * @param unclean  by an operator's command
     * @param powerCut after every in-sync replica came back from a power cut: the one with the longest log
     */
    public record RiskyElections(int unclean, int powerCut) {
        static final RiskyElections NONE = new RiskyElections(0, 0);
    }

    /** {@return a new shard that all its replicas hold} */
    static ShardInfo created(
        final int id, final ShardClass shardClass, final List<Integer> replicas, final int leader) {
        final List<Integer> isr = replicas.stream().sorted().toList();
        return new ShardInfo(
            id, shardClass, replicas, leader, 0, isr, 0, List.of(), isr, false, 0, RiskyElections.NONE,
            MetadataImage.NO_LEADER);
    }

    /** {@return whether somebody is assigned to lead} */
    public boolean hasLeader() {
        return leader != MetadataImage.NO_LEADER;
    }

    ShardInfo withLeader(final int newLeader) {
        return new ShardInfo(id, shardClass, replicas, newLeader, leaderEpoch + 1, isr, isrVersion + 1, eligible,
            lastIsr, waiting, nextPartitionId, elections, MetadataImage.NO_LEADER);
    }

    ShardInfo withIsr(final List<Integer> newIsr, final List<Integer> newEligible, final List<Integer> newLastIsr) {
        return new ShardInfo(id, shardClass, replicas, leader, leaderEpoch, newIsr, isrVersion + 1, newEligible,
            newLastIsr, waiting, nextPartitionId, elections, MetadataImage.NO_LEADER);
    }

    ShardInfo withWaiting(final boolean newWaiting) {
        return new ShardInfo(id, shardClass, replicas, leader, leaderEpoch, isr, isrVersion + 1, eligible, lastIsr,
            newWaiting, nextPartitionId, elections, MetadataImage.NO_LEADER);
    }

    ShardInfo withElections(final RiskyElections newElections) {
        return new ShardInfo(id, shardClass, replicas, leader, leaderEpoch, isr, isrVersion, eligible, lastIsr,
            waiting, nextPartitionId, newElections, MetadataImage.NO_LEADER);
    }

    /** The same, a version on: what was proposed for the version before can no longer be accepted. */
    ShardInfo withNextIsrVersion() {
        return withWaiting(waiting);
    }

    ShardInfo withNextPartitionId(final int next) {
        return new ShardInfo(id, shardClass, replicas, leader, leaderEpoch, isr, isrVersion, eligible, lastIsr,
            waiting, next, elections, MetadataImage.NO_LEADER);
    }

    /** The same, while its leader hands over or no longer does. */
    ShardInfo withMovingTo(final int brokerId) {
        return new ShardInfo(id, shardClass, replicas, leader, leaderEpoch, isr, isrVersion, eligible, lastIsr,
            waiting, nextPartitionId, elections, brokerId);
    }
}
