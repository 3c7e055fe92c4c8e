package io.millrace.engine.io;

import io.millrace.engine.rig.Flags;
import io.millrace.engine.rig.Scratch;
import io.millrace.engine.rig.Written;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import org.agrona.BitUtil;
import org.agrona.BufferUtil;
import org.agrona.IoUtil;
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
 * Question: how should a block of the ring's memory get into the log file: by FileChannel.write from where it lies, by
 * a copy into a mapped file, or past the page cache (O_DIRECT) from an aligned staging buffer, each with and without a
 * sync after every block? One operation is one block; {@code bytes} is bytes/s. Baseline: {@link #baselineCopy}, the
 * same blocks copied to memory that is no file.
 *
 * <p>The file has 256 MiB, all of them written before (a recycled segment), and is overwritten in order; the blocks
 * come from 16 MiB of memory in order, as from the ring. What it hides: without sync the first two end in the page
 * cache and the disk comes later, while direct always pays the disk (but not a flush of the disk's own cache); a full
 * or failing disk is an exception for two of them and a dead process for the mapped one, which is why the engine does
 * not map, whatever the figures say.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 3, jvmArgsPrepend = {Flags.OPEN_MISC, Flags.OPEN_NIO, Flags.HEAP_MIN, Flags.HEAP_MAX})
public class WriteStrategyBenchmark {
    private static final int SOURCE_LENGTH = 16 * 1024 * 1024;
    private static final int PAGE_LENGTH = 4096;
    private static final int PREPARE_LENGTH = 1024 * 1024;

    /** How. */
    @Param({"channel", "mapped", "direct"})
    public String strategy;

    /** Bytes of a block. */
    @Param({"16384", "65536", "262144", "1048576"})
    public int blockLength;

    /** Whether every block is synced. */
    @Param({"false", "true"})
    public boolean sync;

    /** Bytes of the file. */
    @Param("268435456")
    public int fileLength;

    private Scratch scratch;
    private FileChannel channel;
    private MappedByteBuffer mapped;
    private UnsafeBuffer mappedBuffer;
    private ByteBuffer sourceMemory;
    private UnsafeBuffer source;
    private ByteBuffer stagingMemory;
    private UnsafeBuffer staging;
    private int fileIndex;
    private int sourceIndex;

    /**
     * Writes the file for the first time and opens it as the strategy wants.
     *
     * @throws IOException when that fails
     */
    @Setup
    public void open() throws IOException {
        scratch = new Scratch("write-strategy");
        final Path file = scratch.directory().resolve("segment.log");
        prepare(file);
        sourceMemory = BufferUtil.allocateDirectAligned(SOURCE_LENGTH, PAGE_LENGTH);
        source = new UnsafeBuffer(sourceMemory);
        source.setMemory(0, SOURCE_LENGTH, (byte)'x');
        stagingMemory = BufferUtil.allocateDirectAligned(
            BitUtil.align(blockLength, PAGE_LENGTH), (int)Math.max(PAGE_LENGTH,
                Files.getFileStore(file).getBlockSize()));
        staging = new UnsafeBuffer(stagingMemory);
        switch (strategy) {
            case "channel" -> channel = FileChannel.open(file, StandardOpenOption.WRITE);
            case "mapped" -> {
                channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
                mapped = channel.map(FileChannel.MapMode.READ_WRITE, 0, fileLength);
                mappedBuffer = new UnsafeBuffer(mapped);
            }
            case "direct" -> channel = openDirect(file);
            default -> throw new IllegalArgumentException(
                "strategy must be channel, mapped or direct: strategy=" + strategy);
        }
    }

    private static FileChannel openDirect(final Path file) throws IOException {
        try {
            return FileChannel.open(file, StandardOpenOption.WRITE, direct());
        } catch (final UnsupportedOperationException | ReflectiveOperationException | IOException ex) {
            throw new IOException("this file system has no direct I/O: " + file
                + "; name another folder: -jvmArgsAppend -Dbenchmark.dir=DIR, or leave it out: -p strategy=channel,"
                + "mapped", ex);
        }
    }

    /** By name, as newer compilers warn of the class, whatever is done to suppress it. */
    private static OpenOption direct() throws ReflectiveOperationException {
        return (OpenOption) Class.forName("com.sun.nio.file.ExtendedOpenOption").getField("DIRECT").get(null);
    }

    private void prepare(final Path file) throws IOException {
        final ByteBuffer zeros = ByteBuffer.allocateDirect(PREPARE_LENGTH);
        try (FileChannel target = FileChannel.open(
            file, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
            while (target.position() < fileLength) {
                target.write(zeros.clear().limit((int)Math.min(PREPARE_LENGTH, fileLength - target.position())));
            }
            target.force(true);
        }
    }

    /**
     * Removes the file.
     *
     * @throws IOException when that fails
     */
    @TearDown
    public void close() throws IOException {
        if (mapped != null) {
            IoUtil.unmap(mapped);
        }
        channel.close();
        scratch.close();
    }

    /**
     * One block into the file.
     *
     * @param written counts bytes
     * @throws IOException when the disk fails
     */
    @Benchmark
    public void write(final Written written) throws IOException {
        nextBlock();
        switch (strategy) {
            case "mapped" -> {
                mappedBuffer.putBytes(fileIndex, source, sourceIndex, blockLength);
                if (sync) {
                    mapped.force(fileIndex, blockLength);
                }
            }
            case "direct" -> {
                staging.putBytes(0, source, sourceIndex, blockLength);
                writeFully(stagingMemory.clear().limit(blockLength));
            }
            default -> writeFully(sourceMemory.clear().limit(sourceIndex + blockLength).position(sourceIndex));
        }
        if (sync && mapped == null) {
            channel.force(false);
        }
        written.bytes += blockLength;
    }

    /**
     * One block to memory.
     *
     * @param written counts bytes
     * @return something of the copy, so that it is made
     */
    @Benchmark
    public byte baselineCopy(final Written written) {
        nextBlock();
        staging.putBytes(0, source, sourceIndex, blockLength);
        written.bytes += blockLength;
        return staging.getByte(blockLength - 1);
    }

    private void nextBlock() {
        fileIndex += blockLength;
        if (fileIndex + blockLength > fileLength) {
            fileIndex = 0;
        }
        sourceIndex += blockLength;
        if (sourceIndex + blockLength > SOURCE_LENGTH) {
            sourceIndex = 0;
        }
    }

    private void writeFully(final ByteBuffer block) throws IOException {
        int at = fileIndex;
        while (block.hasRemaining()) {
            at += channel.write(block, at);
        }
    }
}
