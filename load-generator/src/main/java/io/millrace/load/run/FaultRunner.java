package io.millrace.load.run;

import io.millrace.load.driver.Backend;
import io.millrace.load.driver.TargetRefusedException;
import io.millrace.load.driver.TopicAdmin;
import io.millrace.load.target.RunningTarget;
import io.millrace.load.workload.FaultStep;
import io.millrace.load.workload.Workload;
import io.millrace.results.model.RunEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.NanoClock;

/**
 * Injects the faults of a workload when they are due, on a thread of its own; whatever it has paused or cut off is as
 * before when it is closed. Everything else is for the run's thread, after the end.
 */
final class FaultRunner implements AutoCloseable {
    private static final long NS_PER_MS = 1_000_000L;
    private static final long POLL_NS = NS_PER_MS;
    private static final long CLOSE_MS = 120_000;

    private final List<FaultStep> steps;
    private final RunPlan plan;
    private final FaultTools tools;
    private final Backend backend;
    private final String topic;
    private final Consumer<RunEvent> events;
    private final Runnable restarted;
    private final NanoClock clock;
    private final EpochClock epochClock;
    private final List<Injected> injected = new ArrayList<>();
    private final Thread thread;
    private volatile boolean isRunning = true;
    private String healProblem;

    /**
     * A fault that was tried.
     *
     * @param step     as planned
     * @param atNs     when, on the run's clock
     * @param atMs     when, wall-clock
     * @param target   whom it hit
     * @param isProven true if it was seen to have happened
     * @param proof    what was seen, or what failed
     */
    record Injected(FaultStep step, long atNs, long atMs, String target, boolean isProven, String proof) {
    }

    private FaultRunner(
        final Workload workload,
        final FaultTools tools,
        final Backend backend,
        final String topic,
        final RunPlan plan,
        final Consumer<RunEvent> events,
        final Runnable restarted,
        final NanoClock clock,
        final EpochClock epochClock) {
        this.restarted = restarted;
        this.steps = workload.faults();
        this.tools = tools;
        this.backend = backend;
        this.topic = topic;
        this.plan = plan;
        this.events = events;
        this.clock = clock;
        this.epochClock = epochClock;
        thread = new Thread(this::inject, "fault-injector");
        thread.setDaemon(true);
    }

    /**
     * Checks that the faults can be injected here.
     *
     * @param workload   names them
     * @param system     that was started for the run, or null
     * @param backend    tells who is who
     * @param topic      of the run
     * @param plan       of the run
     * @param events     hears of each
     * @param restarted  is told when nodes were started again, by the fault thread
     * @param clock      of the run
     * @param epochClock of its events
     * @return the runner, to be started and closed
     */
    static FaultRunner of(
        final Workload workload,
        final RunningTarget system,
        final Backend backend,
        final String topic,
        final RunPlan plan,
        final Consumer<RunEvent> events,
        final Runnable restarted,
        final NanoClock clock,
        final EpochClock epochClock) {
        for (final FaultStep step : workload.faults()) {
            if (step.action() == FaultStep.Action.RESTART && (system == null || !system.canStartNodes())) {
                throw new RunRefusedException(ExitCodes.USAGE, "faults: \"" + step.word() + "\" needs a cluster that "
                    + "was started for the run; leave --bootstrap-server out, or start the node by hand");
            }
            if (step.action() == FaultStep.Action.PARTITION) {
                FaultTools.requireNetworkTool(step, system);
            }
        }
        final FaultTools tools = new FaultTools(system);
        final String first = workload.topicNames(topic).get(0);
        requireVictims(workload.faults(), tools, backend, first);
        return new FaultRunner(workload, tools, backend, first, plan, events, restarted, clock, epochClock);
    }

    /** Whom a fault hits is asked again when it is due; but what is not there now is not worth a whole run. */
    private static void requireVictims(
        final List<FaultStep> steps, final FaultTools tools, final Backend backend, final String topic) {
        final List<FaultStep> hitting =
            steps.stream().filter(step -> step.action() != FaultStep.Action.RESTART).toList();
        if (hitting.isEmpty()) {
            return;
        }
        FaultStep step = hitting.get(0);
        try (TopicAdmin admin = backend.openAdmin()) {
            if (admin == null) {
                throw new TargetRefusedException("the null driver has no nodes; leave the faults out", null);
            }
            final TopicAdmin.ClusterNodes nodes = admin.nodes(topic);
            for (final FaultStep next : hitting) {
                step = next;
                tools.victim(step.target(), nodes);
            }
        } catch (final TargetRefusedException | IllegalStateException ex) {
            throw new RunRefusedException(ExitCodes.USAGE, "faults: \"" + step.word() + "\" cannot be injected: "
                + ex.getMessage());
        }
    }

    void start() {
        if (!steps.isEmpty()) {
            thread.start();
        }
    }

    /** {@return every fault that was tried, in order; to be read after the end} */
    List<Injected> injected() {
        synchronized (injected) {
            return List.copyOf(injected);
        }
    }

    @Override
    public void close() {
        end();
        if (healProblem != null) {
            System.err.println("millrace: " + healProblem); // whatever becomes of the result
        }
    }

    /** Ends what goes on; everything is as before when it returns. Idempotent. */
    void end() {
        isRunning = false;
        LockSupport.unpark(thread);
        try {
            thread.join(CLOSE_MS);
        } catch (final InterruptedException ex) {
            Thread.currentThread().interrupt();
        }
        try {
            tools.healAll();
            healProblem = null;
        } catch (final RuntimeException ex) {
            // What was measured is kept; that something is still paused or cut off must be known.
            healProblem = "A fault could not be undone: " + ex.getMessage() + "; undo it by hand.";
        }
    }

    /** {@return what is still paused or cut off after the end, null if nothing is} */
    String healProblem() {
        return healProblem;
    }

    private void inject() {
        for (final FaultStep step : steps) {
            // Asked anew each time: a warm-up that ends early moves the start.
            while (isRunning && clock.nanoTime() - (plan.measureStartNs() + step.atNs()) < 0) {
                LockSupport.parkNanos(POLL_NS);
            }
            if (!isRunning) {
                return;
            }
            one(step);
        }
    }

    private void one(final FaultStep step) {
        String target = step.target();
        final long atNs = clock.nanoTime();
        final long atMs = epochClock.time();
        Injected done;
        try (TopicAdmin admin = step.action() == FaultStep.Action.RESTART ? null : backend.openAdmin()) {
            final FaultTools.Victim victim = admin == null ? null : tools.victim(step.target(), admin.nodes(topic));
            target = victim == null ? "the nodes that do not run" : victim.words();
            final long hitNs = clock.nanoTime();
            final long hitMs = epochClock.time();
            events.accept(new RunEvent(hitMs, "fault", step.action().word() + " " + target, null,
                step.durationNs() > 0 ? step.durationNs() : null));
            final String proof = tools.apply(step, victim, () -> isRunning);
            if (step.action() == FaultStep.Action.RESTART) {
                restarted.run();
            }
            done = new Injected(step, hitNs, hitMs, target, true, proof);
            if (step.durationNs() > 0 || step.action() == FaultStep.Action.RESTART) {
                events.accept(new RunEvent(epochClock.time(), "fault", step.action().word() + " over: " + target, proof,
                    null));
            }
        } catch (final RuntimeException ex) {
            done = new Injected(step, atNs, atMs, target, false, String.valueOf(ex.getMessage()));
            events.accept(new RunEvent(epochClock.time(), "fault", step.action().word() + " failed",
                String.valueOf(ex.getMessage()), null));
        }
        synchronized (injected) {
            injected.add(done);
        }
    }
}
