package io.millrace.transport.kafka.server;

import io.millrace.engine.io.FileLogStorage;
import io.millrace.engine.io.LogFile;
import io.millrace.engine.rig.Flags;
import io.millrace.engine.rig.Scratch;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
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
 * Question: from which length on is a batch of a Fetch reply better sent by transferTo from the log's file than read
 * into memory and written together with the fields before it? The broker's threshold
 * ({@link KafkaServerContext#TRANSFER_THRESHOLD_LENGTH_DEFAULT}) follows from the answer. One operation is one reply of
 * one batch over a TCP connection on loopback, whose other end reads everything away. Baseline:
 * {@link #baselineFromMemory()}, the same bytes from memory that is ready; the rest of {@link #gathered()} is the read.
 *
 * <p>What it hides: the file is in the page cache; loopback hands pages over without a network card, and the other end
 * copies them in a thread of its own, which on two cores is often the limit: look at the processor time too
 * ({@code -prof perfnorm}, or {@code pidstat}). The socket blocks here; the broker's is asked again when it has room.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 3, jvmArgsPrepend = {Flags.OPEN_MISC, Flags.OPEN_NIO})
public class FetchReplyBenchmark {
    private static final int FIELDS_LENGTH = 80;
    private static final int FILE_LENGTH = 16 * 1024 * 1024;
    private static final int MAX_GATHERED_LENGTH = 256 * 1024;
    private static final int READ_LENGTH = 256 * 1024;
    private static final long JOIN_DEADLINE_MS = 10_000;

    /** Length of the batch. */
    @Param({"4096", "16384", "32768", "65536", "262144", "1048576"})
    private int batchLength;

    private Scratch scratch;
    private LogFile file;
    private SocketChannel connection;
    private SocketChannel otherEnd;
    private Thread reader;
    private ByteBuffer staging;
    private long fileOffset;

    /**
     * Writes the file and connects.
     *
     * @throws IOException when the disk or a socket fails
     */
    @Setup
    public void open() throws IOException {
        scratch = new Scratch("fetch-reply");
        file = new FileLogStorage(scratch.directory()).open("segment", true);
        staging = ByteBuffer.allocateDirect(MAX_GATHERED_LENGTH + FIELDS_LENGTH);
        for (long at = 0; at < FILE_LENGTH; ) {
            staging.clear().limit(MAX_GATHERED_LENGTH);
            while (staging.hasRemaining()) {
                at += file.write(staging, at);
            }
        }
        try (ServerSocketChannel server = ServerSocketChannel.open().bind(new InetSocketAddress("127.0.0.1", 0))) {
            connection = SocketChannel.open(server.getLocalAddress());
            connection.setOption(StandardSocketOptions.TCP_NODELAY, true);
            otherEnd = server.accept();
        }
        reader = new Thread(this::readAway, "other-end");
        reader.setDaemon(true);
        reader.start();
    }

    /**
     * Hangs up and removes the file.
     *
     * @throws IOException          when that fails
     * @throws InterruptedException when interrupted
     */
    @TearDown
    public void close() throws IOException, InterruptedException {
        connection.close();
        reader.join(JOIN_DEADLINE_MS);
        otherEnd.close();
        file.close();
        scratch.close();
    }

    /**
     * Fields and batch through memory, in writes of at most 256 KiB.
     *
     * @throws IOException when the disk or the socket fails
     */
    @Benchmark
    public void gathered() throws IOException {
        final long from = nextBatch();
        staging.clear().position(FIELDS_LENGTH);
        int done = 0;
        while (done < batchLength) {
            final int length = Math.min(MAX_GATHERED_LENGTH, batchLength - done);
            staging.limit(staging.position() + length);
            while (staging.hasRemaining()) {
                done += read(from + done);
            }
            write(staging.flip());
            staging.clear();
        }
    }

    /**
     * Fields by themselves, then the batch from file to socket.
     *
     * @throws IOException when the disk or the socket fails
     */
    @Benchmark
    public void transferred() throws IOException {
        final long from = nextBatch();
        write(staging.clear().limit(FIELDS_LENGTH));
        for (int done = 0; done < batchLength; ) {
            done += (int) file.transferTo(from + done, batchLength - done, connection);
        }
    }

    /**
     * As many bytes from memory.
     *
     * @throws IOException when the socket fails
     */
    @Benchmark
    public void baselineFromMemory() throws IOException {
        int fieldsLength = FIELDS_LENGTH;
        for (int done = 0; done < batchLength; done += MAX_GATHERED_LENGTH) {
            write(staging.clear().limit(fieldsLength + Math.min(MAX_GATHERED_LENGTH, batchLength - done)));
            fieldsLength = 0;
        }
    }

    private int read(final long at) throws IOException {
        final int length = file.read(staging, at);
        if (length <= 0) {
            throw new IOException("the file ends at " + at);
        }
        return length;
    }

    private void write(final ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            connection.write(bytes);
        }
    }

    /** Through the whole file, as a consumer reads a log. */
    private long nextBatch() {
        final long from = fileOffset;
        fileOffset = from + 2L * batchLength > FILE_LENGTH ? 0 : from + batchLength;
        return from;
    }

    private void readAway() {
        final ByteBuffer sink = ByteBuffer.allocateDirect(READ_LENGTH);
        try {
            while (otherEnd.read(sink.clear()) >= 0) {
                sink.clear();
            }
        } catch (final AsynchronousCloseException ex) {
            return; // the benchmark is over
        } catch (final IOException ex) {
            ex.printStackTrace();
        }
    }
}
