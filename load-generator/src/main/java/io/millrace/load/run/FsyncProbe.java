package io.millrace.load.run;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.HdrHistogram.Histogram;

/** How long a disk takes to make 4 KiB durable, tried in a file of its own. No state. */
final class FsyncProbe {
    private static final int LENGTH = 4096;

    private FsyncProbe() {
    }

    /**
     * {@return how long each sync took}
     *
     * @param directory to try in, made with its parents if it is not there
     * @param count     how often
     * @param limitNs   time after which it is enough
     * @throws IOException when it cannot be tried there
     */
    static Histogram run(final Path directory, final int count, final long limitNs) throws IOException {
        final Path file = Files.createTempFile(Files.createDirectories(directory), "millrace-fsync", ".probe");
        try {
            final Histogram times = new Histogram(3);
            final ByteBuffer block = ByteBuffer.allocateDirect(LENGTH);
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                final long beginNs = System.nanoTime();
                for (int i = 0; i < count && System.nanoTime() - beginNs < limitNs; i++) {
                    block.clear();
                    channel.write(block);
                    final long startNs = System.nanoTime();
                    channel.force(false);
                    times.recordValue(System.nanoTime() - startNs);
                }
            }
            return times;
        } finally {
            Files.deleteIfExists(file);
        }
    }
}
