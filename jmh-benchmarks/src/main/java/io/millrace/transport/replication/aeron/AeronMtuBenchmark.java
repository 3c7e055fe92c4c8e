package io.millrace.transport.replication.aeron;

import io.aeron.driver.ThreadingMode;
import io.aeron.protocol.DataHeaderFlyweight;
import io.millrace.engine.rig.Flags;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
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

    /** Aeron's way. Owned by the benchmark's thread. */
    @State(Scope.Thread)
    public static class Link {
        /** Receive window. */
        @Param("131072")
        private int windowLength;

        private AeronPush push;

        /**
         * Opens the streams.
         *
         * @param benchmark has the MTU
         * @throws IOException when a socket or shared memory cannot be had
         */
        @Setup
        public void open(final AeronMtuBenchmark benchmark) throws IOException {
            push = new AeronPush(ThreadingMode.INVOKER, benchmark.mtuLength, windowLength);
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
    }

    /** The way without Aeron. Owned by the benchmark's thread. */
    @State(Scope.Thread)
    public static class Sockets {
        private static final long RECEIVE_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(60);

        private DatagramChannel source;
        private DatagramChannel target;
        private ByteBuffer datagram;
        private ByteBuffer received;
        private int payloadLength;
        private long surplusLength;

        /**
         * Opens the sockets.
         *
         * @param benchmark has the MTU
         * @throws IOException when a socket cannot be had
         */
        @Setup
        public void open(final AeronMtuBenchmark benchmark) throws IOException {
            target = DatagramChannel.open().bind(new InetSocketAddress("127.0.0.1", 0));
            target.configureBlocking(false); // a datagram that is lost must not hold the benchmark up for good
            source = DatagramChannel.open().connect(target.getLocalAddress());
            datagram = ByteBuffer.allocateDirect(benchmark.mtuLength);
            received = ByteBuffer.allocateDirect(benchmark.mtuLength);
            payloadLength = benchmark.mtuLength - DataHeaderFlyweight.HEADER_LENGTH;
        }

        /** On loopback a datagram is there when its write returns, but nothing promises it. */
        private void receiveLate() throws IOException {
            final long deadlineNs = System.nanoTime() + RECEIVE_TIMEOUT_NS;
            while (target.receive(received.clear()) == null) {
                if (System.nanoTime() - deadlineNs > 0) {
                    throw new IOException("a datagram was lost: length=" + datagram.capacity() + ", receive buffer="
                        + target.getOption(StandardSocketOptions.SO_RCVBUF) + "; raise net.core.rmem_default");
                }
            }
        }

        /**
         * Closes the sockets.
         *
         * @throws IOException when that fails
         */
        @TearDown
        public void close() throws IOException {
            source.close();
            target.close();
        }
    }

    /**
     * {@return something of what arrived}
     *
     * @param link to push over
     */
    @Benchmark
    public byte push(final Link link) {
        return link.push.push();
    }

    /**
     * {@return something of what arrived} One datagram out, one in, until as many log bytes have passed.
     *
     * @param sockets to send over
     * @throws IOException when a socket fails
     */
    @Benchmark
    public byte baselineDatagrams(final Sockets sockets) throws IOException {
        while (sockets.surplusLength < AeronPush.OPERATION_LENGTH) {
            sockets.source.write(sockets.datagram.clear());
            if (sockets.target.receive(sockets.received.clear()) == null) {
                sockets.receiveLate();
            }
            sockets.surplusLength += sockets.payloadLength;
        }
        sockets.surplusLength -= AeronPush.OPERATION_LENGTH;
        return sockets.received.get(0);
    }
}
