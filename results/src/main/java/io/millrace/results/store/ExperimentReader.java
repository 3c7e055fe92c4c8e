package io.millrace.results.store;

import io.millrace.results.model.Experiment;
import io.millrace.results.model.ResultsException;
import io.millrace.results.model.RunDocument;
import io.millrace.results.model.RunKind;
import io.millrace.results.model.RunParams;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Gathers runs from experiment directories and run directories. */
public final class ExperimentReader {
    private static final double DEFAULT_THRESHOLD = 0.05;

    private ExperimentReader() {
    }

    /**
     * Reads everything named. A damaged run inside an experiment becomes a problem; one named itself is an error.
     *
     * @param dirs run directories, directories with runs in them, or JSON files of JMH
     * @return the runs with their sides
     * @throws ResultsException if a directory has neither, or nothing at all could be read
     */
    public static ExperimentData read(final List<Path> dirs) {
        final List<RunData> runs = new ArrayList<>();
        final List<JmhRun> jmhRuns = new ArrayList<>();
        final List<String> problems = new ArrayList<>();
        final List<Experiment> experiments = new ArrayList<>();
        for (final Path named : dirs) {
            final Path dir = named.toAbsolutePath().normalize();
            if (Files.isRegularFile(dir) && dir.toString().endsWith(".json")) {
                jmhRuns.add(JmhRunReader.readFile(dir));
            } else if (!RunReader.isRunDirectory(dir)) {
                readExperiment(dir, runs, jmhRuns, problems, experiments);
            } else if (RunReader.document(dir).kind().equals(RunKind.JMH)) {
                jmhRuns.add(JmhRunReader.read(dir));
            } else {
                runs.add(RunReader.read(dir));
            }
        }
        final Set<String> runIds = new HashSet<>();
        runs.removeIf(run -> !runIds.add(run.document().runId())); // named twice: counts once
        jmhRuns.removeIf(run -> !runIds.add(run.document().runId()));
        runs.sort(Comparator.comparing(run -> run.document().started()));
        jmhRuns.sort(Comparator.comparing(run -> run.document().started()));
        if (runs.isEmpty()) {
            return new ExperimentData(ofJmh(jmhRuns.get(0).document()), runs, jmhRuns, List.copyOf(problems), null);
        }
        final List<RunData> sided = withLegs(runs, legLabels(runs, experiments));
        final ExperimentData control = dirs.size() == 1 ? control(dirs.get(0), problems) : null;
        return new ExperimentData(experiment(sided, experiments), sided, jmhRuns, List.copyOf(problems), control);
    }

    /** A control that cannot be read is left out as a run is. */
    private static ExperimentData control(final Path dir, final List<String> problems) {
        final Path control = dir.resolve(RunFiles.CONTROL);
        if (!Files.isRegularFile(control.resolve(RunFiles.EXPERIMENT))) {
            return null;
        }
        try {
            return read(List.of(control));
        } catch (final ResultsException ex) {
            problems.add(ex.getMessage());
            return null;
        }
    }

    private static void readExperiment(
        final Path dir, final List<RunData> runs, final List<JmhRun> jmhRuns, final List<String> problems,
        final List<Experiment> experiments) {
        if (!Files.isDirectory(dir)) {
            throw new ResultsException(dir + (Files.exists(dir) ? " is a file" : " does not exist")
                + "; name the directory that millrace bench or millrace jmh wrote");
        }
        final Set<Path> runDirs = new LinkedHashSet<>();
        final boolean isExperiment = Files.exists(dir.resolve(RunFiles.EXPERIMENT));
        if (isExperiment) {
            final Experiment experiment = withoutNulls(ExperimentStore.read(dir));
            experiments.add(experiment);
            experiment.runs().forEach(name -> runDirs.add(inside(dir, name)));
        }
        final Set<Path> listed = Set.copyOf(runDirs);
        // Also what is not listed: the process may have died before it updated the list.
        try (Stream<Path> below = Files.find(dir, 3, (path, attributes) -> RunFiles.RUN.equals(
            String.valueOf(path.getFileName())))) {
            below.map(Path::getParent).filter(runDir -> !isExperiment || !isOfAnother(dir, runDir)).sorted()
                .forEach(runDirs::add);
        } catch (final IOException | java.io.UncheckedIOException ex) {
            throw new ResultsException("cannot read " + dir + ": " + ex + "; check permissions", ex);
        }
        int readCount = 0;
        for (final Path runDir : runDirs) {
            try {
                if (RunReader.isRunDirectory(runDir) && RunReader.document(runDir).kind().equals(RunKind.JMH)) {
                    jmhRuns.add(JmhRunReader.read(runDir));
                    readCount++;
                    continue;
                }
                final RunData run = RunReader.read(runDir);
                if (!isExperiment || listed.contains(runDir) || run.document().leg() != null) {
                    runs.add(run); // an unlisted run without a side only primed the cluster
                    readCount++;
                }
            } catch (final ResultsException ex) {
                problems.add(ex.getMessage());
            }
        }
        if (readCount == 0) {
            throw new ResultsException(dir + " holds no run that can be read"
                + (problems.isEmpty() ? ": neither it nor a directory in it has a " + RunFiles.RUN
                + "; name the directory that millrace bench or millrace jmh wrote"
                : ": " + problems.get(problems.size() - 1)));
        }
    }

    /** In an experiment of its own below this one: a control. */
    private static boolean isOfAnother(final Path dir, final Path runDir) {
        for (Path at = runDir; at != null && !at.equals(dir); at = at.getParent()) {
            if (Files.exists(at.resolve(RunFiles.EXPERIMENT))) {
                return true;
            }
        }
        return false;
    }

    private static Experiment withoutNulls(final Experiment e) {
        return new Experiment(e.schema(), e.experimentId(), e.kind(), e.started(),
            e.command() == null ? List.of() : e.command(),
            e.legs() == null ? List.of() : e.legs(), e.pairs(),
            e.threshold() > 0 ? e.threshold() : DEFAULT_THRESHOLD,
            e.runs() == null ? List.of() : e.runs(), e.notes() == null ? List.of() : e.notes());
    }

    private static Path inside(final Path dir, final String name) {
        final Path run = dir.resolve(name).normalize();
        if (!run.startsWith(dir)) {
            throw new ResultsException(dir.resolve(RunFiles.EXPERIMENT) + ": run=" + name
                + " lies outside of the experiment; restore the file");
        }
        return run;
    }

    /** Sides by name, in order; a run without a side is filed under what its parameters say. */
    private static Map<String, String> legLabels(final List<RunData> runs, final List<Experiment> experiments) {
        final Map<String, String> labels = new LinkedHashMap<>();
        for (final Experiment experiment : experiments) {
            experiment.legs().forEach(leg -> labels.putIfAbsent(leg.name(), leg.label()));
        }
        for (final RunData run : runs) {
            labels.putIfAbsent(leg(run.document()), label(run.document()));
        }
        if (labels.keySet().equals(Set.of("acks=all", "acks=leader"))) {
            final Map<String, String> ordered = new LinkedHashMap<>();
            ordered.put("acks=leader", labels.get("acks=leader")); // the base is what the other one adds to
            ordered.put("acks=all", labels.get("acks=all"));
            return ordered;
        }
        return labels;
    }

    private static List<RunData> withLegs(final List<RunData> runs, final Map<String, String> labels) {
        final Map<String, Integer> countByLeg = new LinkedHashMap<>();
        final List<RunData> sided = new ArrayList<>();
        for (final RunData run : runs) {
            final RunDocument d = run.document();
            final String leg = leg(d);
            final int number = countByLeg.merge(leg, 1, Integer::sum);
            sided.add(run.withDocument(new RunDocument(d.schema(), d.kind(), d.runId(), d.experimentId(), leg,
                labels.get(leg), d.pair() > 0 ? d.pair() : number, d.started(), d.ended(), d.status(),
                d.invalidReasons(), d.notes(), d.command(), d.git(), d.workloadSha256(), d.params(), d.measured(),
                d.verify(), d.hiccup(), d.env(), d.findings())));
        }
        return sided;
    }

    private static Experiment experiment(final List<RunData> runs, final List<Experiment> experiments) {
        final Map<String, String> labels = legLabels(runs, experiments);
        if (experiments.size() == 1 && experiments.get(0).legs().size() == labels.size()) {
            return experiments.get(0);
        }
        final List<Experiment.Leg> legs = new ArrayList<>();
        labels.forEach((name, label) -> legs.add(new Experiment.Leg(name, label)));
        final RunDocument first = runs.get(0).document();
        final int pairs = runs.stream().mapToInt(run -> run.document().pair()).max().orElse(0);
        final String kind = experiments.size() == 1 ? experiments.get(0).kind() : null;
        return new Experiment(Experiment.SCHEMA, first.experimentId(),
            Experiment.SWEEP.equals(kind) || Experiment.MATRIX.equals(kind) ? kind : legs.size() > 1 ? "ab" : "run",
            first.started(), first.command(), legs, pairs,
            experiments.isEmpty() ? DEFAULT_THRESHOLD : experiments.get(0).threshold(),
            runs.stream().map(run -> run.dir().toString()).toList(), List.of());
    }

    private static Experiment ofJmh(final RunDocument first) {
        return new Experiment(Experiment.SCHEMA, first.experimentId(), RunKind.JMH, first.started(), first.command(),
            List.of(), 0, DEFAULT_THRESHOLD, List.of(), List.of());
    }

    private static String leg(final RunDocument document) {
        return document.leg() != null ? document.leg() : label(document);
    }

    private static String label(final RunDocument document) {
        if (document.legLabel() != null) {
            return document.legLabel();
        }
        final Object acks = document.params().get(RunParams.ACKS);
        return acks == null ? "runs" : "acks=" + acks;
    }
}
