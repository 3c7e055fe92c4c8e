package io.millrace.engine.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Holds a data directory for one process. The lock goes with the process, however it ends.
 */
public final class DirectoryLock implements AutoCloseable {
    /** Name of the locked file in the directory; it stays when the lock is let go. */
    public static final String FILE_NAME = ".lock";

    private final FileChannel channel;
    private final FileLock lock;

    private DirectoryLock(final FileChannel channel, final FileLock lock) {
        this.channel = channel;
        this.lock = lock;
    }

    /**
     * Locks a directory, making it if it is missing.
     *
     * @param directory to hold
     * @return the lock, to be closed at the end
     * @throws IOException when another process holds it or it cannot be made
     */
    public static DirectoryLock acquire(final Path directory) throws IOException {
        Files.createDirectories(directory);
        final FileChannel channel = FileChannel.open(directory.resolve(FILE_NAME),
            StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        final FileLock lock = lockOrClose(channel, false);
        if (lock == null) {
            throw new IOException("data directory is in use by another broker: directory="
                + directory.toAbsolutePath() + "; stop that broker or give this one a directory of its own");
        }
        return new DirectoryLock(channel, lock);
    }

    /**
     * Keeps nodes out of a directory while a tool reads it; nothing is written. Several tools may do so at a time.
     *
     * @param directory of a node
     * @return the lock, to be closed at the end; null when no node has ever locked the directory
     * @throws IOException when a node holds it
     */
    public static DirectoryLock shareIfPresent(final Path directory) throws IOException {
        final Path file = directory.resolve(FILE_NAME);
        if (!Files.isRegularFile(file)) {
            return null;
        }
        final FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        final FileLock lock = lockOrClose(channel, true);
        if (lock == null) {
            throw new IOException("data directory is in use by a running node: directory="
                + directory.toAbsolutePath());
        }
        return new DirectoryLock(channel, lock);
    }

    /** {@return the lock, null when somebody else holds it; the channel is closed then, and after an error} */
    private static FileLock lockOrClose(final FileChannel channel, final boolean isShared) throws IOException {
        FileLock lock = null;
        try {
            lock = channel.tryLock(0, Long.MAX_VALUE, isShared);
        } catch (final OverlappingFileLockException ex) {
            lock = null; // held by this very process
        } finally {
            if (lock == null) {
                channel.close();
            }
        }
        return lock;
    }

    @Override
    public void close() throws IOException {
        if (channel.isOpen()) {
            try {
                lock.release();
            } finally {
                channel.close();
            }
        }
    }
}
