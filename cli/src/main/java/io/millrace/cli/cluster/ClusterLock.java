package io.millrace.cli.cluster;

import io.millrace.cli.exit.UserError;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;

/** Held while a command changes a cluster, so that two do not race; the kernel drops it with its process. */
final class ClusterLock implements AutoCloseable {
    private final FileChannel channel;

    private ClusterLock(final FileChannel channel) {
        this.channel = channel;
    }

    static ClusterLock acquire(final ClusterLayout layout) throws IOException {
        Files.createDirectories(layout.directory());
        final FileChannel channel =
            FileChannel.open(layout.lockFile(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = null;
        try {
            lock = channel.tryLock();
        } catch (final OverlappingFileLockException heldByThisProcess) {
            lock = null;
        } finally {
            if (lock == null) {
                channel.close();
            }
        }
        if (lock == null) {
            throw new UserError("another 'millrace cluster' command is at work in " + layout.directory(),
                "Wait for it to end, then try again; 'millrace cluster status' shows the brokers meanwhile.");
        }
        return new ClusterLock(channel);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
