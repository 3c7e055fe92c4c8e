package io.millrace.broker.metadata.cluster;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
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
