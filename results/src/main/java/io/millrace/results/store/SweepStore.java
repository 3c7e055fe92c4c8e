package io.millrace.results.store;

import io.millrace.results.model.SweepResult;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes and reads {@code sweep.json}, which stands beside {@code experiment.json}. */
public final class SweepStore {
    private SweepStore() {
    }

    /**
     * Writes or replaces the document; called whenever a run was added.
     *
     * @param dir   experiment directory; exists
     * @param sweep the document
     */
    public static void write(final Path dir, final SweepResult sweep) {
        Json.replace(dir.resolve(RunFiles.SWEEP), sweep);
    }

    /**
     * {@return true if the directory is that of a sweep}
     *
     * @param dir experiment directory
     */
    public static boolean isSweep(final Path dir) {
        return Files.isRegularFile(dir.resolve(RunFiles.SWEEP));
    }

    /**
     * Reads the document.
     *
     * @param dir experiment directory
     * @return the document
     */
    public static SweepResult read(final Path dir) {
        return Json.read(dir.resolve(RunFiles.SWEEP), SweepResult.class, SweepResult.SCHEMA);
    }
}
