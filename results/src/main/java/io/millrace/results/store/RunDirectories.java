package io.millrace.results.store;

import io.millrace.results.model.ResultsException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Makes run directories. */
final class RunDirectories {
    private RunDirectories() {
    }

    /** Creates the directory with its parents; one that has something in it is refused. */
    static void createEmpty(final Path dir) {
        try {
            Files.createDirectories(dir);
            try (Stream<Path> content = Files.list(dir)) {
                if (content.findAny().isPresent()) {
                    throw new ResultsException("run directory " + dir + " is not empty and results are never "
                        + "overwritten; name another");
                }
            }
        } catch (final IOException ex) {
            throw new ResultsException("cannot create run directory " + dir + ": " + ex
                + "; check free space and permissions", ex);
        }
    }
}
