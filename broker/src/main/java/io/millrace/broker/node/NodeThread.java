package io.millrace.broker.node;

import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.NanoClock;

/**
 * Runs one agent on a thread of its own until asked to stop. Unlike Agrona's runner it never interrupts: an interrupt
 * would close the FileChannel that the thread is writing to. Any thread may stop it.
 */
final class NodeThread {
    private final Agent agent;
    private final IdleStrategy idleStrategy;
    private final Consumer<Throwable> onFailure;
    private final NanoClock clock;
    private final AgentCounters counters;
    private final AgentThread thread;
    private volatile boolean running = true;

    NodeThread(final Agent agent, final IdleStrategy idleStrategy, final Consumer<Throwable> onFailure,
        final NanoClock clock, final AgentCounters counters) {
        this.agent = agent;
        this.idleStrategy = idleStrategy;
        this.onFailure = onFailure;
        this.clock = clock;
        this.counters = counters;
        this.thread = new AgentThread(this::run, agent.roleName(), counters);
        this.thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    long threadId() {
        return thread.getId();
    }

    private void run() {
        try {
            agent.onStart();
            long startNs = clock.nanoTime();
            while (running) {
                final int workCount = agent.doWork();
                final long endNs = clock.nanoTime();
                counters.onDutyCycle(startNs, endNs);
                idleStrategy.idle(workCount);
                startNs = workCount > 0 ? endNs : clock.nanoTime(); // after work there is no wait
            }
        } catch (final Throwable failure) {
            onFailure.accept(failure);
        } finally {
            try {
                agent.onClose();
            } catch (final Throwable failure) {
                onFailure.accept(failure);
            }
        }
    }

    /**
     * Asks the agent to stop and waits until it has.
     *
     * @param wakeUp  ends its park
     * @param waitMs  how long to wait at most
     * @return whether it has stopped
     */
    boolean stop(final Runnable wakeUp, final long waitMs) {
        running = false;
        wakeUp.run();
        try {
            thread.join(waitMs);
        } catch (final InterruptedException ex) {
            Thread.currentThread().interrupt();
        }
        return !thread.isAlive();
    }

    /** {@return how long a stop may take} */
    static long defaultStopMs() {
        return TimeUnit.SECONDS.toMillis(10);
    }
}
