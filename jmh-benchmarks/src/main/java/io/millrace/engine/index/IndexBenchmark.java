package io.millrace.engine.index;

import io.millrace.engine.io.FileLogStorage;
import io.millrace.engine.rig.Flags;
import io.millrace.engine.rig.Scratch;
import java.io.IOException;
import java.util.Arrays;
import java.util.SplittableRandom;
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
 * Question: what does the index cost per batch when the engine thread adds it, and how long does a fetch look for its
 * first batch, in the segment being written and in a sealed one, whose entries lie in a file? Offsets are asked for at
 * random, partitions in turn. Baseline: {@link #baselineBinarySearch}, a binary search in a plain array of as many
 * offsets.
 *
 * <p>What it hides: the index file lies in the page cache; a segment of 64 MiB holds 64,000 batches of 1 KiB, 400,000
 * of 128 bytes.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 3, jvmArgsPrepend = {Flags.OPEN_MISC, Flags.OPEN_NIO, Flags.HEAP_MIN, Flags.HEAP_MAX})
public class IndexBenchmark {
    private static final String NAME = "00000000000000000000.index";
    private static final int BATCH_LENGTH = 1024;
    private static final int RECORD_COUNT = 8;
    private static final int QUESTION_COUNT = 4096;
    private static final int LAST_FRAME_CRC = 1;

    /** Batches in the segment. */
    @Param({"1024", "65536"})
    public int entryCount;

    /** Partitions that they belong to, in turns. */
    @Param({"1", "100"})
    public int partitionCount;

    private final IndexEntry entry = new IndexEntry();
    private Scratch scratch;
    private MemoryIndex growing;
    private MemoryIndex memory;
    private SealedIndex sealed;
    private long[] offsets;
    private long[] questions;
    private int addedCount;
    private int askedCount;

    /**
     * Fills the indexes.
     *
     * @throws IOException when the folder cannot be written
     */
    @Setup
    public void open() throws IOException {
        scratch = new Scratch("index");
        growing = new MemoryIndex();
        memory = new MemoryIndex();
        for (int i = 0; i < entryCount; i++) {
            add(memory, i);
        }
        sealed = SealedIndex.seal(new FileLogStorage(scratch.directory()), NAME, memory, 0,
            (long)entryCount * BATCH_LENGTH, LAST_FRAME_CRC);
        final int countOfEach = Math.max(1, entryCount / partitionCount);
        offsets = new long[countOfEach];
        for (int i = 0; i < countOfEach; i++) {
            offsets[i] = (long)i * RECORD_COUNT;
        }
        final SplittableRandom random = new SplittableRandom(entryCount);
        questions = new long[QUESTION_COUNT];
        for (int i = 0; i < QUESTION_COUNT; i++) {
            questions[i] = random.nextLong((long)countOfEach * RECORD_COUNT);
        }
    }

    /**
     * Removes the index file.
     *
     * @throws Exception when that fails
     */
    @TearDown
    public void close() throws Exception {
        sealed.close();
        scratch.close();
    }

    private void add(final MemoryIndex index, final int i) {
        final long baseOffset = (long)(i / partitionCount) * RECORD_COUNT;
        index.add(i % partitionCount, baseOffset, baseOffset + RECORD_COUNT, (long)i * BATCH_LENGTH, BATCH_LENGTH, i);
    }

    /** One batch into the index of the segment being written; when it is full it is cleared for the next one. */
    @Benchmark
    public void add() {
        if (addedCount == entryCount) {
            growing.clear();
            addedCount = 0;
        }
        add(growing, addedCount++);
    }

    /**
     * {@return position of the batch with an offset, in the segment being written}
     *
     * @throws IOException never
     */
    @Benchmark
    public long findInMemory() throws IOException {
        return find(memory);
    }

    /**
     * {@return position of the batch with an offset, in a sealed segment}
     *
     * @throws IOException when the file cannot be read
     */
    @Benchmark
    public long findSealed() throws IOException {
        return find(sealed);
    }

    private long find(final SegmentIndex index) throws IOException {
        final int asked = askedCount++ & QUESTION_COUNT - 1;
        final int partitionId = asked % partitionCount;
        final int found = index.firstEntryEndingAfterOffset(partitionId, questions[asked], entry);
        index.load(partitionId, found, entry);
        return entry.position();
    }

    /** {@return index of an offset in an array} */
    @Benchmark
    public int baselineBinarySearch() {
        return Arrays.binarySearch(offsets, questions[askedCount++ & QUESTION_COUNT - 1]);
    }
}
