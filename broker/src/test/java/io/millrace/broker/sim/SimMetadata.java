package io.millrace.broker.sim;

import io.millrace.broker.replication.ShardAssignment;
import java.util.random.RandomGenerator;

/**
 * The metadata authority: one leader per shard for good, a new epoch whenever that leader's session begins, ISR changes
 * by version. What it decides reaches each broker in order and late; proposals come late, twice or never.
 */
final class SimMetadata {
    /** One shard as decided. */
    static final class Shard {
        final int id;
        final int leaderId;
        final int[] replicas;
        int epoch;
        int[] isr;
        long version = 1;

        Shard(final int id, final int leaderId, final int[] replicas) {
            this.id = id;
            this.leaderId = leaderId;
            this.replicas = replicas;
            this.isr = replicas.clone();
        }

        boolean isInSync(final int brokerId) {
            return contains(isr, brokerId);
        }

        ShardAssignment assignment() {
            return new ShardAssignment(id, leaderId, epoch, replicas, isr, version, SimOptions.MIN_ISR);
        }
    }

    private static final long MAX_DELAY_NS = 30_000_000L;

    private final SimScheduler scheduler;
    private final RandomGenerator random;
    private final SimCounters counters;
    private final SimNode[] nodes;
    private final Shard[] shards;
    // Session of each broker: 0 while it has none.
    private final long[] sessions;
    private final long[] deliveredNs;
    private final boolean[] cutOff;
    private long lastSession;
    private boolean proposalsGetLost;

    SimMetadata(
        final SimScheduler scheduler, final RandomGenerator random, final SimCounters counters, final SimNode[] nodes,
        final Shard[] shards) {
        this.scheduler = scheduler;
        this.random = random;
        this.counters = counters;
        this.nodes = nodes;
        this.shards = shards;
        sessions = new long[nodes.length];
        deliveredNs = new long[nodes.length];
        cutOff = new boolean[nodes.length];
    }

    void proposalsGetLost(final boolean lost) {
        proposalsGetLost = lost;
    }

    void cutOff(final int brokerId, final boolean cut) {
        cutOff[brokerId] = cut;
    }

    Shard shard(final int shardId) {
        return shards[shardId];
    }

    /** A broker asks for a session; asked again until one comes about. */
    void register(final int brokerId, final int incarnation) {
        scheduler.after(random.nextLong(MAX_DELAY_NS), () -> {
            final SimNode node = nodes[brokerId];
            if (node.incarnation() != incarnation || !node.isUp()) {
                return;
            }
            if (cutOff[brokerId] || node.isPaused()) {
                register(brokerId, incarnation);
                return;
            }
            final long session = ++lastSession;
            sessions[brokerId] = session;
            for (final Shard shard : shards) {
                if (shard.leaderId == brokerId) {
                    shard.epoch++;
                    shard.version++;
                    counters.epochs++;
                    for (final SimNode other : nodes) {
                        if (other != null && other.id != brokerId) {
                            deliver(other.id, shard);
                        }
                    }
                }
            }
            for (final Shard shard : shards) {
                deliver(brokerId, shard);
            }
        });
    }

    /** A broker's session times out: it has to register again. */
    void expire(final int brokerId) {
        sessions[brokerId] = 0;
    }

    boolean hasSession(final int brokerId) {
        return sessions[brokerId] != 0;
    }

    private void deliver(final int brokerId, final Shard shard) {
        if (sessions[brokerId] != 0) {
            deliver(brokerId, sessions[brokerId], shard.assignment());
        }
    }

    private void deliver(final int brokerId, final long session, final ShardAssignment assignment) {
        final long atNs = Math.max(deliveredNs[brokerId], scheduler.nowNs() + random.nextLong(MAX_DELAY_NS));
        deliveredNs[brokerId] = atNs;
        scheduler.after(atNs - scheduler.nowNs(), () -> arrive(brokerId, session, assignment));
    }

    private void arrive(final int brokerId, final long session, final ShardAssignment assignment) {
        if (sessions[brokerId] != session) {
            return; // the next session begins with all there is
        }
        if (cutOff[brokerId]) {
            deliver(brokerId, session, assignment); // by version, so a late one does no harm
        } else {
            nodes[brokerId].onAssignment(assignment);
        }
    }

    boolean propose(
        final int brokerId, final int shardId, final int leaderEpoch, final int[] isr, final long version) {
        final long session = sessions[brokerId];
        if (session == 0) {
            return false;
        }
        if (proposalsGetLost && random.nextInt(4) == 0) {
            counters.proposalsLost++;
            return true;
        }
        scheduler.after(random.nextLong(MAX_DELAY_NS), () ->
            decide(brokerId, session, shardId, leaderEpoch, isr, version));
        if (random.nextInt(8) == 0) {
            scheduler.after(random.nextLong(MAX_DELAY_NS), () ->
                decide(brokerId, 0, shardId, leaderEpoch, isr, version)); // once more, nobody hears the answer
        }
        return true;
    }

    private void decide(
        final int brokerId, final long session, final int shardId, final int leaderEpoch, final int[] isr,
        final long version) {
        final Shard shard = shards[shardId];
        if (cutOff[brokerId] || sessions[brokerId] == 0 || session != 0 && session != sessions[brokerId]
            || shard.leaderId != brokerId || shard.epoch != leaderEpoch || shard.version != version) {
            counters.proposalsRefused++;
            return;
        }
        for (final int member : isr) {
            if (!shard.isInSync(member) && sessions[member] == 0) {
                counters.proposalsRefused++;
                return; // the answer may get lost, so nothing must depend on it
            }
        }
        shard.isr = isr.clone();
        shard.version++;
        counters.isrChanges++;
        for (final SimNode node : nodes) {
            if (node != null) {
                deliver(node.id, shard);
            }
        }
    }

    static boolean contains(final int[] members, final int brokerId) {
        for (final int member : members) {
            if (member == brokerId) {
                return true;
            }
        }
        return false;
    }
}
