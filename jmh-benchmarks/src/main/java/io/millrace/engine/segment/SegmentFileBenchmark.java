package io.millrace.engine.segment;

import io.millrace.engine.rig.Flags;
import io.millrace.engine.rig.Scratch;
import io.millrace.engine.rig.Written;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import org.agrona.BufferUtil;
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
 * Question: what is a segment's file best made of: a new file that grows, one that was filled with zeros and synced
 * beforehand, or an old segment written over? One operation is one segment of 64 MiB in blocks of 256 KiB; {@code
 * bytes} is bytes/s. The file is made ready off the clock, since maintenance does that in the background. Baseline: the
 * recycled file without any sync, which is a copy into the page cache and no more.
 *
 * <p>What it hides: making a preallocated file ready writes everything a second time, which costs the disk that much
 * bandwidth; a new file costs a directory entry, which the engine also makes in the background.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 3, jvmArgsPrepend = {Flags.OPEN_MISC, Flags.OPEN_NIO, Flags.HEAP_MIN, Flags.HEAP_MAX})
public class SegmentFileBenchmark {
    private static final int BLOCK_LENGTH = 256 * 1024;
    private static final int PAGE_LENGTH = 4096;

    /** What the file is: {@code new}, {@code preallocated} or {@code recycled}. */
    @Param({"new", "preallocated", "recycled"})
    public String kind;

    /** When it is synced: {@code never}, at the {@code end} of the segment, or after each {@code block}. */
    @Param({"never", "end", "block"})
    public String sync;

    /** Bytes of a segment. */
    @Param("67108864")
    public int segmentLength;

    private Scratch scratch;
    private Path file;
    private FileChannel channel;
    private ByteBuffer block;
    private boolean syncsAtEnd;
    private boolean syncsBlocks;

    /**
     * Makes the folder.
     *
     * @throws IOException when that fails
     */
    @Setup
    public void open() throws IOException {
        scratch = new Scratch("segment-file");
        file = scratch.directory().resolve("segment.log");
        block = BufferUtil.allocateDirectAligned(BLOCK_LENGTH, PAGE_LENGTH);
        syncsBlocks = sync.equals("block");
        syncsAtEnd = sync.equals("end");
        channel = create();
        fill();
    }

    /**
     * Removes the folder.
     *
     * @throws IOException when that fails
     */
    @TearDown
    public void close() throws IOException {
        channel.close();
        scratch.close();
    }

    /**
     * Makes the next segment's file ready, off the clock, with nothing left to be written to the disk.
     *
     * @throws IOException when that fails
     */
    @Setup(Level.Invocation)
    public void prepare() throws IOException {
        if (!kind.equals("recycled")) {
            channel.close();
            Files.deleteIfExists(file);
            channel = create();
        }
        if (kind.equals("preallocated")) {
            fill();
        }
        channel.force(true);
    }

    private FileChannel create() throws IOException {
        return FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
    }

    private void fill() throws IOException {
        for (int at = 0; at < segmentLength; at += BLOCK_LENGTH) {
            writeBlock(at);
        }
        channel.force(true);
    }

    /**
     * One segment.
     *
     * @param written counts bytes
     * @throws IOException when the disk fails
     */
    @Benchmark
    public void writeSegment(final Written written) throws IOException {
        for (int at = 0; at < segmentLength; at += BLOCK_LENGTH) {
            writeBlock(at);
            if (syncsBlocks) {
                channel.force(false);
            }
        }
        if (syncsAtEnd) {
            channel.force(false);
        }
        written.bytes += segmentLength;
    }

    private void writeBlock(final int fileOffset) throws IOException {
        block.clear();
        int at = fileOffset;
        while (block.hasRemaining()) {
            at += channel.write(block, at);
        }
    }
}
