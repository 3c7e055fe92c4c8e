package io.millrace.broker.sim;

import io.millrace.broker.replication.ShardAssignment;
import io.millrace.engine.LogMarks;
import io.millrace.engine.ShardLog;

/** One broker's copy of one shard, with what must be true of it. */
final class SimReplica implements ObservedLog.Observer {
    private static final long RETENTION_LENGTH = 4096;

    private final Simulation simulation;
    private final int brokerId;
    private final int shardId;

    private ShadowLog shadow = new ShadowLog();
    private ObservedLog log;
    private int epoch = -1;
    private long endAtEpoch;
    private long committed;
    private long syncedAtStop;
    private int incarnations;
    private boolean lostPower;
    // Lost what it had acked, and the leader may not know yet (replicated profile only).
    private boolean poorer;
    private boolean leaderKnows;

    SimReplica(final Simulation simulation, final int brokerId, final int shardId) {
        this.simulation = simulation;
        this.brokerId = brokerId;
        this.shardId = shardId;
    }

    ObservedLog log() {
        return log;
    }

    ShadowLog shadow() {
        return shadow;
    }

    int epoch() {
        return epoch;
    }

    /** {@return whether a leader may count bytes that this replica acked before the power went} */
    boolean isExcused() {
        return poorer && !leaderKnows;
    }

    /** {@return up to where this replica holds the log as its profile counts} */
    long held() {
        if (!simulation.options().durable()) {
            return shadow.end();
        }
        return log == null ? syncedAtStop : Math.min(shadow.end(), log.marks().syncedAcquire());
    }

    // --- life

    void open(final ShardLog newLog) {
        log = new ObservedLog(newLog, this);
        if (simulation.options().bitRot() && incarnations++ > 0) {
            // what rotted cannot be compared; in the end everything is
            simulation.check(log.endPosition() == shadow.end(), () -> who() + " lost bytes in a kill: "
                + log.endPosition() + " < " + shadow.end());
            committed = log.marks().committedAcquire();
            epoch = -1;
            return;
        }
        final ShadowLog recovered = new ShadowLog();
        recovered.reset(log.startPosition());
        recovered.catchUp(log);
        final long from = Math.max(recovered.base(), shadow.base());
        final String who = who();
        simulation.check(recovered.end() <= shadow.end(), () -> who + " recovered more than it had: "
            + recovered.end() + " > " + shadow.end());
        simulation.check(recovered.difference(shadow, from, recovered.end()) < 0, () -> who
            + " recovered other bytes at " + recovered.difference(shadow, from, recovered.end()));
        if (lostPower) {
            simulation.check(recovered.end() >= syncedAtStop, () -> who + " lost synced bytes: " + recovered.end()
                + " < " + syncedAtStop);
            simulation.counters().powerLossesWithLoss += recovered.end() < shadow.end() ? 1 : 0;
            poorer |= !simulation.options().durable() && recovered.end() < shadow.end();
            leaderKnows = false;
        } else {
            simulation.check(recovered.end() == shadow.end(), () -> who + " lost bytes in a kill: "
                + recovered.end() + " < " + shadow.end());
        }
        lostPower = false;
        shadow = recovered;
        committed = log.marks().committedAcquire();
        epoch = -1;
        if (simulation.metadata().shard(shardId).leaderId == brokerId) {
            simulation.check(shadow.end() >= simulation.committed(shardId).end(), () -> who
                + " came back as leader without committed bytes");
        }
    }

    void onStop(final boolean powerLoss) {
        catchUp();
        syncedAtStop = log.marks().syncedAcquire();
        lostPower = powerLoss;
        log = null;
    }

    void onAssignment(final ShardAssignment assignment) {
        if (assignment.leaderEpoch() > epoch) {
            epoch = assignment.leaderEpoch();
            endAtEpoch = shadow.end();
        }
        catchUp();
    }

    /** The leader has sent the first answer to a handshake: from now on it must know what this replica holds. */
    void onLeaderKnows() {
        leaderKnows = true;
    }

    void catchUp() {
        final long before = shadow.end();
        shadow.catchUp(log);
        if (shadow.end() != before) {
            simulation.scheduler().trace(shadow.end() * 31 + brokerId * 7L + shardId);
        }
    }

    /** Gives old segments back; a follower that comes back from behind them has to start anew. */
    void retain() {
        final long before = log.startPosition();
        for (int partitionId = 0; partitionId < SimClient.PARTITION_COUNT; partitionId++) {
            log.retain(partitionId, RETENTION_LENGTH);
        }
        simulation.counters().retained += log.startPosition() > before ? 1 : 0;
    }

    // --- observed

    @Override
    public void onTruncate(final long position) {
        catchUp();
        simulation.check(simulation.options().mutant() == Mutant.TRUNCATE_TO_COMMITTED || position >= committed
            || simulation.options().bitRot() && !simulation.metadata().shard(shardId).isInSync(brokerId),
            () -> who() + " cuts committed bytes: " + position + " < " + committed);
        shadow.truncate(position);
        committed = Math.min(committed, position);
    }

    @Override
    public void onReset(final long basePosition) {
        shadow.reset(basePosition);
        committed = basePosition;
    }

    @Override
    public void beforeCommit(final long position) {
        catchUp();
        final String who = who();
        simulation.check(position >= committed, () -> who + " committed backwards: " + position + " < " + committed);
        simulation.check(position <= shadow.end(), () -> who + " commits past its end: " + position);
        final ShadowLog all = simulation.committed(shardId);
        final SimMetadata.Shard shard = simulation.metadata().shard(shardId);
        if (shard.leaderId == brokerId) {
            simulation.checkCommit(shard, epoch, position);
            if (position > all.end()) {
                all.copyFrom(shadow, position);
                simulation.counters().committedBytes += position - committed;
            }
        }
        simulation.check(position <= all.end(), () -> who + " commits what its leader has not: " + position);
        final long difference = shadow.difference(all, Math.max(committed, shadow.base()), position);
        simulation.check(difference < 0, () -> who + " commits other bytes than its leader at " + difference);
        committed = position;
        simulation.scheduler().trace(position);
    }

    // --- invariants

    /** What must hold after every event. */
    void checkMarks() {
        if (log != null) {
            final LogMarks marks = log.marks();
            final long written = marks.writtenAcquire();
            final long synced = marks.syncedAcquire();
            final long nowCommitted = marks.committedAcquire();
            if (synced > written || nowCommitted > written || simulation.options().durable() && nowCommitted > synced
                || nowCommitted < committed) {
                simulation.fail(who() + " has its marks in disorder: written=" + written + " synced=" + synced
                    + " committed=" + nowCommitted + " before=" + committed);
            }
        }
        if (poorer && leaderKnows && shadow.end() >= simulation.committed(shardId).end()) {
            poorer = false;
        }
        // Who is in sync holds all that is committed, at any time.
        if (!poorer && simulation.metadata().shard(shardId).isInSync(brokerId)
            && held() < simulation.committed(shardId).end()) {
            simulation.fail(who() + " is in the ISR and holds " + held() + " of "
                + simulation.committed(shardId).end() + " committed");
        }
    }

    /** Whether a leader of this epoch may count this replica as one that holds the log up to a position. */
    void checkHeld(final int leaderEpoch, final long position) {
        if (!isExcused() && held() < position) {
            simulation.fail(who() + " is in the ISR, holds " + held() + ", and its leader commits " + position);
        }
        if (epoch > leaderEpoch && endAtEpoch < position) {
            simulation.fail(who() + " is in epoch " + epoch + " since " + endAtEpoch + ", and a leader of epoch "
                + leaderEpoch + " commits " + position);
        }
    }

    private String who() {
        return "shard " + shardId + " of broker " + brokerId;
    }
}
