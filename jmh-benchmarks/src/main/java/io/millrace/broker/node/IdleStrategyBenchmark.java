package io.millrace.broker.node;

import io.millrace.engine.rig.Flags;
import io.millrace.jmh.CpuShare;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.BusySpinIdleStrategy;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.SleepingIdleStrategy;
import org.agrona.concurrent.SystemNanoClock;
import org.agrona.concurrent.YieldingIdleStrategy;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Question: how long after something was handed to an idle thread does that thread answer, and what processor time does
 * its waiting cost meanwhile? One operation is a handoff and its answer, both through a volatile field; before it the
 * caller parks for {@code gapUs}. {@code waiterCpuPercent} is the processor time of the waiting thread, 100 for one
 * core. Baseline: {@link #baselineNoHandoff()}, the same gap and the same fields without another thread.
 *
 * <p>The strategies: {@code park100us}, a node's while there is traffic; {@code parkQuiet}, the same one when there has
 * been none for a second (5 ms); {@code parkQuietWoken}, the same one when whoever hands over also wakes it;
 * {@code backoff}, Agrona's growing one with its own limits; {@code sleep100us}, {@code yielding}, {@code busySpin}.
 *
 * <p>What it hides: nothing else wants the core. On a machine with fewer cores than threads, spinning and yielding take
 * the core from the thread that has the work. Times are sampled ({@code -bm sample}): look at the percentiles,
 * not at the mean. JMH's own table adds the percents of all iterations up; the report has their mean.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 3, jvmArgsPrepend = {Flags.OPEN_MISC, Flags.OPEN_NIO})
public class IdleStrategyBenchmark {
    private static final long BUSY_PARK_NS = TimeUnit.MICROSECONDS.toNanos(100);
    private static final long QUIET_PARK_NS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long JOIN_DEADLINE_MS = 10_000;
    /** A power of two less one: so often the waiting thread is looked at. */
    private static final int ALIVE_CHECK_MASK = 0xFFFFF;

    /** How long nothing is handed over. */
    @Param({"100", "2000", "20000"})
    private long gapUs;

    private long sequence;
    private volatile long field;

    /**
     * The thread that waits, and what is handed to it. Set up and ended by the benchmark's thread, which must be the
     * only one. Scope.Benchmark, because JMH makes an instance for each use of a state of a thread's scope.
     */
    @State(Scope.Benchmark)
    public static class Waiter {
        /** How it waits. */
        @Param({"park100us", "parkQuiet", "parkQuietWoken", "backoff", "sleep100us", "yielding", "busySpin"})
        private String strategy;

        private long sequence;
        private volatile long handedOver;
        private volatile long answered;
        private ParkingIdleStrategy parking;
        private boolean hasTraffic;
        private boolean isWoken;
        private Thread thread;
        private volatile boolean isEnded;

        /** Starts it. */
        @Setup
        public void start() {
            final IdleStrategy idle = idleStrategy();
            thread = new Thread(() -> run(idle), "waiter");
            thread.setDaemon(true);
            thread.start();
        }

        /**
         * Ends it.
         *
         * @throws InterruptedException when interrupted
         */
        @TearDown
        public void stop() throws InterruptedException {
            isEnded = true;
            thread.join(JOIN_DEADLINE_MS);
        }

        private void run(final IdleStrategy idle) {
            long seen = 0;
            while (!isEnded) {
                final long now = handedOver;
                if (now != seen) {
                    seen = now;
                    answered = now;
                    if (hasTraffic) {
                        parking.noteTraffic();
                    }
                    idle.idle(1);
                } else {
                    idle.idle(0);
                }
            }
        }

        private long handOver() {
            final long mine = ++sequence;
            handedOver = mine;
            if (isWoken) {
                parking.wakeUp();
            }
            int spinCount = 0;
            while (answered != mine) {
                Thread.onSpinWait();
                if ((++spinCount & ALIVE_CHECK_MASK) == 0 && !thread.isAlive()) {
                    throw new IllegalStateException("the waiting thread has ended");
                }
            }
            return mine;
        }

        private IdleStrategy idleStrategy() {
            switch (strategy) {
                case "park100us":
                    hasTraffic = true;
                    return parking();
                case "parkQuiet":
                    return parking();
                case "parkQuietWoken":
                    isWoken = true;
                    return parking();
                case "backoff":
                    return new BackoffIdleStrategy();
                case "sleep100us":
                    return new SleepingIdleStrategy(BUSY_PARK_NS);
                case "yielding":
                    return YieldingIdleStrategy.INSTANCE;
                case "busySpin":
                    return BusySpinIdleStrategy.INSTANCE;
                default:
                    throw new IllegalArgumentException("strategy=" + strategy + " is none of park100us, parkQuiet, "
                        + "parkQuietWoken, backoff, sleep100us, yielding, busySpin; choose with -p strategy=...");
            }
        }

        private ParkingIdleStrategy parking() {
            parking = new ParkingIdleStrategy(SystemNanoClock.INSTANCE, BUSY_PARK_NS, QUIET_PARK_NS);
            return parking;
        }
    }

    /** What waiting costs. Owned by the benchmark's thread. */
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.EVENTS)
    public static class Cost {
        /** Processor time of the waiting thread in relation to the time that passed, 100 for one core. */
        public double waiterCpuPercent;

        private CpuShare share;

        /**
         * Begins to count.
         *
         * @param waiter has the thread
         */
        @Setup(Level.Iteration)
        public void begin(final Waiter waiter) {
            share = CpuShare.ofThread(waiter.thread);
        }

        /** Ends counting. */
        @TearDown(Level.Iteration)
        public void end() {
            waiterCpuPercent = share.percent();
        }
    }

    /** Lets the waiting thread become idle; not part of what is measured. */
    @Setup(Level.Invocation)
    public void pause() {
        LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(gapUs));
    }

    /**
     * {@return number of the handoff}
     *
     * @param waiter answers
     * @param cost   counted beside
     */
    @Benchmark
    public long handoff(final Waiter waiter, final Cost cost) {
        return waiter.handOver();
    }

    /** {@return number of the handoff that nobody gets} */
    @Benchmark
    public long baselineNoHandoff() {
        final long mine = ++sequence;
        field = mine;
        while (field != mine) {
            Thread.onSpinWait();
        }
        return mine;
    }
}
