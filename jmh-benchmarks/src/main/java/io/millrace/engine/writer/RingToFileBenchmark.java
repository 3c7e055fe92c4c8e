package io.millrace.engine.writer;

import io.millrace.engine.DurabilityProfile;
import io.millrace.engine.LogMarks;
import io.millrace.engine.ShardIngress;
import io.millrace.engine.format.FrameDescriptor;
import io.millrace.engine.ingress.RingIngress;
import io.millrace.engine.rig.Batches;
import io.millrace.engine.rig.Flags;
import io.millrace.engine.rig.Scratch;
import io.millrace.engine.state.ShardState;
import java.io.IOException;
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
 * Question: how many batches a second can one core carry from their bytes in hand into the page cache, through claim,
 * copy, commit, drain, sequencing and header CRC, in blocks of the given length? One operation is one batch. Baseline:
 * {@link #baselineFileOnly()}, which writes blocks of the same length from memory that is ready, so the difference is
 * what the engine adds.
 *
 * <p>What it hides: both sides run on one thread in turns, so there is no contention for the ring and no overlap of
 * filling and draining; the file is one preallocated segment overwritten again and again, so it never meets a new page
 * or a roll to a new file; nothing is synced by the benchmark.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 3, jvmArgsPrepend = {Flags.OPEN_MISC, Flags.OPEN_NIO, Flags.HEAP_MIN, Flags.HEAP_MAX})
public class RingToFileBenchmark {
    private static final int RING_CAPACITY = 16 * 1024 * 1024;
    private static final int PARTITION_ID = 0;
    private static final int NOBODY = 0;
    private static final int ACKS_LEADER = 1;

    /** Length of the whole batch. */
    @Param({"128", "1024", "16384"})
    private int length;

    /** Bytes in the ring before they are drained. */
    @Param({"65536", "262144"})
    private int blockLength;

    private Scratch scratch;
    private OverwrittenSegment segment;
    private RingIngress ingress;
    private ShardWriter writer;
    private UnsafeBuffer batch;
    private ByteBuffer readyBlock;
    private int frameLength;
    private int filledLength;

    /**
     * Opens the file and leads a shard in it.
     *
     * @throws IOException when the directory cannot be written
     */
    @Setup
    public void open() throws IOException {
        scratch = new Scratch("ring-to-file");
        segment = new OverwrittenSegment(scratch.directory().resolve("segment.log"));
        ingress = new RingIngress(RING_CAPACITY, segment.maxFrameLength());
        writer = new ShardWriter(ingress, segment, new ShardState(), new LogMarks(),
            (replyId, error, baseOffset, endPosition) -> { }, DurabilityProfile.REPLICATED);
        if (writer.startLeading(1) < 0) {
            throw new IOException("cannot write to " + scratch.directory());
        }
        frameLength = FrameDescriptor.alignedLength(FrameDescriptor.HEADER_LENGTH + length);
        batch = Batches.ofLength(length);
        readyBlock = BufferUtil.allocateDirectAligned(blockLength, OverwrittenSegment.PAGE_LENGTH);
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

    /** One batch on its way; every block's worth the ring is drained. */
    @Benchmark
    public void ringToFile() {
        final int index = ingress.tryClaim(PARTITION_ID, length, NOBODY, ACKS_LEADER);
        if (index < 0) {
            throw new IllegalStateException(index == ShardIngress.FULL ? "ring full" : "not leading");
        }
        ingress.buffer().putBytes(index, batch, 0, length);
        ingress.commit(index);
        filledLength += frameLength;
        if (filledLength >= blockLength) {
            filledLength = 0;
            while (ingress.occupiedLength() > 0) {
                writer.drain();
            }
        }
    }

    /**
     * One batch's share of a block that is ready to be written.
     *
     * @throws IOException when the disk fails
     */
    @Benchmark
    public void baselineFileOnly() throws IOException {
        filledLength += frameLength;
        if (filledLength >= blockLength) {
            filledLength = 0;
            if (segment.room() < blockLength) {
                segment.rewind();
            }
            readyBlock.clear();
            segment.writeBlock(readyBlock, 0);
        }
    }
}
