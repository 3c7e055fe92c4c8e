package io.millrace.results.store;

import io.millrace.results.model.ResultsException;
import io.millrace.results.model.SweepResult;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Reads what a sweep says about its runs. */
public final class SweepReader {
    private SweepReader() {
    }

    /**
     * Looks beside the runs.
     *
     * @param runs of one experiment
     * @return null if the runs do not lie in one sweep's directory, or its document cannot be read
     */
    public static SweepResult beside(final List<RunData> runs) {
        final List<Path> parents = runs.stream().map(run -> run.dir().toAbsolutePath().getParent()).distinct().toList();
        final Path file = parents.size() == 1 && parents.get(0) != null ? parents.get(0).resolve(RunFiles.SWEEP) : null;
        try {
            return file != null && Files.isRegularFile(file)
                ? Json.read(file, SweepResult.class, SweepResult.SCHEMA) : null;
        } catch (final ResultsException ex) {
            return null; // the runs themselves say the rest
        }
    }
}
