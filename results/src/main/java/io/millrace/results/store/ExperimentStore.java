package io.millrace.results.store;

import io.millrace.results.model.Experiment;
import io.millrace.results.model.ResultsException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes and reads {@code experiment.json}, the document above the run directories of one experiment. */
public final class ExperimentStore {
    private ExperimentStore() {
    }

    /**
     * Writes or replaces the document; called at the start and again whenever a run was added.
     *
     * @param dir        experiment directory, created if absent
     * @param experiment the document
     */
    public static void write(final Path dir, final Experiment experiment) {
        try {
            Files.createDirectories(dir);
        } catch (final IOException ex) {
            throw new ResultsException("cannot create experiment directory " + dir + ": " + ex
                + "; check free space and permissions", ex);
        }
        Json.replace(dir.resolve(RunFiles.EXPERIMENT), experiment);
    }

    /**
     * Reads the document.
     *
     * @param dir experiment directory
     * @return the document
     */
    public static Experiment read(final Path dir) {
        return Json.read(dir.resolve(RunFiles.EXPERIMENT), Experiment.class, Experiment.SCHEMA);
    }
}
