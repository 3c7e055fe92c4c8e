package io.millrace.results.command;

import io.millrace.results.model.Experiment;
import io.millrace.results.model.ResultsException;
import io.millrace.results.model.RunDocument;
import io.millrace.results.statistics.ControlFit;
import io.millrace.results.store.ExperimentData;
import io.millrace.results.store.ExperimentReader;
import io.millrace.results.store.ExperimentStore;
import io.millrace.results.store.RunData;
import io.millrace.results.store.RunFiles;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Finds the control of a comparison: an experiment whose two sides are the same, made together with one of the compared
 * ones or lying beside it, on the same machine. What its sides differ by is no difference. Callers' thread.
 */
final class Controls {
    /** Entries of a directory that are looked at; one with more is no place where results are kept. */
    private static final int MAX_BESIDE = 500;

    private Controls() {
    }

    /**
     * What is there.
     *
     * @param dir       the control to take, null without one
     * @param objection a sentence on the newest one that is there but is not taken; null if one is, or there is none
     */
    record Choice(Path dir, String objection) {
    }

    /**
     * Looks for a control.
     *
     * @param compared what was named
     * @param data     what was read of it
     * @param base     runs of the side that is the measure
     * @return the one made with it, or the newest beside it that fits the base side
     */
    static Choice find(final List<Path> compared, final List<ExperimentData> data, final List<RunData> base) {
        if (data.stream().allMatch(side -> side.runs().isEmpty())
            || data.stream().anyMatch(side -> Experiment.CONTROL.equals(side.experiment().kind()))) {
            return new Choice(null, null); // JMH has none, and a control is not measured by another
        }
        final Set<Path> dirs = compared.stream().map(dir -> dir.toAbsolutePath().normalize())
            .collect(Collectors.toSet());
        final List<Path> within = dirs.stream().map(dir -> dir.resolve(RunFiles.CONTROL)).filter(Controls::isControl)
            .toList();
        final Set<String> machines = data.stream().map(Controls::machines).flatMap(Set::stream)
            .collect(Collectors.toSet());
        final List<Path> candidates = new ArrayList<>(within.isEmpty() ? beside(dirs) : within);
        candidates.removeIf(dirs::contains);
        candidates.sort(Comparator.comparing((Path dir) -> ExperimentStore.read(dir).started()).reversed());
        String objection = null;
        for (final Path dir : candidates) {
            final ExperimentData control = readFrom(dir, machines);
            final String found = control == null ? null : ControlFit.objection(control, base);
            if (control != null && found == null) {
                return new Choice(dir, null);
            }
            if (objection == null && found != null) {
                objection = "The control in " + dir + " is not taken by itself: " + found + ". Name it with --aa to "
                    + "take it all the same.";
            }
        }
        return new Choice(null, objection);
    }

    private static List<Path> beside(final Set<Path> dirs) {
        final List<Path> found = new ArrayList<>();
        for (final Path home : dirs.stream().map(Path::getParent).filter(Objects::nonNull).distinct().toList()) {
            try (Stream<Path> entries = Files.list(home)) {
                entries.limit(MAX_BESIDE).filter(Controls::isControl).forEach(found::add);
            } catch (final IOException ex) {
                continue; // what cannot be listed has no control
            }
        }
        return found;
    }

    private static boolean isControl(final Path dir) {
        try {
            return Files.isRegularFile(dir.resolve(RunFiles.EXPERIMENT))
                && Experiment.CONTROL.equals(ExperimentStore.read(dir).kind());
        } catch (final ResultsException ex) {
            return false; // nobody named it, so its damage is nobody's concern here
        }
    }

    /** Null if it comes from another machine, or cannot be read. */
    private static ExperimentData readFrom(final Path dir, final Set<String> machines) {
        try {
            final ExperimentData control = machines.size() == 1 ? ExperimentReader.read(List.of(dir)) : null;
            return control != null && machines.equals(machines(control)) ? control : null;
        } catch (final ResultsException ex) {
            return null;
        }
    }

    private static Set<String> machines(final ExperimentData data) {
        return data.runs().stream().map(run -> run.document()).map(RunDocument::env).filter(Objects::nonNull)
            .map(env -> env.fingerprint()).filter(Objects::nonNull).collect(Collectors.toSet());
    }
}
