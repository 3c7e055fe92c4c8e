package io.millrace.build;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The project's files, without what builds and runs leave behind. */
final class SourceTree {
    private static final Set<String> LEFT_OUT = Set.of(".git", "target", "data", ".idea", ".mvn");

    private SourceTree() {
    }

    /** {@return the directory of the parent pom} */
    static Path root() {
        Path directory = Path.of("").toAbsolutePath();
        while (directory != null && !Files.isRegularFile(directory.resolve("millrace"))) {
            directory = directory.getParent();
        }
        if (directory == null) {
            throw new AssertionError("no directory above " + Path.of("").toAbsolutePath() + " holds the launcher");
        }
        return directory;
    }

    static List<Path> files() {
        try (Stream<Path> top = Files.list(root())) {
            return top.sorted().flatMap(SourceTree::below).toList();
        } catch (final IOException ex) {
            throw new UncheckedIOException(ex);
        }
    }

    private static Stream<Path> below(final Path path) {
        if (LEFT_OUT.contains(path.getFileName().toString()) || path.endsWith("results/runs")) {
            return Stream.empty();
        }
        if (!Files.isDirectory(path)) {
            return Stream.of(path);
        }
        try (Stream<Path> children = Files.list(path)) {
            return children.sorted().toList().stream().flatMap(SourceTree::below);
        } catch (final IOException ex) {
            throw new UncheckedIOException(ex);
        }
    }

    static String read(final Path file) {
        try {
            return Files.readString(file);
        } catch (final IOException ex) {
            throw new UncheckedIOException(file.toString(), ex);
        }
    }
}
