package io.millrace.broker.replication;

/**
 * Where a leader asks the metadata quorum to change the ISR of its shard. Called on the engine thread; must not block.
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
}
