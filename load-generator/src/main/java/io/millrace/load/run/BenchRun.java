package io.millrace.load.run;

import io.millrace.load.driver.Backend;
import io.millrace.load.driver.DriverSession;
import io.millrace.load.driver.LoadDriver;
import io.millrace.load.driver.TopicAdmin;
import io.millrace.load.profile.Profiling;
import io.millrace.load.record.AckGaps;
import io.millrace.load.record.HiccupMeter;
import io.millrace.load.record.Ledger;
import io.millrace.load.record.SessionRecorder;
import io.millrace.load.workload.Acks;
import io.millrace.load.workload.Workload;
import io.millrace.results.model.Measured;
import io.millrace.results.model.RunDocument;
import io.millrace.results.model.RunEvent;
import io.millrace.results.model.RunStatus;
import io.millrace.results.model.Verification;
import io.millrace.results.store.RunWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.agrona.CloseHelper;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.NanoClock;

/**
 * One run: topic, sending threads, consumers, phases, faults, verification, verdict, cleaning up. Owned by the thread
 * that executes it; sending threads are its own, each with one driver session.
 */
public final class BenchRun {
    private static final long NS_PER_MS = 1_000_000L;
    private static final long START_DELAY_NS = 20 * NS_PER_MS;
    private static final long SHORTEST_GAP_NS = 20 * NS_PER_MS;

    private final Workload workload;
    private final Target target;
    private final RunIdentity identity;
    private final Backend backend;
    private final Progress progress;
    private final StopSignal stop;
    private final NanoClock nanoClock;
    private final EpochClock epochClock;
    private final RunExtras extras;
    private final RunVerdict verdict = new RunVerdict();
    private final List<SessionRecorder> recorders = new ArrayList<>();
    private final List<LoadWorker> workers = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private CostMeter cost;

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
        this(workload, target, identity, backend, progress, stop, nanoClock, epochClock, RunExtras.none());
    }

    /**
     * @param workload   see above
     * @param target     see above
     * @param identity   see above
     * @param backend    see above
     * @param progress   see above
     * @param stop       see above
     * @param nanoClock  see above
     * @param epochClock see above
     * @param extras     what the run has beside
     */
    public BenchRun(
        final Workload workload,
        final Target target,
        final RunIdentity identity,
        final Backend backend,
        final Progress progress,
        final StopSignal stop,
        final NanoClock nanoClock,
        final EpochClock epochClock,
        final RunExtras extras) {
        this.workload = workload;
        this.target = target;
        this.identity = identity;
        this.backend = backend;
        this.progress = progress;
        this.stop = stop;
        this.nanoClock = nanoClock;
        this.epochClock = epochClock;
        this.extras = extras;
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
                    RunSummary.header(workload, target, identity, driver, topic,
                        extras.system() == null ? Map.of() : extras.system().promise(), extras.idle()));
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
            ? new Ledger(workload.producers(), workload.laneCount())
            : null;
        final RunPlan plan = openSessions(driver, ledger);
        try (Consumers consumers = Consumers.open(workload, driver, topic.startOffsets(), plan,
            identity.recordRunId(), nanoClock);
            HiccupMeter hiccups = new HiccupMeter(nanoClock);
            FaultRunner faults = FaultRunner.of(workload, extras.system(), backend, topic.name(), plan, writer::event,
                nanoClock, epochClock)) {
            hiccups.start();
            final Profiling.Running profile = startProfile();
            final IntervalSampler sampler = new IntervalSampler(
                recorders, consumers, hiccups, cost.brokers(), writer, epochClock, workload, extras.intervals());
            final PhaseRunner phases = new PhaseRunner(workload, target, plan, recorders, workers, consumers, sampler,
                cost, writer, verdict, progress, stop, nanoClock, epochClock, profile);
            threads.forEach(Thread::start);
            faults.start();
            phases.run();
            faults.end();
            final List<String> files = finish(profile);
            verdict.judgeDrift(SteadyCheck.drift(sampler.measuredP50Ns()));
            verdict.judgeHiccups(sampler.hiccupTotal().getValueAtPercentile(99),
                sampler.hiccupTotal().getMaxValue());
            sampler.brokerHiccups().forEach((name, stalls) -> verdict.judgeBrokerHiccups(name,
                stalls.getValueAtPercentile(99), stalls.getMaxValue(), cost.gcPauseNs(name),
                !workload.faults().isEmpty()));
            return conclude(new Ended(plan, topic, ledger, consumers, sampler, phases, faults, files), writer);
        }
    }

    private Profiling.Running startProfile() {
        if (extras.profiling() == null) {
            return null;
        }
        final Map<String, Long> brokers = new LinkedHashMap<>();
        cost.brokers().forEach(broker -> brokers.put(broker.name(), broker.processId()));
        return extras.profiling().start(identity.directory(), brokers, extras.system() != null);
    }

    private List<String> finish(final Profiling.Running profile) {
        if (profile == null) {
            return List.of();
        }
        progress.say("writing recordings");
        profile.finish();
        profile.problems().forEach(verdict::note);
        return profile.files();
    }

    private RunPlan openSessions(final LoadDriver driver, final Ledger ledger) {
        final int threadCount = workload.threadCount();
        final List<DriverSession> sessions = new ArrayList<>();
        final List<int[]> shares = new ArrayList<>();
        try {
            for (int t = 0; t < threadCount; t++) {
                final int first = t;
                final int[] share = IntStream.range(0, workload.producers())
                    .filter(id -> id % threadCount == first).toArray();
                final SessionRecorder recorder = new SessionRecorder(ledger, workload.acks() != Acks.NONE);
                if (!workload.faults().isEmpty()) {
                    recorder.keepGaps(new AckGaps(workload.laneCount(), SHORTEST_GAP_NS));
                }
                recorders.add(recorder);
                shares.add(share);
                sessions.add(driver.open(share, recorder));
            }
        } catch (final RuntimeException ex) {
            CloseHelper.quietCloseAll(sessions);
            throw ex;
        }
        final RunExtras.Share share = extras.share();
        final RunPlan plan = share == null ? RunPlan.of(workload, nanoClock.nanoTime() + START_DELAY_NS)
            : RunPlan.shared(workload, share.startNs(), share.firstProducer(), share.allProducers());
        for (int t = 0; t < threadCount; t++) {
            recorders.get(t).measureFrom(plan.measureStartNs());
            if (plan.hasLoadAfter()) {
                recorders.get(t).measureUntil(plan.measureEndNs());
            }
            final LoadWorker worker =
                new LoadWorker(workload, plan, sessions.get(t), shares.get(t), nanoClock, stop);
            workers.add(worker);
            final Thread thread = new Thread(worker, "load-sender-" + t);
            thread.setDaemon(true);
            threads.add(thread);
        }
        return plan;
    }

    private RunReport conclude(final Ended ended, final RunWriter writer) {
        RunStatus forced = stop.isInterrupted() ? RunStatus.INTERRUPTED : null;
        for (final LoadWorker worker : workers) {
            if (worker.failure() != null) {
                forced = RunStatus.FAILED;
                failed("A sending thread failed: ", worker.failure(), writer);
            }
        }
        if (ended.consumers().failure() != null) {
            forced = RunStatus.FAILED;
            failed("A consumer failed: ", ended.consumers().failure(), writer);
        }
        final Measured counted = RunSummary.measured(
            workload, ended.plan(), recorders, workers, stop.isStopped(), cost, ended.consumers().measuredCount());
        final Measured measured = counted.withLatency(writer.summaries());
        final double achieved = RunSummary.achieved(workload, ended.plan(), measured, workers);
        if (forced == null) {
            verdict.judgeRate(workload, measured, achieved, RunSummary.unsent(workers));
            verdict.judgeErrors(workload, measured, recorders.stream().mapToLong(r -> r.failedCount(true)).sum());
            verdict.noteWarmupErrors(recorders.stream().mapToLong(r -> r.failedCount(false)).sum());
            verdict.judgeConsumers(ended.consumers(), recorders.stream().mapToLong(SessionRecorder::ackedCount).sum());
        }
        Verification verification = null;
        List<String> findings = List.of();
        if (ended.ledger() != null && !stop.isInterrupted()) {
            try {
                progress.say("reading everything back");
                final RunTopic.Checked checked = ended.topic().verify(
                    backend, ended.ledger(), identity.recordRunId(), workload.lengths(), stop);
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
        verdict.judgeBeside(workload, extras, ended, recorders, measured, achieved, verification, forced == null);
        final RunDocument document = writer.finish(verdict.outcome(forced, measured, verification));
        return new RunReport(identity.directory(), document,
            RunVerdict.exitCode(document.status(), verification, verdict.findings()), findings);
    }

    private void failed(final String what, final Throwable failure, final RunWriter writer) {
        verdict.note(what + failure);
        writer.event(new RunEvent(epochClock.time(), "error", what.strip(), String.valueOf(failure), null));
    }

    /**
     * What is left of a run when its load is over.
     *
     * @param plan      its phases
     * @param topic     its records are in
     * @param ledger    of what was sent, or null
     * @param consumers of the run
     * @param sampler   of its intervals
     * @param phases    that ran
     * @param faults    that were injected
     * @param files     recorded beside the result
     */
    record Ended(
        RunPlan plan,
        RunTopic topic,
        Ledger ledger,
        Consumers consumers,
        IntervalSampler sampler,
        PhaseRunner phases,
        FaultRunner faults,
        List<String> files) {
    }
}
