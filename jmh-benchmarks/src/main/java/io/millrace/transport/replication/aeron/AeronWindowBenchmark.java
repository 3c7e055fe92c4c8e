package io.millrace.transport.replication.aeron;

import io.aeron.driver.ThreadingMode;
import io.millrace.engine.rig.Flags;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
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
 * Question: how long must the receive window of a replication stream be before a longer one gains nothing, over UDP on
 * loopback with invoked drivers? One operation is 64 KiB of log bytes. A window that the kernel's socket buffer cannot
 * hold ends with an error that names the sysctl; the others are measured all the same. The baseline is the shortest
 * window.
 *
 * <p>What it hides: loopback has hardly any delay; over a network the window must also cover bandwidth times round
 * trip. Both ends take turns on one thread and a turn takes what is there, so the window is filled by one side before
 * the other empties it: two brokers on two cores overlap.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 3, jvmArgsPrepend = {Flags.OPEN_MISC, Flags.OPEN_NIO})
public class AeronWindowBenchmark {
    /** Receive window. */
    @Param({"131072", "262144", "524288", "1048576", "2097152"})
    private int windowLength;

    /** Datagram length without IP and UDP headers. */
    @Param({"8192", "65504"})
    private int mtuLength;

    private AeronPush push;

    /**
     * Opens the streams.
     *
     * @throws IOException when a socket or shared memory cannot be had, or the kernel grants less than the window
     */
    @Setup
    public void open() throws IOException {
        push = new AeronPush(ThreadingMode.INVOKER, mtuLength, windowLength);
    }

    /**
     * Closes the streams.
     *
     * @throws IOException when that fails
     */
    @TearDown
    public void close() throws IOException {
        push.drain();
        push.close();
    }

    /** {@return something of what arrived} */
    @Benchmark
    public byte push() {
        return push.push();
    }
}
