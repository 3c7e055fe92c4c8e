package io.millrace.engine.shard;

import io.millrace.engine.rig.Scratch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.core.time.SetTimeProvider;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.queue.RollCycles;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * One appender of a Chronicle Queue. Owned by JMH's thread, which is the one that writes, for a queue is a mapped file.
 *
 * <p>A record is an excerpt of {@code length} bytes of plain binary content, in the file with 4 bytes more and padding;
 * it is written by {@code writeBytes}, the way without any encoding. Settings are the open-source library's defaults
 * (cycle FAST_DAILY, its block size and index spacing) with what it recommends for throughput: resource tracing and the
 * single-thread check off. A queue rolls by the clock only, so to keep the files bounded it is given a clock that goes
 * on by a day whenever 256 MiB were appended; the files of past days are deleted. Both happen between invocations. The
 * pre-toucher belongs to the commercial edition. When the benchmark ends, the last file must hold as many excerpts as
 * were appended to it, the last of them whole.
 */
@State(Scope.Benchmark)
public class ChronicleAppender {
    private static final long ROLL_LENGTH = 256L * 1024 * 1024;
    private static final String QUEUE_SUFFIX = SingleChronicleQueue.SUFFIX;

    /** Bytes of a message. */
    @Param({"128", "1024"})
    public int length;

    private Scratch scratch;
    private SetTimeProvider clock;
    private SingleChronicleQueue queue;
    private ExcerptAppender appender;
    private Bytes<?> message;
    private long cycleCount;
    private long syncedCount;

    /**
     * Opens a queue in a new folder.
     *
     * @throws IOException when the folder cannot be made
     */
    @Setup
    public void open() throws IOException {
        scratch = new Scratch("chronicle");
        clock = new SetTimeProvider(TimeUnit.DAYS.toNanos(1));
        queue = SingleChronicleQueueBuilder.binary(scratch.directory())
            .rollCycle(RollCycles.FAST_DAILY)
            .timeProvider(clock)
            .build();
        appender = queue.createAppender();
        appender.singleThreadedCheckDisabled(true);
        final Bytes<?> bytes = Bytes.allocateDirect(length);
        for (int i = 0; i < length; i++) {
            bytes.writeByte((byte)'x');
        }
        bytes.singleThreadedCheckDisabled(true);
        message = bytes;
    }

    /**
     * Checks and removes the queue.
     *
     * @throws IOException when that fails
     */
    @TearDown
    public void close() throws IOException {
        final long writtenCount = cycleCount == 0 ? 0
            : queue.rollCycle().toSequenceNumber(appender.lastIndexAppended()) + 1;
        final Bytes<?> last = Bytes.allocateElasticOnHeap(length);
        if (cycleCount > 0) {
            try (ExcerptTailer tailer = queue.createTailer()) {
                tailer.moveToIndex(appender.lastIndexAppended());
                tailer.readBytes(last);
            }
        }
        appender.close();
        queue.close();
        message.releaseLast();
        scratch.close();
        if (writtenCount != cycleCount || cycleCount > 0 && last.readRemaining() != length) {
            throw new IllegalStateException("the queue holds " + writtenCount + " of " + cycleCount
                + " excerpts, the last with " + last.readRemaining() + " of " + length + " bytes");
        }
    }

    /**
     * Syncs, begins a new file when the present one is long and deletes the old, off the clock.
     *
     * @throws IOException when that fails
     */
    @TearDown(Level.Invocation)
    public void keepBounded() throws IOException {
        if ((cycleCount - syncedCount) * length >= PeersBenchmark.SYNC_LENGTH) {
            scratch.sync();
            syncedCount = cycleCount;
        }
        if (cycleCount * length >= ROLL_LENGTH) {
            final List<Path> old;
            try (Stream<Path> files = Files.list(scratch.directory())) {
                old = files.filter(file -> file.toString().endsWith(QUEUE_SUFFIX)).toList();
            }
            clock.advanceMillis(TimeUnit.DAYS.toMillis(1));
            cycleCount = 0;
            syncedCount = 0;
            append(1);
            for (final Path file : old) {
                Files.delete(file);
            }
        }
    }

    void append(final int recordCount) {
        for (int i = 0; i < recordCount; i++) {
            appender.writeBytes(message);
        }
        cycleCount += recordCount;
    }
}
