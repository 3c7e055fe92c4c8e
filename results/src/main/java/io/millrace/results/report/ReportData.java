package io.millrace.results.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.results.model.JmhResult;
import io.millrace.results.model.LatencySummary;
import io.millrace.results.model.RunDocument;
import io.millrace.results.model.RunFindings;
import io.millrace.results.model.Tags;
import io.millrace.results.statistics.Comparison;
import io.millrace.results.statistics.LegSummary;
import io.millrace.results.statistics.Metric;
import io.millrace.results.statistics.RatioEstimate;
import io.millrace.results.statistics.RunCells;
import io.millrace.results.store.ExperimentData;
import io.millrace.results.store.JmhRun;
import io.millrace.results.store.RunData;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The figures of a report for programs and people without a browser: JSON, CSV and Markdown. */
public final class ReportData {
    private static final String SCHEMA = "bench/report/v1";
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final List<String> TAGS =
        List.of(Tags.ACK_RT, Tags.ACK_SERVICE, Tags.SCHED_LAG, Tags.E2E_RT, Tags.HICCUP_CLIENT);

    private ReportData() {
    }

    /**
     * Everything in one JSON document.
     *
     * @param data the runs
     * @return indented, ended
     */
    public static String json(final ExperimentData data) {
        try {
            return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(document(data)) + "\n";
        } catch (final JsonProcessingException ex) {
            throw new IllegalStateException("strings and numbers are always writable", ex);
        }
    }

    /** The same on one line, fit to stand inside a script element. */
    static String embedded(final Object value) {
        try {
            return MAPPER.writeValueAsString(value).replace("&", "\\u0026").replace("<", "\\u003c")
                .replace(">", "\\u003e");
        } catch (final JsonProcessingException ex) {
            throw new IllegalStateException("strings and numbers are always writable", ex);
        }
    }

    static Map<String, Object> document(final ExperimentData data) {
        final Map<String, Object> document = new LinkedHashMap<>();
        document.put("schema", SCHEMA);
        document.put("experiment_id", data.experiment().experimentId());
        document.put("command", data.experiment().command());
        document.put("runs", data.runs().stream().map(ReportData::run).toList());
        final Comparison comparison = data.runs().isEmpty() ? null : Comparison.of(data);
        if (comparison != null) {
            document.put("base", comparison.base().label());
            document.put("candidate", comparison.other().label());
            document.put("threshold_ratio", comparison.threshold());
            document.put("comparison", comparison.estimates().stream().map(CompareText::fields).toList());
        }
        document.put("jmh", data.jmhRuns().stream().map(ReportData::jmh).toList());
        document.put("problems", data.problems());
        return document;
    }

    private static Map<String, Object> run(final RunData run) {
        final RunDocument d = run.document();
        final Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("run_id", d.runId());
        fields.put("side", d.leg());
        fields.put("label", d.legLabel());
        fields.put("pair", d.pair());
        fields.put("started", String.valueOf(d.started()));
        fields.put("status", run.status().word());
        fields.put("invalid_reasons", d.invalidReasons());
        fields.put("notes", d.notes());
        fields.put("git", d.git());
        fields.put("env", d.env());
        fields.put("params", d.params());
        fields.put("achieved_per_s", run.achievedPerS());
        fields.put("bytes_per_s", run.bytesPerS());
        final Map<String, Object> latency = new LinkedHashMap<>();
        for (final String tag : TAGS) {
            if (run.merged(tag).getTotalCount() > 0) {
                final LatencySummary s = LatencySummary.of(run.merged(tag));
                final Map<String, Object> quantiles = new LinkedHashMap<>();
                quantiles.put("count", s.count());
                quantiles.put("p50_ns", s.p50Ns());
                quantiles.put("p90_ns", s.p90Ns());
                quantiles.put("p99_ns", s.p99Ns());
                quantiles.put("p99.9_ns", s.p999Ns());
                quantiles.put("p99.99_ns", s.p9999Ns());
                quantiles.put("max_ns", s.maxNs());
                latency.put(tag, quantiles);
            }
        }
        fields.put("latency", latency);
        fields.put("cost", d.measured() == null ? null : d.measured().cost());
        fields.put("verify", d.verify());
        fields.put("findings", findings(run));
        return fields;
    }

    /** Without the histogram of the fault window, which would be most of the page. */
    private static Object findings(final RunData run) {
        final RunFindings f = run.document().findings();
        if (f == null) {
            return null;
        }
        final RunFindings.FaultVerdict v = f.faults();
        return new RunFindings(f.slo(), v == null ? null : new RunFindings.FaultVerdict(v.faults(), v.isProven(),
            v.unavailableNs(), v.recoverNs(), v.lostAcked(), null), f.backlog(), f.nearFloor(), f.files(),
            f.durability());
    }

    private static Map<String, Object> jmh(final JmhRun run) {
        final Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("run_id", run.document().runId());
        fields.put("started", String.valueOf(run.document().started()));
        fields.put("status", run.status().word());
        final List<Object> results = new ArrayList<>();
        for (final JmhResult result : run.results()) {
            final Map<String, Object> row = new LinkedHashMap<>();
            row.put("benchmark", result.benchmark());
            row.put("mode", result.mode());
            row.put("threads", result.threads());
            row.put("params", result.params());
            row.put("score", Double.isFinite(result.primary().score()) ? result.primary().score() : null);
            row.put("unit", result.primary().unit());
            row.put("fork_means", result.primary().forkMeans());
            results.add(row);
        }
        fields.put("results", results);
        return fields;
    }

    /**
     * A row a run, and a row a JMH result.
     *
     * @param data the runs
     * @return lines, each ended; the first names the columns
     */
    public static String csv(final ExperimentData data) {
        final StringBuilder text = new StringBuilder("kind,side,pair,status,started");
        for (final Metric metric : Metric.values()) {
            text.append(',').append(metric.key()).append('_').append(switch (metric.unit()) {
                case PER_S -> "per_s";
                case NS -> "ns";
                case CPU_S_PER_GB -> "s_per_GB";
                default -> "bytes";
            });
        }
        text.append(",lost_acked,benchmark,mode,score,unit\n");
        for (final RunData run : data.runs()) {
            final RunDocument d = run.document();
            text.append("bench,").append(quoted(d.legLabel() == null ? d.leg() : d.legLabel())).append(',')
                .append(d.pair()).append(',').append(run.status().word()).append(',').append(d.started());
            for (final Metric metric : Metric.values()) {
                final double value = LegSummary.value(run, metric);
                text.append(',').append(Double.isFinite(value) ? String.valueOf(value) : "");
            }
            text.append(',').append(d.verify() == null ? "" : d.verify().lostAcked()).append(",,,,\n");
        }
        for (final JmhRun run : data.jmhRuns()) {
            for (final JmhResult result : run.results()) {
                text.append("jmh,").append(quoted(JmhFormat.params(result))).append(",,").append(run.status().word())
                    .append(',').append(run.document().started())
                    .append(",".repeat(Metric.values().length + 2))
                    .append(quoted(result.benchmark())).append(',').append(result.mode()).append(',')
                    .append(result.primary().score()).append(',').append(quoted(result.primary().unit())).append('\n');
            }
        }
        return text.toString();
    }

    /** A cell of a CSV file; one that a spreadsheet would take for a formula is made text. */
    private static String quoted(final String text) {
        final String safe = text != null && text.matches("[=+@\\-].*") ? "'" + text : text;
        return safe == null ? "" : "\"" + safe.replace("\"", "\"\"") + "\"";
    }

    /**
     * Markdown with the verdict, the sides and what to keep in mind.
     *
     * @param data the runs
     * @return lines, each ended
     */
    public static String markdown(final ExperimentData data) {
        final boolean isMatrix = RunCells.isMatrix(data);
        final List<LegSummary> legs = data.runs().isEmpty() ? List.of()
            : isMatrix ? LegSummary.ofCells(data) : LegSummary.of(data);
        final Comparison comparison = data.runs().isEmpty() ? null : Comparison.of(data);
        final StringBuilder text = new StringBuilder("# ")
            .append(legs.isEmpty() ? "JMH benchmarks" : isMatrix ? Words.matrixTitle(data, legs.size())
                : Words.title(data, legs)).append("\n\n");
        if (isMatrix && !legs.isEmpty()) {
            matrix(text, legs);
        } else if (!legs.isEmpty()) {
            text.append(comparison == null ? "" : "**" + Words.headline(comparison) + "** ").append(Words.rate(legs))
                .append(' ').append(Words.validity(legs)).append(' ').append(Words.correctness(legs))
                .append("\n\n|  |");
            legs.forEach(leg -> text.append(' ').append(leg.label().replace("|", "\\|")).append(" |"));
            text.append(comparison == null ? "" : " ratio | 95 % CI | verdict |").append("\n|---|")
                .append("--:|".repeat(legs.size())).append(comparison == null ? "" : "--:|:-:|---|").append('\n');
            for (final Metric metric : Metric.values()) {
                if (legs.stream().anyMatch(leg -> Double.isFinite(leg.median(metric)))) {
                    row(text, legs, comparison == null ? null : comparison.estimate(metric), metric,
                        comparison != null);
                }
            }
        }
        if (!data.jmhRuns().isEmpty()) {
            text.append("\n```\n").append(JmhTable.render(data.jmhRuns())).append("```\n");
        }
        text.append("\n## What to keep in mind\n\n");
        Notes.of(data, legs, comparison).forEach(note -> text.append("- ").append(note).append('\n'));
        return text.toString();
    }

    /** A row a setting; of many settings there is no one ratio. */
    private static void matrix(final StringBuilder text, final List<LegSummary> cells) {
        text.append(Words.validity(cells)).append(' ').append(Words.correctness(cells)).append("\n\n");
        final List<List<String>> rows = SummaryTable.matrixRows(cells);
        for (int i = 0; i < rows.size(); i++) {
            text.append('|');
            rows.get(i).forEach(cell -> text.append(' ').append(cell.replace("|", "\\|")).append(" |"));
            text.append('\n').append(i == 0 ? "|---|" + "--:|".repeat(rows.get(0).size() - 1) + "\n" : "");
        }
    }

    private static void row(final StringBuilder text, final List<LegSummary> legs, final RatioEstimate estimate,
        final Metric metric, final boolean hasRatio) {
        text.append("| ").append(metric.label()).append(" |");
        legs.forEach(leg -> text.append(' ').append(Words.figure(metric, leg.median(metric))).append(" |"));
        if (hasRatio) {
            text.append(estimate == null ? " | | |" : " " + Format.ratio(estimate.ratio()) + " | "
                + (estimate.hasInterval() ? Format.ratio(estimate.low()) + " – " + Format.ratio(estimate.high())
                : Format.NONE) + " | " + estimate.verdict().word() + " |");
        }
        text.append('\n');
    }
}
