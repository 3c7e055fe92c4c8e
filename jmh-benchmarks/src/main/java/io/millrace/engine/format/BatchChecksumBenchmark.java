package io.millrace.engine.format;

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
import org.openjdk.jmh.annotations.Warmup;

/**
 * Question: what does checking a batch's CRC32C on arrival cost, compared with the one copy into the ring that the
 * batch pays anyway? Baseline: {@link #baselineCopy()}, that copy.
 *
 * <p>It hides cache misses: the batch is the same and lies in the cache; on a network thread it has just been read from
 * the socket, which is close to that.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 3, jvmArgsPrepend = {
    "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED", "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED"})
public class BatchChecksumBenchmark {
    private static final int ALIGNMENT = 64;

    /** Length of the whole batch. */
    @Param({"128", "1024", "16384"})
    private int length;

    private final Checksums checksums = new Checksums();
    private UnsafeBuffer batch;
    private UnsafeBuffer target;

    /** Fills the batch. */
    @Setup
    public void fill() {
        final ByteBuffer memory = BufferUtil.allocateDirectAligned(length, ALIGNMENT);
        batch = new UnsafeBuffer(memory);
        for (int i = 0; i < length; i++) {
            batch.putByte(i, (byte) (i * 31));
        }
        target = new UnsafeBuffer(BufferUtil.allocateDirectAligned(length, ALIGNMENT));
    }

    /**
     * {@return something of the copy, so that it is made}
     */
    @Benchmark
    public byte baselineCopy() {
        target.putBytes(0, batch, 0, length);
        return target.getByte(length - 1);
    }

    /**
     * {@return the batch's CRC}
     */
    @Benchmark
    public int batchCrc() {
        return checksums.batchCrc(batch, 0, length);
    }
}
