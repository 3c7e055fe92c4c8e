package io.millrace.transport.replication.aeron;

import io.aeron.driver.ThreadingMode;
import io.millrace.engine.rig.Flags;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
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
 * Question: how much does the length of a datagram (Aeron's MTU) decide about the log bytes that one core can push to
 * another broker and take from one, over UDP on loopback with invoked drivers? One operation is 64 KiB of log bytes in
 * messages as long as a datagram takes. Baseline: {@link #baselineDatagrams()}, the same datagrams through plain
 * sockets; the difference is what Aeron costs beyond the kernel.
 *
 * <p>What it hides: both ends take turns on one thread, so a figure is what a core can do that both sends and receives;
 * loopback copies in memory and has a large MTU, where a network card cuts what is longer than its own. Every message
 * is as long as a datagram takes; nothing is read from or written to a log.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 3, jvmArgsPrepend = {Flags.OPEN_MISC, Flags.OPEN_NIO})
public class AeronMtuBenchmark {
    /** Datagram length without IP and UDP headers. */
    @Param({"1408", "8192", "16384", "32768", "65504"})
    private int mtuLength;

    /** Receive window. */
    @Param("131072")
    private int windowLength;

    private AeronPush push;
    private DatagramChannel source;
    private DatagramChannel target;
    private ByteBuffer datagram;
    private ByteBuffer received;

    /**
     * Opens both ways.
     *
     * @throws IOException when a socket or shared memory cannot be had
     */
    @Setup
    public void open() throws IOException {
        push = new AeronPush(ThreadingMode.INVOKER, mtuLength, windowLength);
        target = DatagramChannel.open().bind(new InetSocketAddress("127.0.0.1", 0));
        source = DatagramChannel.open().connect(target.getLocalAddress());
        datagram = ByteBuffer.allocateDirect(mtuLength);
        received = ByteBuffer.allocateDirect(mtuLength);
    }

    /**
     * Closes both ways.
     *
     * @throws IOException when that fails
     */
    @TearDown
    public void close() throws IOException {
        push.drain();
        push.close();
        source.close();
        target.close();
    }

    /** {@return something of what arrived} */
    @Benchmark
    public byte push() {
        return push.push();
    }

    /**
     * {@return something of what arrived} One datagram out, one in, until the same number of bytes has passed.
     *
     * @throws IOException when a socket fails
     */
    @Benchmark
    public byte baselineDatagrams() throws IOException {
        for (int sent = 0; sent < AeronPush.OPERATION_LENGTH; sent += mtuLength) {
            source.write(datagram.clear());
            target.receive(received.clear());
        }
        return received.get(0);
    }
}
