package io.millrace.broker.replication;

import java.util.function.IntToLongFunction;

/**
 * A leader's view of its shard's ISR: the accepted one, and the maximal one that also has the members of each proposal
 * which may yet be accepted. Owned by the engine thread. Replicas are bits: bit i is replica i of the assignment.
 *
 * <p>A proposal that was sent counts until the quorum has accepted a newer version, whatever it answered meanwhile: a
 * proposal is sent again when its answer does not come, and the one answer that arrives may be that of another copy
 * than the one that was accepted. A proposal no longer wanted is withdrawn by proposing the accepted ISR once more.
 */
final class InSyncReplicas {
    private final int shardId;
    private final int leaderEpoch;
    private final int[] replicas;
    private final IsrProposals proposals;
    private final IntToLongFunction brokerEpochs;
    private final long retryNs;

    private int accepted;
    private int maximal;
    private int lastProposed;
    private long version;
    private long proposedNs;
    private boolean hasProposed;

    InSyncReplicas(
        final ShardAssignment assignment, final IsrProposals proposals, final IntToLongFunction brokerEpochs,
        final long retryNs) {
        this.shardId = assignment.shardId();
        this.leaderEpoch = assignment.leaderEpoch();
        this.replicas = assignment.replicas();
        this.proposals = proposals;
        this.brokerEpochs = brokerEpochs;
        this.retryNs = retryNs;
        this.version = assignment.isrVersion();
        this.accepted = maskOf(replicas, assignment.isr());
        this.maximal = accepted;
    }

    static int maskOf(final int[] replicas, final int[] members) {
        int mask = 0;
        for (final int member : members) {
            for (int i = 0; i < replicas.length; i++) {
                if (replicas[i] == member) {
                    mask |= 1 << i;
                }
            }
        }
        return mask;
    }

    private int[] membersOf(final int mask) {
        final int[] members = new int[Integer.bitCount(mask)];
        for (int i = 0, next = 0; i < replicas.length; i++) {
            if ((mask & 1 << i) != 0) {
                members[next++] = replicas[i];
            }
        }
        return members;
    }

    int accepted() {
        return accepted;
    }

    int maximal() {
        return maximal;
    }

    int count() {
        return Integer.bitCount(accepted);
    }

    boolean isMaximalMember(final int replicaIndex) {
        return (maximal & 1 << replicaIndex) != 0;
    }

    boolean isAccepted(final int replicaIndex) {
        return (accepted & 1 << replicaIndex) != 0;
    }

    /**
     * Takes what the quorum accepted.
     *
     * @return whether it is news
     */
    boolean accept(final int[] isr, final long newVersion) {
        if (newVersion <= version) {
            return false;
        }
        version = newVersion;
        accepted = maskOf(replicas, isr);
        maximal = accepted; // proposals made on an older version can no longer be accepted
        hasProposed = false;
        return true;
    }

    /**
     * Makes sure that the quorum hears of the wanted ISR: when it differs from the accepted one, or when an earlier
     * proposal is to be withdrawn.
     *
     * @param wanted bits of those who are to be in the ISR
     * @param lost   bits of those who lack committed records
     * @param nowNs  monotonic time
     * @return whether a proposal was made
     */
    boolean want(final int wanted, final int lost, final long nowNs) {
        if (wanted == accepted && maximal == accepted) {
            return false;
        }
        if (hasProposed && wanted == lastProposed && nowNs - proposedNs < retryNs) {
            return false;
        }
        if (hasProposed && wanted != lastProposed && nowNs - proposedNs < retryNs / 4) {
            return false; // a follower on the edge must not flood the quorum
        }
        final int[] members = new int[Integer.bitCount(wanted)]; // cold: an ISR changes seldom
        final long[] epochs = new long[members.length];
        for (int i = 0, next = 0; i < replicas.length; i++) {
            if ((wanted & 1 << i) != 0) {
                epochs[next] = brokerEpochs.applyAsLong(i);
                members[next++] = replicas[i];
            }
        }
        final int[] lostMembers = membersOf(lost & ~wanted);
        hasProposed = true;
        lastProposed = wanted;
        proposedNs = nowNs;
        final int maximalBefore = maximal;
        maximal |= wanted; // before it leaves: from then on it may be accepted
        if (!proposals.propose(shardId, leaderEpoch, members, epochs, lostMembers, version)) {
            maximal = maximalBefore;
            return false;
        }
        return true;
    }
}
