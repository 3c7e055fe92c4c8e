package io.millrace.engine.writer;

import io.millrace.engine.DurabilityProfile;
import io.millrace.engine.LogMarks;
import io.millrace.engine.ShardIngress;
import io.millrace.engine.ingress.RingIngress;
import io.millrace.engine.rig.Batches;
import io.millrace.engine.rig.Flags;
import io.millrace.engine.rig.Scratch;
import io.millrace.engine.rig.Written;
import io.millrace.engine.state.ShardState;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
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
 * Question: after how many bytes should the drain stop collecting and write? The ring is filled with 2 MiB and drained
 * in blocks of at most the limit, in turns on one thread. One operation is one batch. Baseline: {@code
 * RingToFileBenchmark.baselineFileOnly}, blocks that are ready.
 *
 * <p>What it hides: a long block also makes the first batch in it wait for the last, and holds the engine thread for
 * longer; the file is one preallocated segment that is overwritten.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 3, jvmArgsPrepend = {Flags.OPEN_MISC, Flags.OPEN_NIO, Flags.HEAP_MIN, Flags.HEAP_MAX})
public class BlockLimitBenchmark {
    private static final int RING_CAPACITY = 16 * 1024 * 1024;
    private static final int FILL_LENGTH = 2 * 1024 * 1024;
    private static final int NOBODY = 0;
    private static final int ACKS_LEADER = 1;

    /** Length of the whole batch. */
    @Param({"128", "1024", "16384"})
    public int length;

    /** Bytes after which the drain writes. */
    @Param({"16384", "32768", "65536", "131072", "262144", "524288", "1048576"})
    public int blockLengthLimit;

    private Scratch scratch;
    private OverwrittenSegment segment;
    private RingIngress ingress;
    private ShardWriter writer;
    private UnsafeBuffer batch;
    private int filledLength;

    /**
     * Opens the file and leads a shard in it.
     *
     * @throws IOException when the folder cannot be written
     */
    @Setup
    public void open() throws IOException {
        scratch = new Scratch("block-limit");
        segment = new OverwrittenSegment(scratch.directory().resolve("segment.log"));
        ingress = new RingIngress(RING_CAPACITY, segment.maxFrameLength());
        final ShardState state = new ShardState();
        final Answers answers = new Answers((replyId, error, baseOffset, endPosition) -> { },
            DurabilityProfile.REPLICATED, new LogMarks(), state, ShardWriter.DEFAULT_PENDING_CAPACITY);
        writer = new ShardWriter(ingress, segment, state, answers, blockLengthLimit);
        if (writer.startLeading(1) < 0) {
            throw new IOException("cannot write to " + scratch.directory());
        }
        batch = Batches.ofLength(length);
    }

    /**
     * Removes the file.
     *
     * @throws IOException when that fails
     */
    @TearDown
    public void close() throws IOException {
        segment.close();
        scratch.close();
    }

    /**
     * One batch on its way.
     *
     * @param written counts bytes
     */
    @Benchmark
    public void produce(final Written written) {
        final int index = ingress.tryClaim(0, length, NOBODY, ACKS_LEADER);
        if (index < 0) {
            throw new IllegalStateException(index == ShardIngress.FULL ? "ring full" : "not leading");
        }
        ingress.buffer().putBytes(index, batch, 0, length);
        ingress.commit(index);
        written.bytes += length;
        filledLength += length;
        if (filledLength >= FILL_LENGTH) {
            filledLength = 0;
            while (ingress.occupiedLength() > 0) {
                writer.drain();
            }
        }
    }
}
