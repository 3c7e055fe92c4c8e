package io.millrace.results.store;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.results.model.GitRevision;
import io.millrace.results.model.JmhMetric;
import io.millrace.results.model.JmhResult;
import io.millrace.results.model.ResultsException;
import io.millrace.results.model.RunDocument;
import io.millrace.results.model.RunHeader;
import io.millrace.results.model.RunKind;
import io.millrace.results.model.RunOutcome;
import io.millrace.results.model.RunStatus;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the directory of a JMH run, finished or not. */
public final class JmhRunReader {
    private JmhRunReader() {
    }

    /**
     * Reads a run.
     *
     * @param dir run directory of kind jmh
     * @return the run
     * @throws ResultsException if {@code run.json} or JMH's result is missing, too long or damaged
     */
    public static JmhRun read(final Path dir) {
        final RunDocument document = RunReader.document(dir);
        final Path file = dir.resolve(RunFiles.JMH_RESULT);
        if (!Files.isRegularFile(file)) {
            throw new ResultsException(file + " is missing: the run ended before JMH began, or the file was removed; "
                + "restore it or leave this directory out");
        }
        final List<JmhResult> results = results(file);
        final List<String> warnings = new ArrayList<>();
        if (document.status() == RunStatus.RUNNING) {
            warnings.add(RunFiles.RUN + " still says running: the process that wrote it died or is still at work");
        }
        if (results.isEmpty()) {
            warnings.add(RunFiles.JMH_RESULT + " has no benchmark in it: nothing had been measured when the run ended");
        }
        return new JmhRun(dir, document, results, List.copyOf(warnings));
    }

    /**
     * Reads a bare file that JMH wrote with {@code -rf json}; of the machine and the source nothing is known.
     *
     * @param file JMH's JSON
     * @return a run that began when the file was last written
     * @throws ResultsException if it is missing, too long, damaged or something else
     */
    public static JmhRun readFile(final Path file) {
        final List<JmhResult> results = results(file);
        if (results.isEmpty()) {
            throw new ResultsException(file + " has no benchmark in it: JMH measured nothing, or was stopped before it "
                + "wrote; name another file");
        }
        final Instant written;
        try {
            written = Files.getLastModifiedTime(file).toInstant();
        } catch (final IOException ex) {
            throw new ResultsException("cannot read " + file + ": " + ex + "; check that it exists and may be read",
                ex);
        }
        final RunDocument document = RunDocument.running(new RunHeader(file.toString(), null, null, null, 0, written,
            List.of(), GitRevision.unknown(), null, Map.of(), null)).ofKind(RunKind.JMH).ended(new RunOutcome(
            RunStatus.OK, List.of(), List.of(), null, null), written, Map.of());
        return new JmhRun(file, document, results, List.of());
    }

    private static List<JmhResult> results(final Path file) {
        final List<JmhResult> results = new ArrayList<>();
        for (final JsonNode node : Json.array(file)) {
            final String benchmark = node.path("benchmark").asText("");
            if (benchmark.isEmpty() || !node.path("primaryMetric").isObject()) {
                throw new ResultsException(file + ": element " + results.size() + " has no benchmark or no "
                    + "primaryMetric, so it is not what JMH writes with -rf json; restore the file or leave this "
                    + "directory out");
            }
            final Map<String, String> params = new LinkedHashMap<>();
            node.path("params").properties().forEach(param -> params.put(param.getKey(), param.getValue().asText()));
            final Map<String, JmhMetric> secondary = new LinkedHashMap<>();
            node.path("secondaryMetrics").properties()
                .forEach(metric -> secondary.put(metric.getKey(), metric(metric.getValue())));
            final List<String> jvmArgs = new ArrayList<>();
            node.path("jvmArgs").forEach(argument -> jvmArgs.add(argument.asText()));
            results.add(new JmhResult(benchmark, node.path("mode").asText("?"), node.path("threads").asInt(1),
                node.path("forks").asInt(), node.path("measurementIterations").asInt(), params,
                node.path("jdkVersion").asText("?"), node.path("vmName").asText("?"), List.copyOf(jvmArgs),
                metric(node.path("primaryMetric")), secondary));
        }
        return List.copyOf(results);
    }

    private static JmhMetric metric(final JsonNode node) {
        final List<List<Double>> forks = new ArrayList<>();
        final List<Double> means = new ArrayList<>();
        for (final JsonNode fork : node.path("rawData")) {
            final List<Double> iterations = new ArrayList<>();
            fork.forEach(score -> addFinite(iterations, number(score)));
            forks.add(List.copyOf(iterations));
            addFinite(means, iterations.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN));
        }
        for (final JsonNode fork : node.path("rawDataHistogram")) {
            final List<Double> iterations = new ArrayList<>();
            fork.forEach(histogram -> addFinite(iterations, mean(List.of(histogram))));
            forks.add(List.copyOf(iterations));
            addFinite(means, mean(fork));
        }
        final Map<String, Double> quantiles = new LinkedHashMap<>();
        node.path("scorePercentiles").properties()
            .forEach(quantile -> quantiles.put(quantile.getKey(), number(quantile.getValue())));
        return new JmhMetric(number(node.path("score")), number(node.path("scoreError")),
            node.path("scoreUnit").asText("?"), List.copyOf(forks),
            List.copyOf(means), quantiles);
    }

    private static void addFinite(final List<Double> scores, final double score) {
        if (Double.isFinite(score)) {
            scores.add(score);
        }
    }

    /** Over histograms of [value, count] pairs, which JMH writes when it samples. */
    private static double mean(final Iterable<JsonNode> histograms) {
        double sum = 0;
        double count = 0;
        for (final JsonNode histogram : histograms) {
            for (final JsonNode pair : histogram) {
                sum += number(pair.path(0)) * number(pair.path(1));
                count += number(pair.path(1));
            }
        }
        return sum / count;
    }

    /** JMH writes what is no number as a word. */
    private static double number(final JsonNode node) {
        return node.isNumber() ? node.doubleValue() : Double.NaN;
    }
}
