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
    /** So far ahead a new start is set that every thread sees it in time. */
    private static final long AHEAD_NS = 200 * NS_PER_MS;
    private static final long CONSUMER_GRACE_NS = 10 * NS_PER_S;

    private final Workload workload;
    private final Target target;
    private final RunPlan plan;
    private final List<SessionRecorder> recorders;
    private final List<LoadWorker> workers;
    private final Consumers consumers;
    private final IntervalSampler sampler;
    private final CostMeter cost;
    private final RunWriter writer;
    private final RunVerdict verdict;
    private final Progress progress;
    private final StopSignal stop;
    private final NanoClock clock;
    private final EpochClock epochClock;
    private final Profiling.Running profile;
    private final SteadyWatch steady = new SteadyWatch();
    private final BacklogWatch backlog;
    private String phase = "";
    private long phaseStartNs;
    private boolean isMeasureSeen;
    private boolean isSteadyDecided;
    private boolean isDiskFull;
    private long sendingDoneNs = Long.MAX_VALUE;
    private long cooldownEndNs = Long.MAX_VALUE;

    PhaseRunner(
        final Workload workload,
        final Target target,
        final RunPlan plan,
        final List<SessionRecorder> recorders,
        final List<LoadWorker> workers,
        final Consumers consumers,
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
        this.consumers = consumers;
        this.sampler = sampler;
        this.cost = cost;
        this.writer = writer;
        this.verdict = verdict;
        this.progress = progress;
        this.stop = stop;
        this.clock = clock;
        this.epochClock = epochClock;
        this.profile = profile;
        backlog = new BacklogWatch(workload, plan, consumers, recorders);
    }

    void run() {
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
            if (backlog.poll(nowNs, stop.isStopped())) {
                writer.event(RunEvent.at(epochClock.time(), "phase", backlog.word()));
            }
            LockSupport.parkNanos(Math.max(NS_PER_MS, Math.min(POLL_NS, nextNs - clock.nanoTime())));
            now = phaseAt(clock.nanoTime());
        }
        markCost("drain");
        sampler.sample(phase.isEmpty() ? "drain" : phase);
        writer.event(RunEvent.at(epochClock.time(), "phase", "end"));
        if (backlog.problem() != null && !stop.isStopped()) {
            verdict.invalid("backlog", backlog.problem());
        }
    }

    /** {@return what building up and draining a backlog came to, null without one} */
    RunFindings.BacklogResult backlog() {
        return backlog.result();
    }

    private void enter(final String next, final long nowNs) {
        if (!phase.isEmpty()) {
            sampler.sample(phase);
        }
        if ("measure".equals(next) && workload.phases().isUntilSteady() && !isSteadyDecided) {
            isSteadyDecided = true;
            verdict.invalid("steady", "The warm-up of up to "
                + io.millrace.load.workload.Units.duration(workload.warmupNs()) + " ended before the median response "
                + "time was steady; allow a longer one, or look for what keeps changing.");
        }
        markCost(next);
        phase = next;
        phaseStartNs = nowNs;
        writer.event(RunEvent.at(epochClock.time(), "phase", phase));
    }

    private void second(final long nowNs) {
        progress.show(phase, (nowNs - phaseStartNs) / NS_PER_MS, plannedMs(), sampler.last(), epochClock.time());
        cost.poll(epochClock.time());
        checkDisk();
        if ("warmup".equals(phase) && workload.phases().isUntilSteady() && !isSteadyDecided) {
            final IntervalSampler.Snapshot last = sampler.last();
            steady.add(last.p50Ns(), workload.isUnlimited() ? 1 : last.ackedPerS() / workload.warmupRatePerS());
            if (steady.isSteady() && plan.measureStartNs() - nowNs > AHEAD_NS) {
                isSteadyDecided = true;
                final long startNs = nowNs + AHEAD_NS;
                recorders.forEach(recorder -> recorder.measureFrom(startNs));
                plan.measureFrom(startNs);
                if (plan.hasLoadAfter()) {
                    recorders.forEach(recorder -> recorder.measureUntil(plan.measureEndNs()));
                }
                verdict.note("The warm-up ended when the latency was steady, after "
                    + io.millrace.load.workload.Units.duration(startNs - plan.warmupStartNs()) + ".");
            }
        }
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
            return plan.isLoadAfterOver() || backlog.isDraining() ? "drain" : plan.hasLoadAfter() ? "backlog" : "drain";
        }
        if (sendingDoneNs == Long.MAX_VALUE) {
            sendingDoneNs = nowNs;
        }
        if (!stop.isStopped()) {
            if (backlog.isActive()
                || !isCaughtUp() && nowNs - sendingDoneNs < CONSUMER_GRACE_NS) {
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

    private boolean isCaughtUp() {
        return consumers.isEmpty() || consumers.failure() != null || consumers.consumedCount() >= ackedCount();
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
