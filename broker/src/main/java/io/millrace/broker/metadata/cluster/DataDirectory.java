package io.millrace.broker.metadata.cluster;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.agrona.CloseHelper;

/**
 * Claims the home of the Raft log for one process. Owned by the metadata thread.
 *
 * <p>With the lock held, mark files left over by a killed process are removed: Aeron would otherwise refuse to start
 * until they are ten seconds old. Nothing of value is in them; term and vote are in the node state file.
 */
final class DataDirectory implements AutoCloseable {
    private static final String LOCK_NAME = ".lock";
    private static final String FORMAT_NAME = "format";
    /** Of the commands and snapshots in the log: a state machine of other rules would make something else of them. */
    private static final String FORMAT = "2";

    private final ClusterMetadataConfiguration configuration;
    private FileChannel channel;
    private FileLock lock;

    DataDirectory(final ClusterMetadataConfiguration configuration) {
        this.configuration = configuration;
    }

    void open() {
        final File dir = configuration.dataDir();
        try {
            Files.createDirectories(dir.toPath());
            channel = FileChannel.open(
                new File(dir, LOCK_NAME).toPath(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            lock = tryLock();
            if (lock == null) {
                throw new IllegalStateException("another process uses the metadata directory " + dir
                    + ": stop it, or name another directory");
            }
            checkFormat(dir);
            deleteMarks(new File(dir, "archive"));
            deleteMarks(ClusterContexts.clusterDir(configuration));
        } catch (final IOException ex) {
            throw new UncheckedIOException("cannot use the metadata directory " + dir, ex);
        }
    }

    private FileLock tryLock() throws IOException {
        try {
            return channel.tryLock();
        } catch (final OverlappingFileLockException ex) {
            return null;
        }
    }

    private static void checkFormat(final File dir) throws IOException {
        final Path file = dir.toPath().resolve(FORMAT_NAME);
        final boolean present = Files.exists(file);
        final String format = present ? Files.readString(file, StandardCharsets.US_ASCII).trim() : "1";
        if (!format.equals(FORMAT) && (present || new File(dir, "archive").exists())) {
            throw new IllegalStateException("the metadata in " + dir + " has format " + format + ", only " + FORMAT
                + " is understood: run the version of millrace that wrote it; nothing was changed");
        }
        if (!present) {
            Files.writeString(file, FORMAT + "\n", StandardCharsets.US_ASCII);
            try (FileChannel written = FileChannel.open(file, StandardOpenOption.WRITE)) {
                written.force(true);
            }
        }
    }

    private static void deleteMarks(final File dir) throws IOException {
        final File[] files = dir.listFiles((parent, name) -> name.contains("-mark"));
        if (files != null) {
            for (final File file : files) {
                Files.delete(file.toPath());
            }
        }
    }

    @Override
    public void close() {
        CloseHelper.quietCloseAll(lock, channel);
    }
}
