package io.millrace.load.run;

import io.millrace.load.record.SessionRecorder;
import io.millrace.load.workload.Units;
import io.millrace.load.workload.Workload;
import io.millrace.results.model.RunFindings;
import java.util.List;

/** Decides for a run in one process, by its own counts; owned by the run's thread. */
final class LocalConductor implements Conductor, BacklogWatch.Stage {
    private static final long NS_PER_S = 1_000_000_000L;
    /** So far ahead a new start is set that every thread sees it in time. */
    private static final long AHEAD_NS = 200_000_000L;
    private static final long CONSUMER_GRACE_NS = 10 * NS_PER_S;

    private final Workload workload;
    private final RunPlan plan;
    private final List<SessionRecorder> recorders;
    private final Consumers consumers;
    private final RunVerdict verdict;
    private final StopSignal stop;
    private final SteadyWatch steady = new SteadyWatch();
    private final BacklogWatch backlog;
    private final ArrivalWatch arrivals = new ArrivalWatch();
    private boolean isSteadyDecided;

    LocalConductor(
        final Workload workload,
        final RunPlan plan,
        final List<SessionRecorder> recorders,
        final Consumers consumers,
        final RunVerdict verdict,
        final StopSignal stop) {
        this.workload = workload;
        this.plan = plan;
        this.recorders = recorders;
        this.consumers = consumers;
        this.verdict = verdict;
        this.stop = stop;
        backlog = new BacklogWatch(workload, plan, this);
    }

    /**
     * Lets the measured phase begin earlier than planned.
     *
     * @param startNs   when; a while ahead, so that every thread sees it in time
     * @param plan      of the run
     * @param recorders of its sessions
     */
    static void measureFrom(final long startNs, final RunPlan plan, final List<SessionRecorder> recorders) {
        recorders.forEach(recorder -> recorder.measureFrom(startNs));
        plan.measureFrom(startNs);
        if (plan.hasLoadAfter()) {
            recorders.forEach(recorder -> recorder.measureUntil(plan.measureEndNs()));
        }
    }

    @Override
    public void onPhase(final String phase) {
        if ("measure".equals(phase) && workload.phases().isUntilSteady() && !isSteadyDecided) {
            isSteadyDecided = true;
            verdict.judgeUnsteady(workload.warmupNs());
        }
    }

    @Override
    public void onSecond(final String phase, final IntervalSampler.Snapshot last, final long nowNs) {
        if (!"warmup".equals(phase) || !workload.phases().isUntilSteady() || isSteadyDecided) {
            return;
        }
        steady.add(last.p50Ns(), workload.isUnlimited() ? 1 : last.ackedPerS() / workload.warmupRatePerS());
        if (!steady.isSteady()) {
            return;
        }
        isSteadyDecided = true;
        if (plan.measureStartNs() - nowNs > AHEAD_NS) { // else it begins as planned
            final long startNs = nowNs + AHEAD_NS;
            measureFrom(startNs, plan, recorders);
            verdict.note("The warm-up ended when the latency was steady, after "
                + Units.duration(startNs - plan.warmupStartNs()) + ".");
        }
    }

    @Override
    public String poll(final long nowNs) {
        return backlog.poll(nowNs, stop.isStopped()) ? backlog.word() : null;
    }

    @Override
    public boolean isDraining() {
        return backlog.isDraining();
    }

    @Override
    public boolean mayEnd(final long sentAgoNs) {
        return !backlog.isActive() && (isCaughtUp(sentAgoNs) || sentAgoNs >= CONSUMER_GRACE_NS);
    }

    @Override
    public RunFindings.BacklogResult backlog() {
        return backlog.result();
    }

    @Override
    public void conclude() {
        if (backlog.problem() != null && !stop.isStopped()) {
            verdict.invalid("backlog", backlog.problem());
        }
    }

    @Override
    public RunTotals totals() {
        return RunTotals.live(recorders, consumers);
    }

    @Override
    public void pause(final boolean isPause) {
        consumers.pause(isPause);
    }

    @Override
    public void endLoad() {
        plan.endLoadAfter();
    }

    @Override
    public boolean isBroken() {
        return consumers.failure() != null;
    }

    private boolean isCaughtUp(final long nowNs) {
        return consumers.isEmpty() || isBroken() || arrivals.isOver(totals(), nowNs);
    }
}
