package io.millrace.meter;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * What this process tells of itself, in shared memory. Any thread may record; each record is one atomic addition, so a
 * reader's figures only ever grow.
 *
 * <pre>
 *   0        8         12         16      24         32            40
 *  +--------+---------+----------+-------+----------+-------------+--------------------------------------+
 *  | magic  | version | buckets  | pid   | startedMs| flags       | figures, then timings: 8 bytes each  |
 *  +--------+---------+----------+-------+----------+-------------+--------------------------------------+
 * </pre>
 *
 * <p>Bit n of the flags says that timing n is kept. The byte order is the machine's. The file loses its name as soon as
 * it is mapped: it goes with the process, however that ends, and until then is found below {@code /proc/PID/fd}.
 */
public final class MeterFile implements AutoCloseable {
    /** Begins the name that is seen below {@code /proc/PID/fd}. */
    static final String NAME_PREFIX = "millrace-meter-";

    static final long MAGIC = 0x5245_5445_4d52_4c4dL; // "MLRMETER" in ASCII
    static final int VERSION = 1;
    static final int MAGIC_INDEX = 0;
    static final int VERSION_INDEX = 8;
    static final int BUCKET_COUNT_INDEX = 12;
    static final int PID_INDEX = 16;
    static final int STARTED_MS_INDEX = 24;
    static final int FLAGS_INDEX = 32;
    static final int FIGURES_INDEX = 40;
    static final int TIMINGS_INDEX = FIGURES_INDEX + Figure.values().length * Long.BYTES;
    static final int TIMING_LENGTH = Buckets.COUNT * Long.BYTES;
    static final int LENGTH = TIMINGS_INDEX + Timing.values().length * TIMING_LENGTH;

    static final VarHandle LONGS =
        MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private static final Path SHARED_MEMORY = Path.of("/dev/shm");

    private final FileChannel channel; // open as long as the meter is: its descriptor is how readers find it
    private final MappedByteBuffer mapped;
    private final long startedMs;

    private MeterFile(final FileChannel channel, final MappedByteBuffer mapped, final long startedMs) {
        this.channel = channel;
        this.mapped = mapped;
        this.startedMs = startedMs;
    }

    /**
     * Makes the file of this process, in memory where there is such a file system: a store to a page that a disk is
     * being given would wait for it.
     *
     * @return the open file
     * @throws IOException when there is no room or no right to write
     */
    public static MeterFile create() throws IOException {
        return create(Files.isWritable(SHARED_MEMORY) ? SHARED_MEMORY : Path.of(System.getProperty("java.io.tmpdir")));
    }

    static MeterFile create(final Path directory) throws IOException {
        final Path path = Files.createTempFile(directory, NAME_PREFIX + ProcessHandle.current().pid() + "-", "");
        FileChannel channel = null;
        try {
            channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
            // really written: a hole for which there is no room would end the process on the first store
            final ByteBuffer zeros = ByteBuffer.allocate(LENGTH);
            while (zeros.hasRemaining()) {
                channel.write(zeros);
            }
            final MappedByteBuffer mapped = channel.map(FileChannel.MapMode.READ_WRITE, 0, LENGTH);
            mapped.order(ByteOrder.nativeOrder());
            final long startedMs = System.currentTimeMillis();
            mapped.putLong(MAGIC_INDEX, MAGIC);
            mapped.putInt(BUCKET_COUNT_INDEX, Buckets.COUNT);
            mapped.putLong(PID_INDEX, ProcessHandle.current().pid());
            mapped.putLong(STARTED_MS_INDEX, startedMs);
            mapped.putInt(VERSION_INDEX, VERSION);
            return new MeterFile(channel, mapped, startedMs);
        } catch (final IOException | RuntimeException ex) {
            if (channel != null) {
                channel.close();
            }
            throw ex;
        } finally {
            Files.deleteIfExists(path);
        }
    }

    /**
     * Says that a timing is kept, even if nothing was recorded yet.
     *
     * @param timing of this process
     */
    public void keeps(final Timing timing) {
        LONGS.getAndBitwiseOr(mapped, FLAGS_INDEX, 1L << timing.ordinal());
    }

    /**
     * Counts one time.
     *
     * @param timing what was timed
     * @param ns     how long it took
     */
    public void record(final Timing timing, final long ns) {
        LONGS.getAndAdd(mapped, indexOf(timing, Buckets.indexOf(ns)), 1L);
    }

    /**
     * Brings a figure up to date.
     *
     * @param figure which
     * @param value  of it
     */
    public void set(final Figure figure, final long value) {
        LONGS.setRelease(mapped, indexOf(figure), value);
    }

    /** {@return milliseconds since the file was made, by the wall clock} */
    long ageMs() {
        return System.currentTimeMillis() - startedMs;
    }

    static int indexOf(final Figure figure) {
        return FIGURES_INDEX + figure.ordinal() * Long.BYTES;
    }

    static int indexOf(final Timing timing, final int bucket) {
        return TIMINGS_INDEX + timing.ordinal() * TIMING_LENGTH + bucket * Long.BYTES;
    }

    /** Readers find it no more; whoever has it open goes on seeing the last values. */
    @Override
    public void close() throws IOException {
        channel.close();
    }
}
