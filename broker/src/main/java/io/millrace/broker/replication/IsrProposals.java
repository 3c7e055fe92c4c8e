package io.millrace.broker.replication;

/**
 * Where a leader asks the metadata quorum to change the ISR of its shard, or for another leader. Called on the
 * engine thread; must not block.
 *
 * <p>The quorum accepts a proposal only from the shard's present leader epoch and ISR version, and counts the version
 * up (also when the proposed ISR equals the present one: that withdraws an earlier proposal). What it decides comes
 * back as
 * {@link ReplicationAgent#applyAssignment}. A proposal may get lost: it is made again. A refusal is not told, for it
 * says too little: the same proposal, sent twice, may have been accepted the other time.
 */
@FunctionalInterface
public interface IsrProposals {
    /**
     * Proposes an ISR.
     *
     * @param shardId     the shard
     * @param leaderEpoch epoch of the asking leader
     * @param isr         broker ids, the leader's own among them; the callee's to keep
     * @param isrVersion  version of the ISR this one is to replace
     * @return false when it was certainly not sent
     */
    boolean propose(int shardId, int leaderEpoch, int[] isr, long isrVersion);

    /**
     * Proposes an ISR and says for which registration of each member the leader vouches: one that registered anew since
     * may have lost its page cache.
     *
     * @param shardId     the shard
     * @param leaderEpoch epoch of the asking leader
     * @param isr         broker ids, the leader's own among them; the callee's to keep
     * @param isrEpochs   broker epochs in the same order, -1 where none is known
     * @param isrVersion  version of the ISR this one is to replace
     * @return false when it was certainly not sent
     */
    default boolean propose(
        final int shardId, final int leaderEpoch, final int[] isr, final long[] isrEpochs, final long isrVersion) {
        return propose(shardId, leaderEpoch, isr, isrVersion);
    }

    /**
     * Proposes an ISR and names the replicas that lack committed records, so that none of them is elected.
     *
     * @param shardId     the shard
     * @param leaderEpoch epoch of the asking leader
     * @param isr         broker ids, the leader's own among them; the callee's to keep
     * @param isrEpochs   broker epochs in the same order, -1 where none is known
     * @param lost        broker ids outside the proposed ISR; the callee's to keep
     * @param isrVersion  version of the ISR this one is to replace
     * @return false when it was certainly not sent
     */
    default boolean propose(
        final int shardId, final int leaderEpoch, final int[] isr, final long[] isrEpochs, final int[] lost,
        final long isrVersion) {
        return propose(shardId, leaderEpoch, isr, isrEpochs, isrVersion);
    }

    /**
     * Tells the quorum how the handing over of a leadership went that it had asked for.
     *
     * @param shardId     the shard
     * @param leaderEpoch epoch of this leader
     * @param toBrokerId  who has everything now, {@link ShardAssignment#NO_LEADER} when this leader gives up
     */
    default void finishMove(final int shardId, final int leaderEpoch, final int toBrokerId) {
        // who knows no quorum is asked for nothing
    }

    /**
     * Asks the quorum to let another in-sync replica lead, because this broker cannot.
     *
     * @param shardId     the shard
     * @param leaderEpoch in which this broker was to lead
     * @param reason      {@link io.millrace.engine.ShardLog#STORAGE_ERROR} or
     *                    {@link io.millrace.engine.ShardLog#NO_RING}
     */
    default void resign(final int shardId, final int leaderEpoch, final long reason) {
        // who knows no quorum goes on trying
    }
}
