package io.millrace.meter;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Another process's meter, as it is at each call; also after that process has ended. Owned by one thread.
 *
 * <p>The file is mapped read-only, and only if it has the length and the header of one this build understands.
 */
public final class MeterView {
    private final MappedByteBuffer mapped;

    private MeterView(final MappedByteBuffer mapped) {
        this.mapped = mapped;
    }

    /**
     * {@return the meter of a process; null when it has none, or belongs to another user}
     *
     * @param processId of the process
     */
    public static MeterView ofProcess(final long processId) {
        return ofProcess(Path.of("/proc"), processId);
    }

    /**
     * {@return the meter of a process; null when it has none, or belongs to another user}
     *
     * @param proc      where the system tells of processes, /proc but in a test
     * @param processId of the process
     */
    public static MeterView ofProcess(final Path proc, final long processId) {
        try (DirectoryStream<Path> files =
            Files.newDirectoryStream(proc.resolve(Long.toString(processId)).resolve("fd"))) {
            for (final Path file : files) {
                if (isMeter(file)) {
                    final MeterView view = open(file);
                    if (view != null && view.processId() == processId) {
                        return view;
                    }
                }
            }
        } catch (final IOException | RuntimeException ex) {
            return null; // another system, another user's process, or gone
        }
        return null;
    }

    /** {@return a view of a file, null if it is no meter that can be read} */
    static MeterView open(final Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            if (channel.size() != MeterFile.LENGTH) {
                return null;
            }
            final MappedByteBuffer mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, MeterFile.LENGTH);
            mapped.order(ByteOrder.nativeOrder());
            return mapped.getLong(MeterFile.MAGIC_INDEX) == MeterFile.MAGIC
                && mapped.getInt(MeterFile.VERSION_INDEX) == MeterFile.VERSION
                && mapped.getInt(MeterFile.BUCKET_COUNT_INDEX) == Buckets.COUNT ? new MeterView(mapped) : null;
        } catch (final IOException ex) {
            return null;
        }
    }

    /** {@return the process that writes it, or wrote it} */
    public long processId() {
        return mapped.getLong(MeterFile.PID_INDEX);
    }

    /**
     * {@return whether the process keeps this timing}
     *
     * @param timing which
     */
    public boolean has(final Timing timing) {
        return ((long) MeterFile.LONGS.getVolatile(mapped, MeterFile.FLAGS_INDEX) & 1L << timing.ordinal()) != 0;
    }

    /**
     * {@return a figure as it was brought up to date last, 0 if it never was}
     *
     * @param figure which
     */
    public long get(final Figure figure) {
        return (long) MeterFile.LONGS.getVolatile(mapped, MeterFile.indexOf(figure));
    }

    /**
     * {@return how often each bucket was counted since the start}
     *
     * @param timing which
     */
    public long[] counts(final Timing timing) {
        final long[] counts = new long[Buckets.COUNT];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = (long) MeterFile.LONGS.getVolatile(mapped, MeterFile.indexOf(timing, i));
        }
        return counts;
    }

    /** A name that was taken away is followed by " (deleted)" where the system tells it at all. */
    private static boolean isMeter(final Path file) {
        try {
            final String target = Files.readSymbolicLink(file).toString();
            return target.substring(target.lastIndexOf('/') + 1).startsWith(MeterFile.NAME_PREFIX);
        } catch (final IOException ex) {
            return false; // closed meanwhile
        }
    }
}
