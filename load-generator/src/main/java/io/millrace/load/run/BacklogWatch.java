package io.millrace.load.run;

import io.millrace.load.workload.Units;
import io.millrace.load.workload.Workload;
import io.millrace.results.model.Phases;
import io.millrace.results.model.RunFindings;

/**
 * After the measured phase: consumers stand still until so much waits for them, then catch up. Owned by the run's
 * thread.
 */
final class BacklogWatch {
    private static final double NS_PER_S = 1e9;
    private static final long MIN_BUILD_NS = 60_000_000_000L;
    private static final long MAX_MEASURED_WAIT_NS = 2_000_000_000L;
    /** With load on, consumers have caught up when they are no further behind than this part of a second's records. */
    private static final double CAUGHT_UP_S = 0.1;

    private enum State { NONE, BUILDING, DRAINING, DONE }

    private final Workload workload;
    private final RunPlan plan;
    private final Stage stage;
    private State state;
    private long buildStartNs;
    private long drainStartNs;
    private long doneNs;
    private long builtRecords;
    private long consumedAtStart;
    private long consumedAtEnd;
    private boolean isCaughtUp;
    private String problem;

    /** Producers and consumers, of this process or of several. */
    interface Stage {
        /** {@return what they have counted so far} */
        RunTotals totals();

        /**
         * Lets the consumers stand still, or go on.
         *
         * @param isPause true for standing still
         */
        void pause(boolean isPause);

        /** Ends the load after the measured phase. */
        void endLoad();

        /** {@return true if the consumers will not catch up any more} */
        boolean isBroken();
    }

    BacklogWatch(final Workload workload, final RunPlan plan, final Stage stage) {
        this.workload = workload;
        this.plan = plan;
        this.stage = stage;
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
            stage.pause(false);
            stage.endLoad();
            return false;
        }
        return switch (state) {
            case NONE -> nowNs - plan.measureEndNs() >= 0 && isMeasuredConsumed(nowNs) && begin(nowNs);
            case BUILDING -> build(nowNs);
            case DRAINING -> drain(nowNs);
            default -> false;
        };
    }

    /** {@return the state's name for the timeline} */
    String word() {
        return switch (state) {
            case BUILDING -> Phases.CONSUMERS_PAUSE;
            case DRAINING -> Phases.CONSUMERS_GO_ON;
            default -> isCaughtUp ? Phases.BACKLOG_DRAINED : Phases.BACKLOG_GIVEN_UP;
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
        stage.pause(true);
        return true;
    }

    /** What was measured is not to wait for the backlog to drain: consumers stand still when they have it. */
    private boolean isMeasuredConsumed(final long nowNs) {
        final RunTotals totals = stage.totals();
        return totals.consumed() >= totals.sent()
            || nowNs - plan.measureEndNs() > MAX_MEASURED_WAIT_NS;
    }

    private boolean build(final long nowNs) {
        final RunTotals totals = stage.totals();
        final long waiting = totals.ackedInAll() - totals.consumedInAll();
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
        consumedAtStart = totals.consumedInAll();
        if (!workload.phases().isDrainLoaded()) {
            stage.endLoad();
        }
        stage.pause(false);
        return true;
    }

    private boolean drain(final long nowNs) {
        final RunTotals totals = stage.totals();
        final long behind = totals.ackedInAll() - totals.consumedInAll();
        final double allowed = workload.phases().isDrainLoaded() && !workload.isUnlimited()
            ? workload.ratePerS() * CAUGHT_UP_S : 0;
        isCaughtUp = behind <= allowed;
        if (!isCaughtUp && nowNs - drainStartNs < workload.phases().drainNs() && !stage.isBroken()) {
            return false;
        }
        if (!isCaughtUp) {
            problem = String.format(java.util.Locale.ROOT, "The consumers were %,d records behind after %s of "
                + "draining; allow a longer drain.", behind, Units.duration(nowNs - drainStartNs));
        }
        state = State.DONE;
        doneNs = nowNs;
        consumedAtEnd = totals.consumedInAll();
        stage.endLoad();
        return true;
    }
}
