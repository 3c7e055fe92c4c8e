package io.millrace.transport.replication.aeron;

import io.aeron.driver.ThreadingMode;
import io.millrace.engine.rig.Flags;
import io.millrace.jmh.CpuShare;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
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
 * Question: is a media driver better invoked by the thread that uses it, or given one thread (SHARED) or three
 * (DEDICATED) of its own, and what does it cost in processor time? One operation is 64 KiB of log bytes over UDP on
 * loopback; {@code cpuPercent} is the processor time of the whole process, 100 for one core. The baseline is INVOKER,
 * what a broker does.
 *
 * <p>What it hides: each end has a driver of its own, so SHARED means two driver threads and DEDICATED six beside the
 * one that publishes and polls: as two brokers on one machine. The drivers idle as Aeron's defaults do. On a machine
 * with as many cores as threads the answer may be another one. JMH's own table adds the percents of all iterations up;
 * the report has their mean.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 3, jvmArgsPrepend = {Flags.OPEN_MISC, Flags.OPEN_NIO})
public class AeronDriverModeBenchmark {
    /** Aeron's threading mode. */
    @Param({"INVOKER", "SHARED", "DEDICATED"})
    private ThreadingMode mode;

    /** Datagram length without IP and UDP headers. */
    @Param({"8192", "65504"})
    private int mtuLength;

    /** Receive window. */
    @Param("131072")
    private int windowLength;

    private AeronPush push;

    /** What an iteration cost. Owned by the benchmark's thread. */
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.EVENTS)
    public static class Cost {
        /** Processor time of the process in relation to the time that passed, 100 for one core. */
        public double cpuPercent;

        private CpuShare share;

        /** Begins to count. */
        @Setup(Level.Iteration)
        public void begin() {
            share = CpuShare.ofProcess();
        }

        /** Ends counting. */
        @TearDown(Level.Iteration)
        public void end() {
            cpuPercent = share.percent();
        }
    }

    /**
     * Starts the drivers.
     *
     * @throws IOException when a socket or shared memory cannot be had
     */
    @Setup
    public void open() throws IOException {
        push = new AeronPush(mode, mtuLength, windowLength);
    }

    /**
     * Stops the drivers.
     *
     * @throws IOException when that fails
     */
    @TearDown
    public void close() throws IOException {
        push.drain();
        push.close();
    }

    /**
     * {@return something of what arrived}
     *
     * @param cost counted beside
     */
    @Benchmark
    public byte push(final Cost cost) {
        return push.push();
    }
}
