package io.millrace.targets.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.stream.Stream;

/**
 * Where a system keeps its data for a run: a new directory, deleted at the end unless it is in the user's own.
 *
 * @param path  of the directory
 * @param isOwn true if it is deleted at the end
 */
public record RunDirectory(Path path, boolean isOwn) implements AutoCloseable {
    private static final long MAX_LOG_LENGTH = 16 << 20;

    /**
     * Makes the directory. Not in the temporary directory, which on many machines is memory or another disk.
     *
     * @param asked the user's, null for one that is deleted at the end
     * @param name  of the system
     * @return the directory
     */
    public static RunDirectory open(final Path asked, final String name) {
        try {
            if (asked != null) {
                // one of its own for each start: runs of a comparison follow one another and keep what they wrote
                final Path path = asked.toAbsolutePath();
                Files.createDirectories(path);
                return new RunDirectory(Files.createTempDirectory(path, name + "-"), false);
            }
            final Path home = Path.of(System.getProperty("user.home"), ".millrace");
            Files.createDirectories(home);
            return new RunDirectory(Files.createTempDirectory(home, "bench-" + name + "-"), true);
        } catch (final IOException ex) {
            throw new UncheckedIOException("cannot make a directory for " + name, ex);
        }
    }

    /**
     * Copies what the processes printed and logged.
     *
     * @param logsDir takes the files
     */
    public void copyLogs(final Path logsDir) {
        try (Stream<Path> files = Files.find(path, 3, (file, attributes) -> attributes.isRegularFile()
            && file.getFileName().toString().matches(".*(\\.out|\\.conf|server\\.properties|-gc\\.log)")
            && attributes.size() < MAX_LOG_LENGTH)) {
            Files.createDirectories(logsDir);
            for (final Path file : (Iterable<Path>) files::iterator) {
                Files.copy(file, logsDir.resolve(path.relativize(file).toString().replace('/', '-')),
                    java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (final IOException | UncheckedIOException ex) {
            return; // logs are a help, no part of the result
        }
    }

    @Override
    public void close() {
        if (!isOwn || !Files.exists(path)) {
            return;
        }
        try {
            Files.walkFileTree(path, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(final Path file, final BasicFileAttributes attributes)
                    throws IOException {
                    Files.deleteIfExists(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(final Path file, final IOException failure) {
                    return FileVisitResult.CONTINUE; // gone meanwhile; what remains is said below
                }

                @Override
                public FileVisitResult postVisitDirectory(final Path folder, final IOException failure)
                    throws IOException {
                    Files.delete(folder);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (final IOException ex) {
            throw new UncheckedIOException("cannot delete " + path + " of a system that was started for this run; "
                + "delete it by hand", ex);
        }
    }
}
