package io.millrace.broker.sim;

import io.millrace.broker.metadata.BrokerInfo;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.ShardInfo;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What is true of one shard, whoever leads it: everything ever committed, who led in which epoch, who was in sync. Only
 * an election after a power cut of all or by an operator may take something away from it.
 */
final class SimTruth {
    private final Simulation simulation;
    private final int shardId;
    private final ShadowLog log = new ShadowLog();
    private final Map<Integer, Integer> leaderByEpoch = new HashMap<>();
    private final Map<Integer, List<Integer>> isrByEpoch = new HashMap<>();
    private final Set<Integer> startedEpochs = new HashSet<>();
    private final Set<Integer> fencedEpochs = new HashSet<>();
    private final Set<Long> lost = new HashSet<>();
    private ShardInfo info;

    SimTruth(final Simulation simulation, final int shardId) {
        this.simulation = simulation;
        this.shardId = shardId;
    }

    /** {@return everything committed} */
    ShadowLog log() {
        return log;
    }

    /** {@return the shard as the quorum decided, null before it was created} */
    ShardInfo info() {
        return info;
    }

    boolean isInSync(final int brokerId) {
        return info != null && info.isr().contains(brokerId);
    }

    /** {@return whether committed batches were lost in a way that is allowed} */
    boolean hasLost() {
        return !lost.isEmpty();
    }

    boolean wasLost(final long batchId) {
        return lost.contains(batchId);
    }

    // --- decisions of the quorum

    void onDecided(final MetadataImage previousImage, final MetadataImage image) {
        final ShardInfo previous = info;
        info = image.shard(shardId);
        if (info == null) {
            return;
        }
        if (!info.equals(previous)) {
            simulation.tell(() -> "decided: shard " + shardId + " leader " + info.leader() + " epoch "
                + info.leaderEpoch() + " isr " + info.isr() + " version " + info.isrVersion() + " eligible "
                + info.eligible() + " last isr " + info.lastIsr() + (info.waiting() ? " waiting " : " ")
                + info.elections());
        }
        isrByEpoch.put(info.leaderEpoch(), info.isr());
        if (previous != null && previous.leaderEpoch() != info.leaderEpoch()) {
            onEpoch(previous, previousImage, image);
        }
        if (previous == null || previous.leaderEpoch() != info.leaderEpoch()) {
            leaderByEpoch.put(info.leaderEpoch(), info.leader());
        }
    }

    private void onEpoch(final ShardInfo previous, final MetadataImage previousImage, final MetadataImage image) {
        simulation.counters().count("leader epochs");
        simulation.check(info.leaderEpoch() > previous.leaderEpoch(), () -> "shard " + shardId
            + " goes back to epoch " + info.leaderEpoch());
        if (previous.hasLeader()) {
            final BrokerInfo before = previousImage.broker(previous.leader());
            final BrokerInfo now = image.broker(previous.leader());
            if (before.isRegistered() && !now.isRegistered()) {
                fencedEpochs.add(previous.leaderEpoch()); // its lease had to end before
            }
        }
        if (info.hasLeader()) {
            simulation.counters().count(info.leader() == previous.leader() ? "epochs of the same leader" : "elections");
            checkElection(previous);
        } else {
            simulation.counters().count("epochs without a leader");
        }
    }

    private void checkElection(final ShardInfo previous) {
        final boolean unclean = info.elections().unclean() > previous.elections().unclean();
        final boolean powerCut = info.elections().powerCut() > previous.elections().powerCut();
        simulation.counters().count("elections by an operator, unclean", unclean ? 1 : 0);
        simulation.counters().count("elections after a power cut of all", powerCut ? 1 : 0);
        simulation.check(!unclean || simulation.options().has(FaultKind.UNCLEAN_ELECTION),
            "an unclean election that nobody asked for");
        if (!unclean && !powerCut) {
            return; // who leads must hold everything when it begins to act, see onStartLeading
        }
        final long kept = replica(info.leader()).agreesWith(log);
        if (powerCut) {
            checkBest(previous, kept);
        }
        if (kept < log.end()) {
            simulation.check(unclean || !simulation.options().durable(),
                () -> "a power cut costs a durable shard " + (log.end() - kept) + " bytes");
            cut(kept);
        }
        replica(info.leader()).onElectedWithLoss();
    }

    private void checkBest(final ShardInfo previous, final long kept) {
        final TreeSet<Integer> holders = new TreeSet<>(previous.isr());
        holders.addAll(previous.eligible());
        for (final int holder : holders) {
            final SimReplica replica = replica(holder);
            simulation.check(kept == log.end() || replica.isPoorer() || replica.isUnknown(),
                () -> "shard " + shardId + " loses committed bytes though broker " + holder + " has them");
        }
        holders.addAll(previous.lastIsr());
        for (final int holder : holders) {
            final SimReplica replica = replica(holder);
            simulation.check(replica.isUnknown() || replica.agreesWith(log) <= kept, () -> "shard " + shardId
                + " goes to broker " + info.leader() + " which holds " + kept + ", broker " + holder + " holds "
                + replica.agreesWith(log));
        }
    }

    /** Forgets what nobody is left to have. */
    private void cut(final long position) {
        simulation.counters().count("elections that lost committed bytes");
        simulation.tell(() -> "shard " + shardId + " loses committed bytes: " + position + " of " + log.end());
        for (int i = log.frames().size() - 1; i >= 0 && log.frames().get(i).end() > position; i--) {
            if (log.frames().get(i).batchId() >= 0) {
                lost.add(log.frames().get(i).batchId());
            }
        }
        log.truncate(position);
        for (int id = 1; id <= SimOptions.BROKER_COUNT; id++) {
            replica(id).onTruthCut(position);
        }
    }

    private SimReplica replica(final int brokerId) {
        return simulation.replica(brokerId, shardId);
    }

    // --- what leaders do

    /** A broker writes the first frame of an epoch. */
    void onStartLeading(final int brokerId, final int epoch) {
        simulation.check(leaderByEpoch.getOrDefault(epoch, -1) == brokerId, () -> "broker " + brokerId
            + " leads shard " + shardId + " in epoch " + epoch + ", which is that of " + leaderByEpoch.get(epoch));
        simulation.check(startedEpochs.add(epoch), () -> "epoch " + epoch + " of shard " + shardId + " begins twice");
        final long kept = replica(brokerId).agreesWith(log);
        simulation.tell(() -> "broker " + brokerId + " begins to lead shard " + shardId + " in epoch " + epoch
            + " with " + kept + " of " + log.end());
        simulation.check(kept == log.end() || info.leaderEpoch() != epoch, () -> "broker " + brokerId
            + " begins to lead shard " + shardId + " with " + kept + " of " + log.end() + " committed bytes");
    }

    /** A leader commits; who was in its ISR, by what the quorum has accepted, must hold it; and enough must. */
    void onCommit(final SimReplica leader, final int epoch, final long from, final long position) {
        int holders = 0;
        final List<Integer> isr = isrByEpoch.getOrDefault(epoch, List.of());
        for (int id = 1; id <= SimOptions.BROKER_COUNT; id++) {
            final SimReplica replica = replica(id);
            final boolean inSync = isr.contains(id);
            if (inSync) {
                replica.checkHeld(epoch, position);
                replica.checkSame(leader.shadow(), Math.min(log.end(), position), position);
            }
            holders += replica.held() >= position || inSync && replica.isExcused() ? 1 : 0;
        }
        final int count = holders;
        simulation.check(count >= SimOptions.MIN_ISR, () -> "shard " + shardId + " commits " + position
            + " with too few replicas: " + count);
        if (position > log.end()) {
            final long difference = leader.shadow().difference(log, Math.max(from, leader.shadow().base()), log.end());
            simulation.check(difference < 0, () -> "two leaders of shard " + shardId + " part at " + difference);
            simulation.counters().count("bytes committed", position - log.end());
            log.copyFrom(leader.shadow(), position);
        }
    }

    /** A leader answers a client that something is written. */
    void checkMayAck(final int epoch, final int brokerId) {
        simulation.check(!fencedEpochs.contains(epoch), () -> "broker " + brokerId + " acknowledges as leader of shard "
            + shardId + " in epoch " + epoch + ", but the quorum has closed its session");
        simulation.check(leaderByEpoch.getOrDefault(epoch, -1) == brokerId, () -> "broker " + brokerId
            + " acknowledges in epoch " + epoch + ", which is that of " + leaderByEpoch.get(epoch));
    }

    @Override
    public String toString() {
        return "shard " + shardId + " committed " + log.end() + " " + info;
    }
}
