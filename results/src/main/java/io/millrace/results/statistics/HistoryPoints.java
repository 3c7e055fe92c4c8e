package io.millrace.results.statistics;

import io.millrace.results.model.Environment;
import io.millrace.results.model.GitRevision;
import io.millrace.results.model.HistoryPoint;
import io.millrace.results.model.JmhResult;
import io.millrace.results.model.RunDocument;
import io.millrace.results.model.RunParams;
import io.millrace.results.model.RunStatus;
import io.millrace.results.store.ExperimentData;
import io.millrace.results.store.JmhRun;
import io.millrace.results.store.RunData;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Makes points of a history from results: one for each setting, machine and experiment, from its valid runs. */
public final class HistoryPoints {
    private static final int SHORT = 8;
    private static final Set<String> UNTOLD =
        Set.of(RunParams.WARMUP_S, RunParams.DURATION_S, RunParams.NUM_RECORDS);

    private HistoryPoints() {
    }

    /**
     * Sums up.
     *
     * @param data  results
     * @param dirs  they were read from; runs without an experiment are told apart by them
     * @param notes receives a sentence for what was left out
     * @return a point for each setting of each experiment, by time
     */
    public static List<HistoryPoint> of(
        final ExperimentData data, final List<Path> dirs, final List<String> notes) {
        final List<HistoryPoint> points = new ArrayList<>();
        final Map<Occasion, List<RunData>> byOccasion = new LinkedHashMap<>();
        for (final RunData run : data.runs()) {
            if (run.isValid()) {
                byOccasion.computeIfAbsent(new Occasion(series(run), occasion(run, dirs)), k -> new ArrayList<>())
                    .add(run);
            } else {
                notes.add(run.dir() + ": " + run.status().word() + ", left out");
            }
        }
        byOccasion.forEach((occasion, runs) -> {
            final String series = occasion.series();
            final Map<String, HistoryPoint.Figure> figures = new TreeMap<>();
            for (final Metric metric : Metric.values()) {
                if (runs.stream().anyMatch(run -> !LegSummary.isProven(run, metric)
                    && !run.intervals(metric.tag()).isEmpty())) {
                    notes.add(series + ": " + metric.key() + " left out, more records failed, were never sent or never "
                        + "received in a run than may be slower than it");
                    continue; // the other runs alone would be the better ones
                }
                final double[] values = runs.stream().mapToDouble(run -> LegSummary.value(run, metric)).toArray();
                if (Arrays.stream(values).noneMatch(value -> value == 0)) { // else the rest is chosen by the outcome
                    add(figures, metric, values, metric.unit().name().toLowerCase(Locale.ROOT));
                }
            }
            points.add(point(series, runs.stream().map(RunData::document).toList(), figures));
        });
        for (final JmhRun run : data.jmhRuns()) {
            for (final JmhResult result : run.results()) {
                if (run.status() != RunStatus.OK && !result.isComplete()) {
                    notes.add(run.dir() + ": " + result.shortName() + " has fewer iterations than planned, left out");
                    continue;
                }
                final Map<String, HistoryPoint.Figure> figures = new TreeMap<>();
                add(figures, JmhFigure.score(result), doubles(result.primary().forkMeans()), result.primary().unit());
                if (result.allocation() != null) {
                    add(figures, JmhFigure.allocation(), doubles(result.allocation().forkMeans()), "B/op");
                }
                points.add(point("jmh " + JmhFigure.question(result, true) + jvm(result) + machine(run.document()),
                    List.of(run.document()), figures));
            }
        }
        points.removeIf(point -> point.figures().isEmpty());
        points.sort(Comparator.comparing(HistoryPoint::time));
        return points;
    }

    /**
     * What makes one point.
     *
     * @param series     its line
     * @param experiment that the runs belong to, or the directory named
     */
    private record Occasion(String series, String experiment) {
    }

    /** Nights that are added together are points of their own, each: what changes between them is to be seen. */
    private static String occasion(final RunData run, final List<Path> dirs) {
        if (run.document().experimentId() != null) {
            return run.document().experimentId();
        }
        final Path at = run.dir().toAbsolutePath().normalize();
        return dirs.stream().map(dir -> dir.toAbsolutePath().normalize()).filter(at::startsWith)
            .max(Comparator.comparingInt(Path::getNameCount)).orElse(at).toString();
    }

    private static void add(final Map<String, HistoryPoint.Figure> figures, final Figure figure,
        final double[] all, final String unit) {
        final double[] values = Arrays.stream(all).filter(value -> value > 0 && Double.isFinite(value)).toArray();
        if (values.length > 0) {
            figures.put(figure.key(), new HistoryPoint.Figure(Medians.of(values),
                Arrays.stream(values).min().orElseThrow(), Arrays.stream(values).max().orElseThrow(), unit,
                figure.isLowerBetter()));
        }
    }

    private static HistoryPoint point(
        final String series, final List<RunDocument> runs, final Map<String, HistoryPoint.Figure> figures) {
        final RunDocument first = runs.get(0);
        return new HistoryPoint(HistoryPoint.SCHEMA, series, first.started(),
            first.git() == null ? GitRevision.unknown() : first.git(),
            runs.stream().map(RunDocument::runId).toList(), figures);
    }

    /** Every setting that is known, and the machine: another machine is another line. */
    private static String series(final RunData run) {
        return "bench " + RunCells.PARAMS.stream().filter(name -> !RunParams.OTHER_SETTINGS.equals(name))
            .filter(name -> !"-".equals(RunCells.value(run, name)))
            .map(name -> name.replaceAll("_(per_s|bytes)$", "") + "=" + RunCells.value(run, name))
            .collect(Collectors.joining(" ")) + rest(run) + machine(run.document());
    }

    /** What no parameter of its own tells; of a result that does not say, all that may make it another workload. */
    private static String rest(final RunData run) {
        final String told = RunCells.value(run, RunParams.OTHER_SETTINGS);
        if (run.document().params().get(RunParams.OTHER_SETTINGS) != null) {
            return "-".equals(told) ? "" : " " + told;
        }
        final String sha = run.document().workloadSha256();
        return new TreeMap<>(run.document().params()).entrySet().stream()
            .filter(param -> UNTOLD.contains(param.getKey()) || param.getKey().startsWith(RunParams.TOPIC_PREFIX))
            .map(param -> " " + param.getKey() + "=" + param.getValue()).collect(Collectors.joining())
            + (sha == null ? "" : " workload=" + sha.substring(0, Math.min(SHORT, sha.length())));
    }

    /** The forks may have run on another JVM than the process that started them, which the machine tells. */
    private static String jvm(final JmhResult result) {
        return " jdk=" + result.jdk() + " vm=" + result.vm()
            + (result.jvmArgs().isEmpty() ? "" : " flags=" + String.join(" ", result.jvmArgs()));
    }

    private static String machine(final RunDocument run) {
        final Environment env = run.env();
        return env == null || env.fingerprint() == null ? ""
            : " @" + env.fingerprint().substring(0, Math.min(SHORT, env.fingerprint().length()));
    }

    private static double[] doubles(final List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }
}
