package io.millrace.load.command;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A temporary directory that is gone after use.
 *
 * @param path of the directory
 */
record ScratchDirectory(Path path) implements AutoCloseable {
    static ScratchDirectory create() {
        try {
            return new ScratchDirectory(Files.createTempDirectory("millrace-bench"));
        } catch (final IOException ex) {
            throw new UncheckedIOException("cannot create a temporary directory", ex);
        }
    }

    @Override
    public void close() {
        try (Stream<Path> tree = Files.walk(path)) {
            final List<Path> deepestFirst = tree.sorted(Comparator.reverseOrder()).toList();
            for (final Path entry : deepestFirst) {
                Files.delete(entry);
            }
        } catch (final IOException ex) {
            throw new UncheckedIOException("cannot delete " + path, ex);
        }
    }
}
