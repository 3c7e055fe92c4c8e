package io.millrace.load.run;

import io.millrace.load.driver.DriverSession;
import io.millrace.load.driver.LoadDriver;
import io.millrace.load.driver.TopicAdmin;
import io.millrace.load.record.HiccupMeter;
import io.millrace.load.record.Ledger;
import io.millrace.load.record.SessionRecorder;
import io.millrace.load.workload.Acks;
import io.millrace.load.workload.Workload;
import io.millrace.results.model.RunDocument;
import io.millrace.results.model.RunEvent;
import io.millrace.results.model.RunStatus;
import io.millrace.results.model.Verification;
import io.millrace.results.store.RunWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.agrona.CloseHelper;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.NanoClock;

/**
 * One run: topic, sending threads, a sample a second, verification, verdict, cleaning up. Owned by the thread that
 * executes it; sending threads are its own, each with one driver session.
 */
public final class BenchRun {
    private static final long NS_PER_S = 1_000_000_000L;
    private static final long NS_PER_MS = 1_000_000L;
    private static final long START_DELAY_NS = 20 * NS_PER_MS;
    private static final long POLL_NS = 5 * NS_PER_MS;

    private final Workload workload;
    private final Target target;
    private final RunIdentity identity;
    private final Backend backend;
    private final Progress progress;
    private final StopSignal stop;
    private final NanoClock nanoClock;
    private final EpochClock epochClock;
    private final RunVerdict verdict = new RunVerdict();
    private final List<SessionRecorder> recorders = new ArrayList<>();
    private final List<LoadWorker> workers = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private CostMeter cost;
    private boolean isDiskFull;

    /**
     * @param workload   what is sent
     * @param target     where to, for the result and the checks of this machine
     * @param identity   where the run stands in the world
     * @param backend    opens what is needed of the target
     * @param progress   shown to the user
     * @param stop       ends the run early
     * @param nanoClock  of the schedule and every latency
     * @param epochClock of the result files
     */
    public BenchRun(
        final Workload workload,
        final Target target,
        final RunIdentity identity,
        final Backend backend,
        final Progress progress,
        final StopSignal stop,
        final NanoClock nanoClock,
        final EpochClock epochClock) {
        this.workload = workload;
        this.target = target;
        this.identity = identity;
        this.backend = backend;
        this.progress = progress;
        this.stop = stop;
        this.nanoClock = nanoClock;
        this.epochClock = epochClock;
    }

    /**
     * Runs it. What cannot start throws; what starts ends with a result, whatever happens.
     *
     * @return what became of it
     */
    public RunReport execute() {
        DiskEstimate.check(workload, target);
        try (TopicAdmin admin = backend.openAdmin();
            RunTopic topic = RunTopic.open(admin, workload, identity, progress)) {
            try (LoadDriver driver = backend.openDriver(workload, topic.name(), identity.recordRunId());
                RunWriter writer = RunWriter.create(identity.directory(),
                    RunSummary.header(workload, target, identity, driver.description(), topic));
                CostMeter meter =
                    CostMeter.of(target, admin == null ? List.of() : admin.brokers(), writer::event)) {
                cost = meter;
                writer.workload(WorkloadYaml.write(workload));
                return run(driver, topic, writer);
            }
        }
    }

    private RunReport run(final LoadDriver driver, final RunTopic topic, final RunWriter writer) {
        final Ledger ledger = workload.verify() && topic.isReadable()
            ? new Ledger(workload.producers(), workload.partitions())
            : null;
        final RunPlan plan = openSessions(driver, ledger);
        try (HiccupMeter hiccups = new HiccupMeter(nanoClock)) {
            hiccups.start();
            final IntervalSampler sampler =
                new IntervalSampler(recorders, hiccups, writer, epochClock, workload.recordLength());
            threads.forEach(Thread::start);
            samplePhases(plan, sampler, writer);
            verdict.judgeDrift(SteadyCheck.drift(sampler.measuredP50Ns()));
            verdict.judgeHiccups(sampler.hiccupTotal().getValueAtPercentile(99),
                sampler.hiccupTotal().getMaxValue());
            return conclude(plan, topic, ledger, writer);
        }
    }

    private RunPlan openSessions(final LoadDriver driver, final Ledger ledger) {
        final int threadCount = workload.threadCount();
        final List<DriverSession> sessions = new ArrayList<>();
        final List<int[]> shares = new ArrayList<>();
        try {
            for (int t = 0; t < threadCount; t++) {
                final int first = t;
                final int[] share = java.util.stream.IntStream.range(0, workload.producers())
                    .filter(id -> id % threadCount == first).toArray();
                final SessionRecorder recorder = new SessionRecorder(ledger, workload.acks() != Acks.NONE);
                recorders.add(recorder);
                shares.add(share);
                sessions.add(driver.open(share, recorder));
            }
        } catch (final RuntimeException ex) {
            CloseHelper.quietCloseAll(sessions);
            throw ex;
        }
        final RunPlan plan = RunPlan.of(workload, nanoClock.nanoTime() + START_DELAY_NS);
        for (int t = 0; t < threadCount; t++) {
            recorders.get(t).measureFrom(plan.measureStartNs());
            final LoadWorker worker =
                new LoadWorker(workload, plan, sessions.get(t), shares.get(t), nanoClock, stop);
            workers.add(worker);
            final Thread thread = new Thread(worker, "load-sender-" + t);
            thread.setDaemon(true);
            threads.add(thread);
        }
        return plan;
    }

    private void samplePhases(final RunPlan plan, final IntervalSampler sampler, final RunWriter writer) {
        String phase = "";
        long phaseStartNs = plan.warmupStartNs();
        long nextNs = plan.warmupStartNs();
        boolean isMarked = false;
        while (!isAll(LoadWorker::isDone)) {
            final long nowNs = nanoClock.nanoTime();
            final String phaseNow = phaseAt(plan, nowNs);
            if (!phaseNow.equals(phase)) {
                if (!phase.isEmpty()) {
                    sampler.sample(phase);
                }
                isMarked = markCost(phaseNow, isMarked);
                phase = phaseNow;
                phaseStartNs = nowNs;
                nextNs = nowNs + NS_PER_S;
                writer.event(RunEvent.at(epochClock.time(), "phase", phase));
            } else if (nowNs - nextNs >= 0) {
                sampler.sample(phase);
                nextNs += NS_PER_S;
                progress.show(phase, (nowNs - phaseStartNs) / NS_PER_MS, plannedMs(phase), sampler.last(),
                    epochClock.time());
                cost.poll(epochClock.time());
                checkDisk();
            }
            LockSupport.parkNanos(Math.max(NS_PER_MS, Math.min(POLL_NS, nextNs - nanoClock.nanoTime())));
        }
        markCost("drain", isMarked);
        sampler.sample(phase.isEmpty() ? "drain" : phase);
        writer.event(RunEvent.at(epochClock.time(), "phase", "end"));
    }

    /** The measured phase's cost is taken where it begins and where it ends, once each. */
    private boolean markCost(final String phase, final boolean isStarted) {
        if ("measure".equals(phase) && !isStarted) {
            cost.start(recorders.stream().mapToLong(SessionRecorder::ackedCount).sum(), epochClock.time());
            return true;
        }
        if ("drain".equals(phase) && isStarted) {
            cost.end(recorders.stream().mapToLong(SessionRecorder::ackedCount).sum(), epochClock.time());
        }
        return isStarted;
    }

    private String phaseAt(final RunPlan plan, final long nowNs) {
        if (isAll(LoadWorker::isSendingDone) || plan.isTimed() && nowNs - plan.measureEndNs() >= 0) {
            return "drain";
        }
        return nowNs - plan.measureStartNs() < 0 ? "warmup" : "measure";
    }

    private long plannedMs(final String phase) {
        return switch (phase) {
            case "warmup" -> workload.warmupNs() / NS_PER_MS;
            case "measure" -> workload.durationNs() / NS_PER_MS;
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

    private boolean isAll(final java.util.function.Predicate<LoadWorker> question) {
        return workers.stream().allMatch(question);
    }

    private RunReport conclude(
        final RunPlan plan, final RunTopic topic, final Ledger ledger, final RunWriter writer) {
        RunStatus forced = stop.isInterrupted() ? RunStatus.INTERRUPTED : null;
        for (final LoadWorker worker : workers) {
            if (worker.failure() != null) {
                forced = RunStatus.FAILED;
                verdict.note("A sending thread failed: " + worker.failure());
                writer.event(new RunEvent(epochClock.time(), "error", "sender failed",
                    String.valueOf(worker.failure()), null));
            }
        }
        final var measured = RunSummary.measured(workload, plan, recorders, workers, stop.isStopped(), cost);
        if (forced == null) {
            verdict.judgeRate(workload, measured, RunSummary.unsent(workers));
            verdict.judgeErrors(measured, recorders.stream().mapToLong(r -> r.failedCount(true)).sum());
            verdict.noteWarmupErrors(recorders.stream().mapToLong(r -> r.failedCount(false)).sum());
        }
        Verification verification = null;
        List<String> findings = List.of();
        if (ledger != null && !stop.isInterrupted()) {
            try {
                progress.say("reading everything back");
                final RunTopic.Checked checked =
                    topic.verify(backend, ledger, identity.recordRunId(), workload.recordLength(), stop);
                verification = checked.verification();
                findings = checked.findings();
                findings.forEach(verdict::note);
            } catch (final RuntimeException ex) {
                forced = RunStatus.FAILED;
                verdict.note("Reading back failed: " + ex.getMessage());
            }
        }
        if (stop.isInterrupted()) {
            forced = RunStatus.INTERRUPTED;
            verification = null;
        }
        final RunDocument document = writer.finish(verdict.outcome(forced, measured, verification));
        return new RunReport(identity.directory(), document,
            RunVerdict.exitCode(document.status(), verification), findings);
    }
}
