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
import io.millrace.results.model.RunDocument;
import io.millrace.results.model.RunEvent;
import io.millrace.results.model.RunStatus;
import io.millrace.results.store.RunWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
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

    private final RunSetup setup;
    private final Workload workload;
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
     * @param setup of the run
     */
    public BenchRun(final RunSetup setup) {
        this.setup = setup;
        workload = setup.workload();
        identity = setup.identity();
        backend = setup.backend();
        progress = setup.progress();
        stop = setup.stop();
        nanoClock = setup.nanoClock();
        epochClock = setup.epochClock();
        extras = setup.extras();
    }

    /**
     * Runs it. What cannot start throws; what starts ends with a result, whatever happens.
     *
     * @return what became of it
     */
    public RunReport execute() {
        DiskEstimate.check(workload, setup.target());
        try (TopicAdmin admin = backend.openAdmin();
            RunTopic topic = openTopic(admin)) {
            try (LoadDriver driver = backend.openDriver(workload, topic.name(), identity.recordRunId());
                RunWriter writer = RunWriter.create(identity.directory(),
                    RunSummary.header(workload, setup.target(), identity, driver, topic, extras));
                CostMeter meter = CostMeter.of(setup.target(),
                    admin == null || extras.share() != null ? List.of() : admin.brokers(), writer::event)) {
                cost = meter;
                writer.workload(WorkloadYaml.write(workload));
                return run(driver, topic, writer);
            }
        }
    }

    private RunTopic openTopic(final TopicAdmin admin) {
        return extras.share() == null ? RunTopic.open(admin, workload, identity, progress)
            : RunTopic.given(admin, workload, extras.share().assignment().startOffsets(), progress);
    }

    private RunReport run(final LoadDriver driver, final RunTopic topic, final RunWriter writer) {
        final Ledger ledger = workload.verify() && topic.isReadable()
            ? new Ledger(firstProducer(), workload.producers(), workload.laneCount())
            : null;
        final RunPlan plan = openSessions(driver, ledger);
        try (Consumers consumers = Consumers.open(workload, driver, topic.startOffsets(), plan,
            identity.recordRunId(), extras.share(), nanoClock);
            HiccupMeter hiccups = new HiccupMeter(nanoClock);
            FaultRunner faults = extras.share() != null ? null : FaultRunner.of(workload, extras.system(), backend,
                topic.name(), plan, writer::event, () -> cost.nodesStarted(extras.system().processIds()), nanoClock,
                epochClock);
            Profiling.Running profile = startProfile()) {
            hiccups.start();
            if (!workload.faults().isEmpty()) {
                cost.expectFaults();
            }
            final IntervalSampler sampler = new IntervalSampler(
                recorders, consumers, hiccups, cost.brokers(), writer, epochClock, workload, extras.share());
            final Conductor conductor = conductor(plan, consumers);
            final PhaseRunner phases = new PhaseRunner(workload, setup.target(), plan, recorders, workers, conductor,
                sampler, cost, writer, verdict, progress, stop, nanoClock, epochClock, profile);
            threads.forEach(Thread::start);
            if (faults != null) {
                faults.start();
            }
            phases.run();
            if (faults != null) {
                faults.end();
                verdict.noteIfAny(faults.healProblem());
            }
            final List<String> files = finish(profile);
            if (extras.share() != null) {
                return concludeShare(new Ended(plan, topic, ledger, consumers, sampler, phases, null, files),
                    (ShareConductor) conductor, writer, profile == null ? List.of() : profile.problems());
            }
            verdict.judgeIntervals(sampler.measuredP50Ns(), sampler.ownStalls(), sampler.brokerStalls(), cost,
                cost.processors(), workload);
            return conclude(new Ended(plan, topic, ledger, consumers, sampler, phases, faults, files), writer);
        }
    }

    private Profiling.Running startProfile() {
        return extras.profiling() == null ? null
            : extras.profiling().start(identity.directory(), cost.processIds(), extras.system() != null);
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

    private int firstProducer() {
        return extras.share() == null ? 0 : extras.share().assignment().firstProducer();
    }

    private Conductor conductor(final RunPlan plan, final Consumers consumers) {
        if (extras.share() == null) {
            return new LocalConductor(workload, plan, recorders, consumers, verdict, stop);
        }
        extras.share().onRunning(() -> RunTotals.live(recorders, consumers),
            () -> workers.stream().allMatch(LoadWorker::isMeasuringDone),
            () -> workers.stream().allMatch(LoadWorker::isDone), consumers::failure);
        return new ShareConductor(extras.share(), plan, recorders, consumers, stop);
    }

    private RunPlan openSessions(final LoadDriver driver, final Ledger ledger) {
        final int threadCount = workload.threadCount();
        final List<DriverSession> sessions = new ArrayList<>();
        final List<int[]> shares = new ArrayList<>();
        try {
            for (int t = 0; t < threadCount; t++) {
                final int first = t;
                final int[] share = IntStream.range(0, workload.producers())
                    .filter(id -> id % threadCount == first).map(id -> firstProducer() + id).toArray();
                final SessionRecorder recorder = new SessionRecorder(ledger, workload.acks() != Acks.NONE);
                if (!workload.faults().isEmpty()) {
                    recorder.keepGaps(new AckGaps(workload.laneCount(), SHORTEST_GAP_NS));
                }
                recorders.add(recorder);
                shares.add(share);
                sessions.add(driver.open(share, recorder));
            }
            return plan(sessions, shares, threadCount);
        } catch (final RuntimeException ex) {
            CloseHelper.quietCloseAll(sessions);
            throw ex;
        }
    }

    private RunPlan plan(final List<DriverSession> sessions, final List<int[]> shares, final int threadCount) {
        final ShareLink share = extras.share();
        final RunPlan plan = share == null ? RunPlan.of(workload, nanoClock.nanoTime() + START_DELAY_NS)
            : RunPlan.shared(workload, share.awaitStartNs(), share.assignment().allProducers());
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
        boolean hasFailed = false;
        for (final LoadWorker worker : workers) {
            if (worker.failure() != null) {
                hasFailed = true;
                failed("A sending thread failed: ", worker.failure(), writer);
            }
        }
        if (ended.consumers().failure() != null) {
            hasFailed = true;
            failed("A consumer failed: ", ended.consumers().failure(), writer);
        }
        return RunEnding.conclude(setup, new RunEnding.Load(ended.plan(), ended.topic(), ended.ledger(),
            RunTotals.of(ended.plan(), recorders, workers, ended.consumers()),
            cost.cost(workload.lengths().meanLength()), stop.isStopped(), true, hasFailed, ended.faults().injected(),
            workload.faults().isEmpty() ? List.of() : FaultJudge.gaps(recorders, ended.plan()),
            ended.sampler().seconds(), ended.phases().backlog(), ended.files()), verdict, writer);
    }

    /** The coordinator judges: here it is only counted, and told. */
    private RunReport concludeShare(
        final Ended ended, final ShareConductor conductor, final RunWriter writer, final List<String> notes) {
        Throwable failure = workers.stream().map(LoadWorker::failure).filter(Objects::nonNull).findFirst().orElse(null);
        if (failure == null) {
            failure = ended.consumers().failure();
        }
        String problem = conductor.problem();
        if (failure != null) {
            problem = "a thread failed: " + failure;
            failed("A thread failed: ", failure, writer);
        }
        final long startNs = extras.share().startNs();
        final RunTotals totals = RunTotals.of(ended.plan(), recorders, workers, ended.consumers());
        final List<AckGaps.Session> gaps = workload.faults().isEmpty() ? List.of()
            : FaultJudge.gaps(recorders, ended.plan()).stream().map(session -> session.shifted(-startNs)).toList();
        extras.share().onEnded(
            new ShareLink.Result(problem, notes, totals, cost.client(), gaps, ended.ledger(), ended.files()));
        verdict.note("A share of a run: the coordinator's result has the verdict.");
        final RunStatus forced = failure != null ? RunStatus.FAILED : stop.isInterrupted() ? RunStatus.INTERRUPTED
            : null;
        final RunDocument document = writer.finish(verdict.outcome(forced, RunSummary.measured(workload, ended.plan(),
            totals, stop.isStopped(), cost.cost(workload.lengths().meanLength())), null));
        return new RunReport(identity.directory(), document,
            RunVerdict.exitCode(document.status(), null, verdict.findings()), List.of());
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
