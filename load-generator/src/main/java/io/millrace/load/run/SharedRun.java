package io.millrace.load.run;

import io.millrace.load.driver.Backend;
import io.millrace.load.driver.TopicAdmin;
import io.millrace.load.profile.Profiling;
import io.millrace.load.record.Ledger;
import io.millrace.load.workload.Units;
import io.millrace.load.workload.Workload;
import io.millrace.results.model.RunEvent;
import io.millrace.results.model.RunHeader;
import io.millrace.results.model.RunParams;
import io.millrace.results.store.RunWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.NanoClock;

/**
 * One run whose load comes from other processes: its topic, its faults, what its brokers cost, what is decided for
 * all, reading back and verdict. Owned by the thread that executes it.
 */
public final class SharedRun implements BacklogWatch.Stage {
    private static final long NS_PER_MS = 1_000_000L;
    private static final long NS_PER_S = 1_000_000_000L;
    /** So far ahead every process hears of a moment in time. */
    private static final long AHEAD_NS = 3 * NS_PER_S;
    private static final long POLL_NS = 50 * NS_PER_MS;
    private static final long CONSUMER_GRACE_NS = 10 * NS_PER_S;
    /** After that a process that was stopped and does not end is given up. */
    private static final long STOP_GRACE_NS = 60 * NS_PER_S;

    private final RunSetup setup;
    private final Workload workload;
    private final RunIdentity identity;
    private final Backend backend;
    private final Progress progress;
    private final StopSignal stop;
    private final NanoClock clock;
    private final EpochClock epochClock;
    private final RunExtras extras;
    private final Crew crew;
    private final RunVerdict verdict = new RunVerdict();
    private final SteadyWatch steady = new SteadyWatch();
    private RunPlan plan;
    private CostMeter cost;
    private RunWriter writer;
    private SharedIntervals intervals;
    private BacklogWatch backlog;
    private final ArrivalWatch arrivals = new ArrivalWatch();
    private Profiling.Running profile;
    private String phase = "";
    private long phaseStartNs;
    private boolean isSteadyDecided;
    private boolean isCut;
    private boolean isFinishTold;
    private long loadDoneNs = Long.MAX_VALUE;
    private long stoppedNs = Long.MAX_VALUE;

    /**
     * @param setup of the run
     * @param crew  the processes; closed by the caller
     */
    public SharedRun(final RunSetup setup, final Crew crew) {
        this.setup = setup;
        this.crew = crew;
        workload = setup.workload();
        identity = setup.identity();
        backend = setup.backend();
        progress = setup.progress();
        stop = setup.stop();
        clock = setup.nanoClock();
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
            RunTopic topic = RunTopic.open(admin, workload, identity, progress)) {
            crew.prepare(topic.name(), setup.target().bootstrap(), topic.startOffsets(), stop::isStopped);
            try (RunWriter result = RunWriter.create(identity.directory(), header(topic));
                CostMeter meter =
                    CostMeter.of(setup.target(), admin == null ? List.of() : admin.brokers(), result::event)) {
                writer = result;
                cost = meter;
                writer.workload(WorkloadYaml.write(workload));
                return run(topic);
            }
        }
    }

    private RunHeader header(final RunTopic topic) {
        final RunHeader header = RunSummary.header(workload, setup.target(), identity,
            crew.size() + " workers, each with the driver " + workload.driver(), topic);
        header.params().put(RunParams.WORKERS, crew.size());
        header.params().put(RunParams.WORKERS_CLOCK, crew.clock());
        return RunSummary.with(header, extras);
    }

    private RunReport run(final RunTopic topic) {
        try (Profiling.Running running = extras.profiling() == null ? null
            : extras.profiling().start(identity.directory(), cost.processIds(), extras.system() != null)) {
            profile = running;
            return runLoad(topic);
        }
    }

    private RunReport runLoad(final RunTopic topic) {
        final long aheadNs = aheadNs();
        final long startNs = clock.nanoTime() + aheadNs;
        plan = RunPlan.of(workload, startNs);
        intervals = new SharedIntervals(workload, writer);
        backlog = new BacklogWatch(workload, plan, this);
        try (FaultRunner faults = FaultRunner.of(workload, extras.system(), backend, topic.name(), plan, writer::event,
            () -> cost.nodesStarted(extras.system().processIds()), clock, epochClock)) {
            if (!workload.faults().isEmpty()) {
                cost.expectFaults();
            }
            crew.begin(startNs, epochClock.time() + aheadNs / NS_PER_MS);
            faults.start();
            long nextNs = startNs;
            while (!crew.isEnded()) {
                final long nowNs = clock.nanoTime();
                crew.poll();
                take(nowNs);
                decide(nowNs);
                if (nowNs - nextNs >= 0) {
                    nextNs += NS_PER_S;
                    second(nowNs);
                }
                LockSupport.parkNanos(POLL_NS);
            }
            faults.end();
            verdict.noteIfAny(faults.healProblem());
            take(clock.nanoTime());
            enter("end", clock.nanoTime());
            if (profile != null) {
                progress.say("writing recordings");
                profile.finish();
                profile.problems().forEach(verdict::note);
            }
            if (backlog.problem() != null && !stop.isStopped()) {
                verdict.invalid("backlog", backlog.problem());
            }
            // What the workers took of which machine is not known here: their stalls are never excused by it.
            verdict.judgeIntervals(intervals.measuredP50Ns(), crew.stalls(), intervals.brokerStalls(), cost, null,
                workload);
            return conclude(topic, faults);
        }
    }

    private void take(final long nowNs) {
        for (final Crew.Second second : crew.takeSeconds()) {
            intervals.add(second);
            if ("warmup".equals(second.phase()) && workload.phases().isUntilSteady() && !isSteadyDecided) {
                lookWhetherSteady(nowNs);
            }
        }
        crew.takeEvents().forEach(writer::event);
    }

    private void lookWhetherSteady(final long nowNs) {
        final IntervalSampler.Snapshot last = intervals.last();
        steady.add(last.p50Ns(), workload.isUnlimited() ? 1 : last.ackedPerS() / workload.warmupRatePerS());
        if (!steady.isSteady()) {
            return;
        }
        isSteadyDecided = true;
        final long aheadNs = aheadNs();
        if (plan.measureStartNs() - nowNs > aheadNs) { // else it begins as planned, which every process knows
            final long startNs = nowNs + aheadNs;
            plan.measureFrom(startNs);
            crew.measureFrom(startNs);
            verdict.note("The warm-up ended when the latency of all workers together was steady, after "
                + Units.duration(startNs - plan.warmupStartNs()) + ".");
        }
    }

    /** Who was slow to hear so far may be so again: a moment that one of them misses would end the run. */
    private long aheadNs() {
        return Math.max(AHEAD_NS, crew.noticeNs());
    }

    private void decide(final long nowNs) {
        final String now = phaseAt(nowNs);
        if (!now.equals(phase)) {
            enter(now, nowNs);
        }
        if (!crew.lost().isEmpty() && !isCut) {
            isCut = true;
            crew.lost().forEach(sentence -> {
                writer.event(new RunEvent(epochClock.time(), "error", "worker lost", sentence, null));
                progress.say(sentence);
            });
            stoppedNs = nowNs;
            crew.stop(false);
        }
        if (stop.isStopped() && stoppedNs == Long.MAX_VALUE) {
            stoppedNs = nowNs;
            isCut = true;
            crew.stop(stop.isInterrupted());
        }
        if (backlog.poll(nowNs, stoppedNs != Long.MAX_VALUE)) {
            writer.event(RunEvent.at(epochClock.time(), "phase", backlog.word()));
        }
        if (!isFinishTold && crew.isLoadDone()) {
            loadDoneNs = Math.min(loadDoneNs, nowNs);
            if (isCut || !backlog.isActive() && (isCaughtUp(nowNs) || nowNs - loadDoneNs > CONSUMER_GRACE_NS)) {
                isFinishTold = true;
                crew.finish();
            }
        }
        if (stoppedNs != Long.MAX_VALUE && nowNs - stoppedNs > STOP_GRACE_NS) {
            crew.close();
        }
    }

    private boolean isCaughtUp(final long nowNs) {
        return workload.consumers() == 0 || isBroken() || arrivals.isOver(crew.totals(), nowNs);
    }

    private String phaseAt(final long nowNs) {
        if (nowNs - plan.warmupStartNs() < 0) {
            return "";
        }
        if (nowNs - plan.measureStartNs() < 0) {
            return "warmup";
        }
        if (!crew.isMeasuringDone() && !(plan.isTimed() && nowNs - plan.measureEndNs() >= 0)) {
            return "measure";
        }
        return !plan.isLoadAfterOver() && !backlog.isDraining() && !isCut ? "backlog" : isFinishTold ? "cooldown"
            : "drain";
    }

    private void enter(final String next, final long nowNs) {
        if (!phase.isEmpty()) {
            intervals.addBrokers(cost.brokers(), phase, epochClock.time());
        }
        if ("measure".equals(next)) {
            if (workload.phases().isUntilSteady() && !isSteadyDecided) {
                isSteadyDecided = true;
                verdict.judgeUnsteady(workload.warmupNs());
            }
            if (profile != null) {
                profile.measure();
            }
            cost.start(0, epochClock.time());
        } else if ("measure".equals(phase)) {
            cost.end(0, epochClock.time());
            if (profile != null) {
                profile.endMeasure();
            }
        }
        phase = next;
        phaseStartNs = nowNs;
        if (!next.isEmpty()) {
            writer.event(RunEvent.at(epochClock.time(), "phase", phase));
        }
    }

    private void second(final long nowNs) {
        progress.show(phase, (nowNs - phaseStartNs) / NS_PER_MS, switch (phase) {
            case "warmup" -> (plan.measureStartNs() - plan.warmupStartNs()) / NS_PER_MS;
            case "measure" -> workload.durationNs() / NS_PER_MS;
            case "cooldown" -> workload.phases().cooldownNs() / NS_PER_MS;
            default -> 0;
        }, intervals.last(), epochClock.time());
        cost.poll(epochClock.time());
        intervals.addBrokers(cost.brokers(), phase, epochClock.time());
        if (!stop.isStopped() && DiskEstimate.isNearlyFull(setup.target())) {
            verdict.invalid("disk", "Stopped early: " + setup.target().dataDir() + " was about to run full.");
            stop.stop();
        }
    }

    private RunReport conclude(final RunTopic topic, final FaultRunner faults) {
        final Ledger ledger = workload.verify() && topic.isReadable()
            ? new Ledger(workload.producers(), workload.laneCount()) : null;
        final Crew.Result result = crew.conclude(stop.isInterrupted() ? null : ledger);
        result.notes().forEach(verdict::note);
        result.problems().forEach(verdict::note);
        result.environments().forEach(writer::environment);
        crew.lost().forEach(sentence -> verdict.invalid("worker", sentence));
        final List<String> files = new ArrayList<>(profile == null ? List.of() : profile.files());
        files.addAll(crew.fetch(identity.directory(), verdict::note));
        return RunEnding.conclude(setup, new RunEnding.Load(plan, topic, ledger, crew.totals(),
            cost.cost(workload.lengths().meanLength(), result.cost()), isCut, crew.lost().isEmpty(),
            !result.problems().isEmpty(), faults.injected(), result.gaps(), intervals.seconds(), backlog.result(),
            files), verdict, writer);
    }

    @Override
    public RunTotals totals() {
        return crew.totals();
    }

    @Override
    public void pause(final boolean isPause) {
        crew.pause(isPause);
    }

    @Override
    public void endLoad() {
        plan.endLoadAfter();
        crew.endLoad();
    }

    @Override
    public boolean isBroken() {
        return crew.consumerProblem() != null;
    }
}
