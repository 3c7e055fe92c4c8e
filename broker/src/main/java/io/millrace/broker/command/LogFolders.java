package io.millrace.broker.command;

import io.millrace.engine.io.DirectoryLock;
import io.millrace.engine.segment.SegmentNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.agrona.CloseHelper;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * The shard directories that a command line names, with every running node kept out of them. Owned by the main thread.
 */
final class LogFolders implements AutoCloseable {
    private final CommandLine commandLine;
    private final List<Path> shards = new ArrayList<>();
    private final List<DirectoryLock> locks = new ArrayList<>();

    LogFolders(final CommandLine commandLine) {
        this.commandLine = commandLine;
    }

    /** {@return the shard directories: those named, and those of the nodes named} */
    List<Path> shards() {
        return shards;
    }

    /** Takes a shard's directory, or a node's with all its shards. */
    void add(final Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            throw new ParameterException(commandLine, "not a directory: " + directory);
        }
        final List<Path> found = new ArrayList<>();
        if (isShard(directory)) {
            found.add(directory);
        } else {
            try (Stream<Path> inside = Files.list(directory)) {
                for (final Path path : inside.sorted().toList()) {
                    if (Files.isDirectory(path) && isShard(path)) {
                        found.add(path);
                    }
                }
            }
        }
        if (found.isEmpty()) {
            throw new ParameterException(commandLine, "no shard log there: " + directory + "; name a node's data "
                + "directory (its log.dirs) or one of its shard-N folders");
        }
        shards.addAll(found);
    }

    private static boolean isShard(final Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(path -> path.getFileName().toString()).anyMatch(name ->
                name.equals(SegmentNames.CHECKPOINT) || SegmentNames.basePosition(name, SegmentNames.LOG_SUFFIX) >= 0);
        }
    }

    /** Fails when a node runs on any of them; keeps nodes from starting there until this is closed. */
    void lock() throws IOException {
        final TreeSet<Path> folders = new TreeSet<>();
        for (final Path shard : shards) {
            final Path absolute = shard.toAbsolutePath().normalize();
            folders.add(absolute);
            if (absolute.getParent() != null) {
                folders.add(absolute.getParent());
            }
        }
        for (final Path folder : folders) {
            final DirectoryLock lock;
            try {
                lock = DirectoryLock.shareIfPresent(folder);
            } catch (final IOException ex) {
                throw new ParameterException(commandLine, ex.getMessage()
                    + "; stop that node, or use --live to look beside it", ex);
            }
            if (lock != null) {
                locks.add(lock);
            }
        }
    }

    @Override
    public void close() {
        CloseHelper.closeAll(locks);
    }
}
