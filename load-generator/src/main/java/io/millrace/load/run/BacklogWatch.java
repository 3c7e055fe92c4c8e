package io.millrace.load.run;

import io.millrace.load.record.SessionRecorder;
import io.millrace.load.workload.Units;
import io.millrace.load.workload.Workload;
import io.millrace.results.model.RunFindings;
import java.util.List;

/**
 * After the measured phase: consumers stand still until so much waits for them, then catch up. Owned by the run's
 * thread.
 */
final class BacklogWatch {
    private static final double NS_PER_S = 1e9;
    private static final long MIN_BUILD_NS = 60_000_000_000L;
    /** With load on, consumers have caught up when they are no further behind than this part of a second's records. */
    private static final double CAUGHT_UP_S = 0.1;

    private enum State { NONE, BUILDING, DRAINING, DONE }

    private final Workload workload;
    private final RunPlan plan;
    private final Consumers consumers;
    private final List<SessionRecorder> recorders;
    private State state;
    private long buildStartNs;
    private long drainStartNs;
    private long doneNs;
    private long builtRecords;
    private long consumedAtStart;
    private long consumedAtEnd;
    private boolean isCaughtUp;
    private String problem;

    BacklogWatch(
        final Workload workload,
        final RunPlan plan,
        final Consumers consumers,
        final List<SessionRecorder> recorders) {
        this.workload = workload;
        this.plan = plan;
        this.consumers = consumers;
        this.recorders = recorders;
        state = plan.hasLoadAfter() ? State.NONE : State.DONE;
    }

    /**
     * Looks how far it is.
     *
     * @param nowNs     current time
     * @param isStopped true if the run is to end
     * @return true if another state has begun
     */
    boolean poll(final long nowNs, final boolean isStopped) {
        if (state != State.DONE && isStopped) {
            state = State.DONE;
            consumers.pause(false);
            plan.endLoadAfter();
            return false;
        }
        return switch (state) {
            case NONE -> nowNs - plan.measureEndNs() >= 0 && begin(nowNs);
            case BUILDING -> build(nowNs);
            case DRAINING -> drain(nowNs);
            default -> false;
        };
    }

    /** {@return the state's name for the timeline} */
    String word() {
        return switch (state) {
            case BUILDING -> "consumers pause";
            case DRAINING -> "consumers go on";
            default -> isCaughtUp ? "backlog drained" : "backlog given up";
        };
    }

    boolean isDraining() {
        return state == State.DRAINING;
    }

    boolean isActive() {
        return state == State.BUILDING || state == State.DRAINING;
    }

    /** {@return what went wrong, or null} */
    String problem() {
        return problem;
    }

    /** {@return what it came to, null if there was no backlog} */
    RunFindings.BacklogResult result() {
        if (drainStartNs == 0) {
            return null;
        }
        final long drainNs = Math.max(1, doneNs - drainStartNs);
        return new RunFindings.BacklogResult(builtRecords,
            Math.round(builtRecords * workload.lengths().meanLength()), drainStartNs - buildStartNs,
            isCaughtUp ? Long.valueOf(drainNs) : null, (consumedAtEnd - consumedAtStart) / (drainNs / NS_PER_S),
            workload.phases().isDrainLoaded());
    }

    private boolean begin(final long nowNs) {
        state = State.BUILDING;
        buildStartNs = nowNs;
        consumers.pause(true);
        return true;
    }

    private boolean build(final long nowNs) {
        final long waiting = ackedCount() - consumers.consumedCount();
        final double length = waiting * workload.lengths().meanLength();
        final double planned = workload.isUnlimited() ? 0
            : workload.phases().backlogLength() / (workload.ratePerS() * workload.lengths().meanLength()) * NS_PER_S;
        final boolean isLate = nowNs - buildStartNs > MIN_BUILD_NS + 3 * (long) planned;
        if (length < workload.phases().backlogLength() && !isLate) {
            return false;
        }
        if (isLate) {
            problem = "The backlog reached " + Units.length((long) length) + " of "
                + Units.length(workload.phases().backlogLength()) + " in " + Units.duration(nowNs - buildStartNs)
                + "; raise the rate or lower the backlog.";
        }
        state = State.DRAINING;
        builtRecords = waiting;
        drainStartNs = nowNs;
        consumedAtStart = consumers.consumedCount();
        if (!workload.phases().isDrainLoaded()) {
            plan.endLoadAfter();
        }
        consumers.pause(false);
        return true;
    }

    private boolean drain(final long nowNs) {
        final long behind = ackedCount() - consumers.consumedCount();
        final double allowed = workload.phases().isDrainLoaded() && !workload.isUnlimited()
            ? workload.ratePerS() * CAUGHT_UP_S : 0;
        isCaughtUp = behind <= allowed;
        if (!isCaughtUp && nowNs - drainStartNs < workload.phases().drainNs() && consumers.failure() == null) {
            return false;
        }
        if (!isCaughtUp) {
            problem = String.format(java.util.Locale.ROOT, "The consumers were %,d records behind after %s of "
                + "draining; allow a longer drain.", behind, Units.duration(nowNs - drainStartNs));
        }
        state = State.DONE;
        doneNs = nowNs;
        consumedAtEnd = consumers.consumedCount();
        plan.endLoadAfter();
        return true;
    }

    private long ackedCount() {
        return recorders.stream().mapToLong(SessionRecorder::ackedCount).sum();
    }
}
