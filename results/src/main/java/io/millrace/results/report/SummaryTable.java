package io.millrace.results.report;

import io.millrace.results.model.Cost;
import io.millrace.results.model.Verification;
import io.millrace.results.statistics.Comparison;
import io.millrace.results.statistics.LegSummary;
import io.millrace.results.statistics.Metric;
import io.millrace.results.statistics.RatioEstimate;
import io.millrace.results.statistics.RunCells;
import io.millrace.results.store.ExperimentData;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/** The table an experiment ends with on the console: plain ASCII, no colour, at most about 100 columns. */
public final class SummaryTable {
    private SummaryTable() {
    }

    /**
     * Renders the experiment.
     *
     * @param data its runs
     * @return lines, each ended
     */
    public static String render(final ExperimentData data) {
        final String bench = data.runs().isEmpty() ? "" : bench(data);
        final String jmh = JmhTable.render(data.jmhRuns());
        return ascii(bench + (bench.isEmpty() || jmh.isEmpty() ? "" : "\n") + jmh);
    }

    /** A row a setting. */
    static List<List<String>> matrixRows(final List<LegSummary> cells) {
        final List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("", "valid", "achieved", "RT p50", "RT p99", "RT p99.9", "broker CPU s/GB", "lost acked"));
        for (final LegSummary cell : cells) {
            rows.add(List.of(cell.label(), cell.validCount() + " of " + cell.runs().size(),
                Words.figure(Metric.RATE, cell.median(Metric.RATE)),
                Words.figure(Metric.RT_P50, cell.median(Metric.RT_P50)),
                Words.figure(Metric.RT_P99, cell.median(Metric.RT_P99)),
                Words.figure(Metric.RT_P999, cell.median(Metric.RT_P999)),
                Words.figure(Metric.BROKER_CPU, cell.median(Metric.BROKER_CPU)),
                cell.verification() == null ? "not checked" : Format.count(cell.verification().lostAcked())));
        }
        return rows;
    }

    private static String matrix(final ExperimentData data) {
        final RateCurve curve = new RateCurve(data.runs());
        return aligned(matrixRows(LegSummary.ofCells(data))) + (curve.hasData() ? "\n" + curve.words() + "\n" : "");
    }

    private static String bench(final ExperimentData data) {
        if (RunCells.isMatrix(data)) {
            return matrix(data);
        }
        final List<LegSummary> legs = LegSummary.of(data);
        final Comparison comparison = Comparison.of(data);
        final List<List<String>> rows = new ArrayList<>();
        final List<String> head = row("", legs, LegSummary::label);
        if (comparison != null) {
            head.addAll(List.of("ratio", "95 % CI", "verdict"));
        }
        rows.add(head);
        rows.add(row("valid runs", legs, leg -> leg.validCount() + " of " + leg.runs().size()));
        for (final Metric metric : Metric.values()) {
            if (metric.isOptional() && legs.stream().noneMatch(leg -> Double.isFinite(leg.median(metric)))) {
                continue;
            }
            final List<String> row = row(metric.label(), legs, leg -> Words.figure(metric, leg.median(metric)));
            final RatioEstimate estimate = comparison == null ? null : comparison.estimate(metric);
            if (estimate != null) {
                row.add(Format.ratio(estimate.ratio()));
                row.add(estimate.hasInterval()
                    ? Format.ratio(estimate.low()) + " .. " + Format.ratio(estimate.high()) : Format.NONE);
                row.add(estimate.verdict().word());
            }
            rows.add(row);
        }
        cost(rows, legs, "longest write", Cost::longestWriteNs, Format::time);
        cost(rows, legs, "longest duty cycle", Cost::longestDutyCycleNs, Format::time);
        rows.add(verified("lost acked", legs, Verification::lostAcked));
        rows.add(verified("duplicates", legs, Verification::duplicates));
        rows.add(verified("gaps", legs, Verification::gaps));
        rows.add(verified("reordered", legs, Verification::reordered));
        rows.add(verified("corrupt", legs, Verification::corrupt));
        final StringBuilder text = new StringBuilder(aligned(rows));
        footnotes(text, legs, comparison);
        return text.toString();
    }

    private static void footnotes(
        final StringBuilder text, final List<LegSummary> legs, final Comparison comparison) {
        text.append('\n');
        if (comparison != null) {
            text.append("Ratio: ").append(comparison.other().label()).append(" to ")
                .append(comparison.base().label()).append(", ").append(Words.basis(comparison))
                .append("; threshold ").append(Format.percent(comparison.threshold()))
                .append(". Other figures: median of the runs.\n");
            final Map<String, List<String>> metricsByAdvice = new LinkedHashMap<>();
            comparison.estimates().stream().filter(estimate -> !estimate.advice().isEmpty()).forEach(estimate ->
                metricsByAdvice.computeIfAbsent(estimate.advice(), a -> new ArrayList<>())
                    .add(estimate.metric().label()));
            metricsByAdvice.forEach((advice, metrics) ->
                text.append("  ").append(String.join(", ", metrics)).append(": ").append(advice).append('\n'));
        }
        legs.forEach(leg -> leg.runs().stream().filter(run -> !run.isValid()).forEach(run ->
            text.append("  ").append(run.status().word()).append(": ").append(leg.label()).append(", pair ")
                .append(run.document().pair()).append(run.document().invalidReasons().isEmpty() ? ""
                    : " (" + String.join(", ", run.document().invalidReasons()) + ")").append('\n')));
    }

    /** A row of medians, left out when no run of any side knows the figure. */
    private static void cost(final List<List<String>> rows, final List<LegSummary> legs, final String name,
        final Function<Cost, Number> figure, final Function<Double, String> format) {
        final List<String> row =
            row(name, legs, leg -> {
                final double median = CostTables.median(leg, figure);
                return Double.isFinite(median) ? format.apply(median) : Format.NONE;
            });
        if (row.stream().skip(1).anyMatch(cell -> !Format.NONE.equals(cell))) {
            rows.add(row);
        }
    }

    private static List<String> verified(
        final String name, final List<LegSummary> legs, final ToLongFunction<Verification> figure) {
        return row(name, legs, leg -> leg.verification() == null ? "not checked"
            : Format.count(figure.applyAsLong(leg.verification()))
                + (leg.verifiedCount() < leg.runs().size()
                ? " (" + leg.verifiedCount() + " of " + leg.runs().size() + " runs)" : ""));
    }

    private static List<String> row(
        final String name, final List<LegSummary> legs, final Function<LegSummary, String> cell) {
        final List<String> row = new ArrayList<>();
        row.add(name);
        legs.forEach(leg -> row.add(cell.apply(leg)));
        return row;
    }

    static String aligned(final List<List<String>> rows) {
        final int columns = rows.get(0).size();
        final int[] widths = new int[columns];
        for (final List<String> row : rows) {
            for (int i = 0; i < row.size(); i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        final StringBuilder text = new StringBuilder();
        for (final List<String> row : rows) {
            final StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.size(); i++) {
                final String cell = row.get(i);
                final String pad = " ".repeat(widths[i] - cell.length());
                final boolean isLeft = i == 0 || columns > 3 && i == columns - 1;
                line.append(i == 0 ? "" : "   ").append(isLeft ? cell + pad : pad + cell);
            }
            text.append(line.toString().stripTrailing()).append('\n');
            if (row == rows.get(0)) {
                text.append("-".repeat(line.length())).append('\n');
            }
        }
        return text.toString();
    }

    /** A console may not know the micro sign. */
    private static String ascii(final String text) {
        return text.replace("µs", "us").replace(Format.NONE, "-");
    }
}
