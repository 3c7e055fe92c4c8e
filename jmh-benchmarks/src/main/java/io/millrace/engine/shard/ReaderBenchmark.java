package io.millrace.engine.shard;

import io.millrace.engine.DurabilityProfile;
import io.millrace.engine.PartitionReader;
import io.millrace.engine.ShardIngress;
import io.millrace.engine.io.LogFile;
import io.millrace.engine.rig.Batches;
import io.millrace.engine.rig.DrainedSocket;
import io.millrace.engine.rig.Flags;
import io.millrace.engine.rig.Written;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;
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
 * Question: how fast are the ways out of the log: finding a fetch's batches, sending them to a socket as file regions
 * (transferTo) or by one gathered copy through a buffer outside the heap, and reading stretches of the log as the
 * replicator does? One operation is one fetch of about {@code fetchLength} bytes, or one stretch of as many; {@code
 * bytes} is bytes/s of batches. Baseline: {@link #baselineSocket}, as many bytes from memory to the same socket.
 *
 * <p>The fetch path takes file regions for batches from 32 KiB up and the copy below, so the figures of {@code
 * fetchTransfer} and {@code fetchCopy} should cross near there. What it hides: everything lies in the page cache; the
 * socket is loopback and blocking, and its other end needs a core too; replies to several consumers are not shared.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 3, jvmArgsPrepend = {Flags.OPEN_MISC, Flags.OPEN_NIO, Flags.HEAP_MIN, Flags.HEAP_MAX})
public class ReaderBenchmark {
    private static final int PARTITION_ID = 0;
    private static final int NOBODY = 0;
    private static final int ACKS_LEADER = 1;
    private static final int PAGE_LENGTH = 4096;

    /** Length of each batch. */
    @Param({"1024", "16384", "32768", "65536", "262144"})
    public int batchLength;

    /** Bytes that a fetch asks for. */
    @Param("1048576")
    public int fetchLength;

    /** Bytes of batches in the log. */
    @Param("134217728")
    public int logLength;

    private final PartitionReader.BatchHandler counting = this::count;
    private final PartitionReader.BatchHandler transferring = this::transfer;
    private final PartitionReader.BatchHandler copying = this::copy;
    private LedLog log;
    private PartitionReader reader;
    private DrainedSocket socket;
    private ByteBuffer memory;
    private long nextOffset;
    private long nextPosition;

    /**
     * Fills a log and connects the socket.
     *
     * @throws IOException when the folder cannot be written
     */
    @Setup
    public void open() throws IOException {
        log = new LedLog("reader", DurabilityProfile.REPLICATED, false);
        final UnsafeBuffer batch = Batches.ofLength(batchLength);
        final ShardIngress ingress = log.ingress();
        for (long filled = 0; filled < logLength; filled += batchLength) {
            final int index = ingress.tryClaim(PARTITION_ID, batchLength, NOBODY, ACKS_LEADER);
            ingress.buffer().putBytes(index, batch, 0, batchLength);
            ingress.commit(index);
            while (ingress.occupiedLength() > 0) {
                log.drain();
            }
        }
        log.checkFailure();
        reader = log.newPartitionReader();
        nextPosition = log.startPosition();
        memory = BufferUtil.allocateDirectAligned(fetchLength + batchLength, PAGE_LENGTH);
        socket = new DrainedSocket();
    }

    /**
     * Closes and removes all.
     *
     * @throws IOException when that fails
     */
    @TearDown
    public void close() throws IOException {
        socket.close();
        log.close();
    }

    /**
     * Finds the batches of a fetch and does nothing with them.
     *
     * @param written counts bytes
     */
    @Benchmark
    public void find(final Written written) {
        written.bytes += fetch(counting);
    }

    /**
     * Sends the batches of a fetch as file regions.
     *
     * @param written counts bytes
     */
    @Benchmark
    public void fetchTransfer(final Written written) {
        written.bytes += fetch(transferring);
    }

    /**
     * Gathers the batches of a fetch in a buffer and sends that.
     *
     * @param written counts bytes
     * @throws IOException when the socket fails
     */
    @Benchmark
    public void fetchCopy(final Written written) throws IOException {
        memory.clear();
        written.bytes += fetch(copying);
        send(memory.flip());
    }

    /**
     * Reads a stretch of the log, frames and all.
     *
     * @param written counts bytes
     */
    @Benchmark
    public void readStretch(final Written written) {
        memory.clear().limit(fetchLength);
        int length = log.read(nextPosition, memory);
        if (length <= 0) {
            nextPosition = log.startPosition();
            length = log.read(nextPosition, memory);
        }
        nextPosition += length;
        written.bytes += length;
    }

    /**
     * As many bytes from memory.
     *
     * @param written counts bytes
     * @throws IOException when the socket fails
     */
    @Benchmark
    public void baselineSocket(final Written written) throws IOException {
        send(memory.clear().limit(fetchLength));
        written.bytes += fetchLength;
    }

    private int fetch(final PartitionReader.BatchHandler handler) {
        if (nextOffset >= reader.highWatermark(PARTITION_ID)) {
            nextOffset = reader.logStartOffset(PARTITION_ID);
        }
        final int length = reader.read(PARTITION_ID, nextOffset, fetchLength, handler);
        reader.release();
        if (length <= 0) {
            throw new IllegalStateException("nothing to read: offset=" + nextOffset + " length=" + length);
        }
        return length;
    }

    private boolean count(
        final LogFile file, final long fileOffset, final int length, final long baseOffset, final long endOffset) {
        nextOffset = endOffset;
        return true;
    }

    private boolean transfer(
        final LogFile file, final long fileOffset, final int length, final long baseOffset, final long endOffset) {
        nextOffset = endOffset;
        try {
            for (long sent = 0; sent < length;) {
                sent += file.transferTo(fileOffset + sent, length - sent, socket.channel());
            }
        } catch (final IOException ex) {
            throw new UncheckedIOException(ex);
        }
        return true;
    }

    private boolean copy(
        final LogFile file, final long fileOffset, final int length, final long baseOffset, final long endOffset) {
        nextOffset = endOffset;
        try {
            final int end = memory.position() + length;
            memory.limit(end);
            long at = fileOffset;
            while (memory.hasRemaining()) {
                at += file.read(memory, at);
            }
            memory.limit(memory.capacity());
        } catch (final IOException ex) {
            throw new UncheckedIOException(ex);
        }
        return true;
    }

    private void send(final ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            socket.channel().write(bytes);
        }
    }
}
