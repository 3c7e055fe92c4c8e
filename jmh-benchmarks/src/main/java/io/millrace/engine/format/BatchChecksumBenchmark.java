package io.millrace.engine.format;

import io.millrace.engine.rig.Batches;
import io.millrace.engine.rig.Flags;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import org.agrona.BitUtil;
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
 * Question: what does checking a batch's CRC32C on arrival cost, and what the frame's header CRC in the drain, compared
 * with the one copy into the ring that the batch pays anyway? And does it matter whether the batch lies on the heap?
 * Baselines: {@link #baselineCopy()}, that copy; {@link #baselineCrc32()}, the older CRC32 over the same bytes.
 *
 * <p>It hides cache misses: the batch is the same and lies in the cache; on a network thread it has just been read from
 * the socket, which is close to that. In the drain it comes from another core.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 3, jvmArgsPrepend = {Flags.OPEN_MISC, Flags.OPEN_NIO, Flags.HEAP_MIN, Flags.HEAP_MAX})
public class BatchChecksumBenchmark {
    /** Length of the whole batch. */
    @Param({"128", "1024", "16384", "1048576"})
    public int length;

    /** Where it lies: {@code direct} memory or the {@code heap}. */
    @Param({"direct", "heap"})
    public String memory;

    private final Checksums checksums = new Checksums();
    private final CRC32 crc32 = new CRC32();
    private UnsafeBuffer frame;
    private UnsafeBuffer target;

    /** Makes a frame. */
    @Setup
    public void fill() {
        final int frameLength = FrameDescriptor.HEADER_LENGTH + length;
        frame = memory.equals("heap") ? new UnsafeBuffer(new byte[frameLength])
            : new UnsafeBuffer(BufferUtil.allocateDirectAligned(frameLength, BitUtil.CACHE_LINE_LENGTH));
        frame.putInt(0, frameLength);
        frame.putInt(Integer.BYTES, FrameDescriptor.TYPE_BATCH);
        frame.putBytes(FrameDescriptor.HEADER_LENGTH, Batches.ofLength(length), 0, length);
        target = new UnsafeBuffer(BufferUtil.allocateDirectAligned(length, BitUtil.CACHE_LINE_LENGTH));
    }

    /**
     * {@return something of the copy, so that it is made}
     */
    @Benchmark
    public byte baselineCopy() {
        target.putBytes(0, frame, FrameDescriptor.HEADER_LENGTH, length);
        return target.getByte(length - 1);
    }

    /**
     * {@return the older checksum}
     */
    @Benchmark
    public long baselineCrc32() {
        crc32.reset();
        if (frame.byteArray() != null) {
            crc32.update(frame.byteArray(), FrameDescriptor.HEADER_LENGTH, length);
        } else {
            crc32.update(frame.byteBuffer().clear().position(
                frame.wrapAdjustment() + FrameDescriptor.HEADER_LENGTH));
        }
        return crc32.getValue();
    }

    /**
     * {@return the batch's CRC}
     */
    @Benchmark
    public int batchCrc() {
        return checksums.batchCrc(frame, FrameDescriptor.HEADER_LENGTH, length);
    }

    /**
     * {@return the header CRC of the frame}
     */
    @Benchmark
    public int frameCrc() {
        return checksums.frameCrc(frame, 0);
    }
}
