package io.millrace.load.run;

import io.millrace.load.profile.Profiling;
import io.millrace.load.record.SessionRecorder;
import io.millrace.load.workload.Workload;
import io.millrace.results.model.RunEvent;
import io.millrace.results.model.RunFindings;
import io.millrace.results.store.RunWriter;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.NanoClock;

/**
 * Goes through the phases of a run while its threads work: a sample a second, the cost of the measured phase, the end
 * of a warm-up that waits for the steady state, backlog and drain, cooldown. Owned by the run's thread.
 */
final class PhaseRunner {
    private static final long NS_PER_S = 1_000_000_000L;
    private static final long NS_PER_MS = 1_000_000L;
    private static final long POLL_NS = 5 * NS_PER_MS;

    private final Workload workload;
    private final Target target;
    private final RunPlan plan;
    private final List<SessionRecorder> recorders;
    private final List<LoadWorker> workers;
    private final Conductor conductor;
    private final IntervalSampler sampler;
    private final CostMeter cost;
    private final RunWriter writer;
    private final RunVerdict verdict;
    private final Progress progress;
    private final StopSignal stop;
    private final NanoClock clock;
    private final EpochClock epochClock;
    private final Profiling.Running profile;
    private String phase = "";
    private long phaseStartNs;
    private boolean isMeasureSeen;
    private boolean isDiskFull;
    private long sendingDoneNs = Long.MAX_VALUE;
    private long cooldownEndNs = Long.MAX_VALUE;

    PhaseRunner(
        final Workload workload,
        final Target target,
        final RunPlan plan,
        final List<SessionRecorder> recorders,
        final List<LoadWorker> workers,
        final Conductor conductor,
        final IntervalSampler sampler,
        final CostMeter cost,
        final RunWriter writer,
        final RunVerdict verdict,
        final Progress progress,
        final StopSignal stop,
        final NanoClock clock,
        final EpochClock epochClock,
        final Profiling.Running profile) {
        this.workload = workload;
        this.target = target;
        this.plan = plan;
        this.recorders = recorders;
        this.workers = workers;
        this.conductor = conductor;
        this.sampler = sampler;
        this.cost = cost;
        this.writer = writer;
        this.verdict = verdict;
        this.progress = progress;
        this.stop = stop;
        this.clock = clock;
        this.epochClock = epochClock;
        this.profile = profile;
    }

    void run() {
        awaitStart();
        long nextNs = plan.warmupStartNs();
        phaseStartNs = nextNs;
        String now = phaseAt(clock.nanoTime());
        while (!"end".equals(now)) {
            final long nowNs = clock.nanoTime();
            if (!now.equals(phase)) {
                enter(now, nowNs);
                nextNs = nowNs + NS_PER_S;
            } else if (nowNs - nextNs >= 0) {
                sampler.sample(phase);
                nextNs += NS_PER_S;
                second(nowNs);
            }
            final String begun = conductor.poll(nowNs);
            if (begun != null) {
                writer.event(RunEvent.at(epochClock.time(), "phase", begun));
            }
            LockSupport.parkNanos(Math.max(NS_PER_MS, Math.min(POLL_NS, nextNs - clock.nanoTime())));
            now = phaseAt(clock.nanoTime());
        }
        markCost("drain");
        sampler.sample(phase.isEmpty() ? "drain" : phase);
        writer.event(RunEvent.at(epochClock.time(), "phase", "end"));
        conductor.conclude();
    }

    /** {@return what building up and draining a backlog came to, null without one} */
    RunFindings.BacklogResult backlog() {
        return conductor.backlog();
    }

    /** A share of a run is told its start a while ahead: until then there is nothing to write down. */
    private void awaitStart() {
        while (clock.nanoTime() - plan.warmupStartNs() < 0 && !stop.isStopped()) {
            conductor.poll(clock.nanoTime());
            LockSupport.parkNanos(Math.max(NS_PER_MS, Math.min(POLL_NS, plan.warmupStartNs() - clock.nanoTime())));
        }
        sampler.begin();
    }

    private void enter(final String next, final long nowNs) {
        if (!phase.isEmpty()) {
            sampler.sample(phase);
        }
        conductor.onPhase(next);
        markCost(next);
        phase = next;
        phaseStartNs = nowNs;
        writer.event(RunEvent.at(epochClock.time(), "phase", phase));
    }

    private void second(final long nowNs) {
        progress.show(phase, (nowNs - phaseStartNs) / NS_PER_MS, plannedMs(), sampler.last(), epochClock.time());
        cost.poll(epochClock.time());
        checkDisk();
        conductor.onSecond(phase, sampler.last(), nowNs);
    }

    /** The measured phase's cost is taken where it begins and where it ends, once each. */
    private void markCost(final String next) {
        if ("measure".equals(next) && !isMeasureSeen) {
            isMeasureSeen = true;
            if (profile != null) {
                profile.measure();
            }
            cost.start(ackedCount(), epochClock.time());
        } else if (isMeasureSeen && !"measure".equals(next) && cost.end(ackedCount(), epochClock.time())
            && profile != null) {
            profile.endMeasure();
        }
    }

    private String phaseAt(final long nowNs) {
        if (!isAll(LoadWorker::isMeasuringDone) && !(plan.isTimed() && nowNs - plan.measureEndNs() >= 0)) {
            return nowNs - plan.measureStartNs() < 0 ? "warmup" : "measure";
        }
        if (!isAll(LoadWorker::isDone)) {
            return plan.hasLoadAfter() && !plan.isLoadAfterOver() && !conductor.isDraining() ? "backlog" : "drain";
        }
        if (sendingDoneNs == Long.MAX_VALUE) {
            sendingDoneNs = nowNs;
        }
        if (!stop.isStopped()) {
            if (!conductor.mayEnd(nowNs - sendingDoneNs)) {
                return "drain";
            }
            if (cooldownEndNs == Long.MAX_VALUE) {
                cooldownEndNs = nowNs + workload.phases().cooldownNs();
            }
            if (nowNs - cooldownEndNs < 0) {
                return "cooldown";
            }
        }
        return "end";
    }

    private long ackedCount() {
        return recorders.stream().mapToLong(SessionRecorder::ackedCount).sum();
    }

    private long plannedMs() {
        return switch (phase) {
            case "warmup" -> (plan.measureStartNs() - plan.warmupStartNs()) / NS_PER_MS;
            case "measure" -> workload.durationNs() / NS_PER_MS;
            case "cooldown" -> workload.phases().cooldownNs() / NS_PER_MS;
            default -> 0;
        };
    }

    private void checkDisk() {
        if (!isDiskFull && DiskEstimate.isNearlyFull(target)) {
            isDiskFull = true;
            verdict.invalid("disk", "Stopped early: " + target.dataDir() + " was about to run full.");
            stop.stop();
        }
    }

    private boolean isAll(final Predicate<LoadWorker> question) {
        return workers.stream().allMatch(question);
    }
}
