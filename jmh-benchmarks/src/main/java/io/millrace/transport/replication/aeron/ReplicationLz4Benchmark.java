package io.millrace.transport.replication.aeron;

import io.millrace.engine.rig.Flags;
import io.millrace.engine.rig.Scratch;
import io.millrace.transport.replication.ReplicaLink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;
import org.agrona.CloseHelper;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.AuxCounters;
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
 * Question: would replication be faster if its chunks were compressed with lz4, and from which gain on? A chunk of log
 * bytes goes through the broker's own link over UDP on loopback, as it is ({@link #plain()}) or compressed before and
 * decompressed after ({@link #lz4}). One operation is 256 KiB of log bytes, in as many chunks as that takes.
 * Baselines: {@link #plain()}, and {@link #baselineCodecOnly()}, which compresses and decompresses and sends nothing.
 *
 * <p>What it hides: both ends, each with its invoked driver, take turns on one thread, so a figure is what a core can
 * do that both leads and follows. Loopback is faster than any network: lz4 wins over a link of B bytes/s when it saves
 * more than its own time on it, and both follow from the figures and the ratio, {@code compressedPercent}. Text is
 * made up of words; real records may shrink more or less. Every chunk waits for the one before to arrive whole.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 3, jvmArgsPrepend = {Flags.OPEN_MISC, Flags.OPEN_NIO})
public class ReplicationLz4Benchmark {
    private static final int OPERATION_LENGTH = 256 * 1024;
    /** Before the bytes of a message: length of the whole chunk on its way. */
    private static final int HEADER_LENGTH = Integer.BYTES;
    private static final int SENDER = 1;
    private static final int RECEIVER = 2;
    private static final int MESSAGE_LIMIT = 16;
    private static final long DEADLINE_NS = TimeUnit.SECONDS.toNanos(60);

    /** Log bytes of a chunk. */
    @Param({"16384", "65536", "262144"})
    private int chunkLength;

    /** What is in the records. */
    @Param({"text", "random"})
    private String payload;

    private final LZ4Compressor compressor = LZ4Factory.fastestInstance().fastCompressor();
    private final LZ4SafeDecompressor decompressor = LZ4Factory.fastestInstance().safeDecompressor();
    private final ReplicaLink.MessageFiller filler = this::fill;
    private final ReplicaLink.MessageHandler handler = this::onMessage;
    private Scratch memory;
    private AeronReplicaLink sender;
    private AeronReplicaLink receiver;
    private ByteBuffer chunk;
    private ByteBuffer compressed;
    private ByteBuffer target;
    private UnsafeBuffer chunkBytes;
    private UnsafeBuffer compressedBytes;
    private UnsafeBuffer arrived;
    private int maxPieceLength;
    private DirectBuffer outgoing;
    private int outgoingLength;
    private int sentLength;
    private int arrivedLength;
    private int expectedLength;

    /** What compressing gains. Owned by the benchmark's thread. */
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.EVENTS)
    public static class Gain {
        private static final double PERCENT = 100;

        /** Length of the compressed chunk in relation to the chunk. */
        public double compressedPercent;
    }

    /**
     * Opens both links.
     *
     * @throws IOException when sockets or shared memory cannot be had
     */
    @Setup
    public void open() throws IOException {
        chunk = LogChunk.of(chunkLength, "text".equals(payload));
        final int maxLength = compressor.maxCompressedLength(chunkLength);
        compressed = ByteBuffer.allocateDirect(maxLength);
        target = ByteBuffer.allocateDirect(chunkLength);
        chunkBytes = new UnsafeBuffer(chunk);
        compressedBytes = new UnsafeBuffer(compressed);
        arrived = new UnsafeBuffer(ByteBuffer.allocateDirect(maxLength));
        memory = Scratch.inMemory();
        final int basePort = FreePorts.twoBrokers();
        final ReplicaPeer from = new ReplicaPeer(SENDER, "127.0.0.1", basePort);
        final ReplicaPeer to = new ReplicaPeer(RECEIVER, "127.0.0.1", basePort + ReplicaPorts.PORTS_PER_BROKER);
        sender = link(from, to);
        receiver = link(to, from);
        maxPieceLength = sender.maxMessageLength(ReplicaLink.LIVE_STREAM) - HEADER_LENGTH;
        await(() -> sender.isConnected(RECEIVER, ReplicaLink.LIVE_STREAM));
    }

    /**
     * Closes both links.
     *
     * @throws IOException when that fails
     */
    @TearDown
    public void close() throws IOException {
        CloseHelper.closeAll(sender, receiver);
        memory.close();
    }

    /** {@return something of what arrived} */
    @Benchmark
    public byte plain() {
        for (int done = 0; done < OPERATION_LENGTH; done += chunkLength) {
            send(chunkBytes, chunkLength);
        }
        return arrived.getByte(chunkLength - 1);
    }

    /**
     * {@return something of what arrived}
     *
     * @param gain counted beside
     */
    @Benchmark
    public byte lz4(final Gain gain) {
        for (int done = 0; done < OPERATION_LENGTH; done += chunkLength) {
            final int length = compressor.compress(chunk, 0, chunkLength, compressed, 0, compressed.capacity());
            send(compressedBytes, length);
            decompress(arrived.byteBuffer(), length);
            gain.compressedPercent = length * Gain.PERCENT / chunkLength;
        }
        return target.get(chunkLength - 1);
    }

    /** {@return something of the result} */
    @Benchmark
    public byte baselineCodecOnly() {
        for (int done = 0; done < OPERATION_LENGTH; done += chunkLength) {
            decompress(compressed, compressor.compress(chunk, 0, chunkLength, compressed, 0, compressed.capacity()));
        }
        return target.get(chunkLength - 1);
    }

    private void decompress(final ByteBuffer source, final int length) {
        final int got = decompressor.decompress(source, 0, length, target, 0, chunkLength);
        if (got != chunkLength || target.getLong(0) != chunk.getLong(0)) {
            throw new IllegalStateException("decompressed=" + got + " of " + chunkLength + " bytes, or other bytes");
        }
    }

    /** Sends a chunk in messages as long as a datagram takes, and waits until it is there. */
    private void send(final DirectBuffer bytes, final int length) {
        outgoing = bytes;
        outgoingLength = length;
        sentLength = 0;
        arrivedLength = 0;
        expectedLength = length;
        long deadlineNs = 0;
        while (arrivedLength < expectedLength) {
            if (sentLength < length) {
                sender.claim(RECEIVER, ReplicaLink.LIVE_STREAM,
                    HEADER_LENGTH + Math.min(maxPieceLength, length - sentLength), filler);
            }
            final long nowNs = duty();
            deadlineNs = deadlineNs == 0 ? nowNs + DEADLINE_NS : deadlineNs;
            if (nowNs > deadlineNs) {
                throw new IllegalStateException("arrived=" + arrivedLength + " of " + length + " within 60 s");
            }
        }
    }

    private boolean fill(final MutableDirectBuffer buffer, final int index, final int length) {
        buffer.putInt(index, outgoingLength);
        buffer.putBytes(index + HEADER_LENGTH, outgoing, sentLength, length - HEADER_LENGTH);
        sentLength += length - HEADER_LENGTH;
        return true;
    }

    private void onMessage(
        final int fromBrokerId, final int stream, final DirectBuffer buffer, final int index, final int length) {
        if (buffer.getInt(index) != expectedLength) {
            throw new IllegalStateException("a message of another chunk: length=" + buffer.getInt(index));
        }
        arrived.putBytes(arrivedLength, buffer, index + HEADER_LENGTH, length - HEADER_LENGTH);
        arrivedLength += length - HEADER_LENGTH;
    }

    private long duty() {
        final long nowNs = System.nanoTime();
        sender.doWork(nowNs);
        receiver.doWork(nowNs);
        receiver.poll(handler, MESSAGE_LIMIT);
        return nowNs;
    }

    private void await(final BooleanSupplier condition) throws IOException {
        final long deadlineNs = System.nanoTime() + DEADLINE_NS;
        while (!condition.getAsBoolean()) {
            if (duty() > deadlineNs) {
                throw new IOException("the links found no connection within 60 s");
            }
        }
    }

    private AeronReplicaLink link(final ReplicaPeer self, final ReplicaPeer peer) throws IOException {
        return AeronReplicaLink.open(new AeronLinkConfiguration(self, List.of(peer),
            memory.directory().resolve("broker-" + self.brokerId()), 0, 0, 0, 0), Throwable::printStackTrace);
    }
}
