package io.millrace.broker.sim;

import io.millrace.broker.replication.ShardGauges;
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
    private ShardGauges gauges;
    private int epoch = -1;
    private long endAtEpoch;
    private long committed;
    private long syncedAtStop;
    private int incarnations;
    private boolean lostPower;
    // A failing disk left a cut half done: what is there now shows when the log is opened again.
    private boolean cutFailed;
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

    void gauges(final ShardGauges newGauges) {
        gauges = newGauges;
    }

    /** {@return whether a leader may count bytes that this replica acked before the power went} */
    boolean isExcused() {
        return isUnknown() || poorer && !leaderKnows;
    }

    /** {@return whether a power cut took something that a leader may still count on} */
    boolean isPoorer() {
        return poorer;
    }

    /** {@return whether nobody knows yet what a power cut has left} */
    boolean isUnknown() {
        return lostPower && !simulation.options().durable();
    }

    /** {@return up to where this replica holds the log as its profile counts} */
    long held() {
        if (!simulation.options().durable()) {
            return shadow.end();
        }
        return log == null ? syncedAtStop : Math.min(shadow.end(), log.marks().syncedAcquire());
    }

    /** {@return up to where the bytes here are those of another log, at the end of a frame of that one} */
    long agreesWith(final ShadowLog other) {
        if (log != null) {
            catchUp();
        }
        final long from = Math.max(shadow.base(), other.base());
        final long to = Math.min(shadow.end(), other.end());
        final long difference = from >= to ? -1 : shadow.difference(other, from, to);
        return other.frameEnd(difference < 0 ? to : difference);
    }

    private SimTruth truth() {
        return simulation.truth(shardId);
    }

    // --- life

    void open(final ShardLog newLog) {
        log = new ObservedLog(newLog, this);
        epoch = -1;
        if (simulation.options().bitRot() && incarnations++ > 0) {
            // what rotted cannot be compared; in the end everything is
            simulation.check(log.endPosition() == shadow.end(), () -> this + " lost bytes in a kill: "
                + log.endPosition() + " < " + shadow.end());
            committed = log.marks().committedAcquire();
            return;
        }
        final ShadowLog recovered = new ShadowLog();
        recovered.reset(log.startPosition());
        recovered.catchUp(log);
        simulation.tell(() -> this + " opens with " + recovered.end() + " of " + shadow.end() + " epoch "
            + newLog.lastEpoch());
        if (!cutFailed) {
            checkRecovered(recovered);
        }
        cutFailed = false;
        lostPower = false;
        shadow = recovered;
        committed = log.marks().committedAcquire();
    }

    private void checkRecovered(final ShadowLog recovered) {
        final long from = Math.max(recovered.base(), shadow.base());
        simulation.check(recovered.end() <= shadow.end(), () -> this + " recovered more than it had: "
            + recovered.end() + " > " + shadow.end());
        simulation.check(recovered.difference(shadow, from, recovered.end()) < 0, () -> this
            + " recovered other bytes at " + recovered.difference(shadow, from, recovered.end()));
        if (lostPower) {
            simulation.check(recovered.end() >= syncedAtStop, () -> this + " lost synced bytes: " + recovered.end()
                + " < " + syncedAtStop);
            simulation.counters().count("power cuts that lost bytes", recovered.end() < shadow.end() ? 1 : 0);
            poorer |= !simulation.options().durable() && recovered.end() < shadow.end();
            leaderKnows = false;
        } else {
            simulation.check(recovered.end() == shadow.end(), () -> this + " lost bytes in a kill: "
                + recovered.end() + " < " + shadow.end());
        }
    }

    void onStop() {
        catchUp();
        syncedAtStop = log.marks().syncedAcquire();
        log = null;
    }

    void onPowerLoss() {
        lostPower = true;
    }

    void onAssignment(final int leaderEpoch) {
        if (leaderEpoch > epoch) {
            catchUp();
            epoch = leaderEpoch;
            endAtEpoch = shadow.end();
        }
    }

    /** The leader has sent the first answer to a handshake: from now on it must know what this replica holds. */
    void onLeaderKnows() {
        leaderKnows = true;
    }

    /** Elected after a power cut of all, or by an operator: what it has is what there is. */
    void onElectedWithLoss() {
        poorer = false;
    }

    void onTruthCut(final long position) {
        committed = Math.min(committed, position);
        endAtEpoch = Math.max(endAtEpoch, position);
    }

    void catchUp() {
        if (log == null || cutFailed) {
            return;
        }
        final long before = shadow.end();
        shadow.catchUp(log);
        if (shadow.end() != before) {
            simulation.scheduler().trace(shadow.end() * 31 + brokerId * 7L + shardId);
        }
    }

    /** Gives old segments back; a follower that comes back from behind them has to start anew. */
    void retain() {
        final long before = log.startPosition();
        for (int partitionId = 0; partitionId < simulation.options().partitionCount(); partitionId++) {
            log.retain(partitionId, RETENTION_LENGTH);
        }
        log.tellLogStarts();
        simulation.counters().count("segments given back", log.startPosition() > before ? 1 : 0);
    }

    // --- observed

    @Override
    public void onStartLeading(final int newEpoch) {
        catchUp();
        truth().onStartLeading(brokerId, newEpoch);
    }

    @Override
    public void onTruncate(final long position) {
        catchUp();
        simulation.check(simulation.options().mutant() == Mutant.TRUNCATE_TO_COMMITTED || position >= committed
            || simulation.options().bitRot() && !truth().isInSync(brokerId),
            () -> this + " cuts committed bytes: " + position + " < " + committed);
        simulation.tell(() -> this + " is cut at " + position + " of " + shadow.end());
        shadow.truncate(position);
        committed = Math.min(committed, position);
    }

    @Override
    public void onReset(final long basePosition) {
        simulation.tell(() -> this + " starts anew at " + basePosition);
        shadow.reset(basePosition);
        committed = basePosition;
    }

    @Override
    public void onCutDone() {
        cutFailed |= log.isOffline();
    }

    @Override
    public void beforeCommit(final long position) {
        catchUp();
        simulation.check(position >= committed, () -> this + " committed backwards: " + position + " < " + committed);
        simulation.check(position <= shadow.end(), () -> this + " commits past its end: " + position);
        final ShadowLog all = truth().log();
        if (gauges.get(ShardGauges.ROLE) == ShardGauges.ROLE_LEADER) {
            truth().onCommit(this, epoch, committed, position);
        }
        simulation.check(position <= all.end(), () -> this + " commits what its leader has not: " + position);
        final long difference = shadow.difference(all, Math.max(committed, shadow.base()), position);
        simulation.check(difference < 0, () -> this + " commits other bytes than its leader at " + difference);
        committed = position;
        simulation.scheduler().trace(position);
    }

    // --- invariants

    /** What must hold after every event. */
    void checkMarks() {
        if (log != null && !cutFailed) {
            final LogMarks marks = log.marks();
            final long written = marks.writtenAcquire();
            final long synced = marks.syncedAcquire();
            final long nowCommitted = marks.committedAcquire();
            if (synced > written || nowCommitted > written || simulation.options().durable() && nowCommitted > synced
                || nowCommitted < committed) {
                simulation.fail(this + " has its marks in disorder: written=" + written + " synced=" + synced
                    + " committed=" + nowCommitted + " before=" + committed);
            }
        }
        final long truthEnd = truth().log().end();
        if (poorer && leaderKnows && shadow.end() >= truthEnd) {
            poorer = false;
        }
        // Who is in sync holds all that is committed, at any time.
        if (!poorer && held() < truthEnd && !isUnknown() && truth().isInSync(brokerId)) {
            simulation.fail(this + " is in the ISR and holds " + held() + " of " + truthEnd + " committed");
        }
    }

    /** Whether a leader of this epoch may count this replica as one that holds the log up to a position. */
    void checkHeld(final int leaderEpoch, final long position) {
        if (!isExcused() && held() < position) {
            simulation.fail(this + " is in the ISR, holds " + held() + ", and its leader commits " + position);
        }
        if (epoch > leaderEpoch && endAtEpoch < position) {
            simulation.fail(this + " is in epoch " + epoch + " since " + endAtEpoch + ", and a leader of epoch "
                + leaderEpoch + " commits " + position);
        }
    }

    /** Whether a replica that a leader counts holds what the leader holds, as far as it holds anything. */
    void checkSame(final ShadowLog leader, final long from, final long to) {
        final long first = Math.max(from, Math.max(shadow.base(), leader.base()));
        final long end = Math.min(to, shadow.end());
        if (first < end && shadow.difference(leader, first, end) >= 0) {
            simulation.fail(this + " is in the ISR, and its leader commits other bytes at "
                + shadow.difference(leader, first, end));
        }
    }

    @Override
    public String toString() {
        return "shard " + shardId + " of broker " + brokerId;
    }
}
