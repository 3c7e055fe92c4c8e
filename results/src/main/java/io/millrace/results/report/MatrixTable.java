package io.millrace.results.report;

import io.millrace.results.model.RunParams;
import io.millrace.results.report.HtmlTable.Markup;
import io.millrace.results.statistics.LegSummary;
import io.millrace.results.statistics.Metric;
import io.millrace.results.statistics.RunCells;
import io.millrace.results.store.RunData;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A matrix of settings as a table whose cells are shaded by the figure in them: a heat map that can be read aloud. */
final class MatrixTable {
    private static final int SHADES = 6;
    private static final int MAX_CELLS = 600;

    private MatrixTable() {
    }

    /** Null if the runs differ in no setting, or in the rate alone, which the curve is for. */
    static String html(final List<RunData> runs, final Metric metric) {
        final List<String> factors = RunCells.factors(runs);
        if (factors.isEmpty() || factors.equals(List.of(RunParams.RATE_PER_S))) {
            return null;
        }
        final String across = factors.size() == 1 || factors.contains(RunParams.RATE_PER_S) ? RunParams.RATE_PER_S
            : factors.get(factors.size() - 1);
        final List<String> down = factors.stream().filter(factor -> !factor.equals(across)).toList();
        final List<String> columns = runs.stream().map(run -> RunCells.value(run, across)).distinct()
            .sorted(Comparator.comparingDouble(MatrixTable::number)).toList();
        final Map<String, Map<String, List<RunData>>> rows = new LinkedHashMap<>();
        runs.forEach(run -> rows.computeIfAbsent(RunCells.key(run, down).replace("\n", ", "),
            k -> new LinkedHashMap<>()).computeIfAbsent(RunCells.value(run, across), k -> new ArrayList<>()).add(run));
        if (rows.size() * columns.size() > MAX_CELLS) {
            return null;
        }
        double low = Double.MAX_VALUE;
        double high = 0;
        for (final Map<String, List<RunData>> row : rows.values()) {
            for (final List<RunData> cell : row.values()) {
                final double value = value(cell, metric);
                low = value > 0 ? Math.min(low, value) : low;
                high = value > 0 ? Math.max(high, value) : high;
            }
        }
        final List<Object> head = new ArrayList<>(List.of(metric.label() + " by " + across));
        columns.forEach(column -> head.add(number(column) < 0 ? "unlimited"
            : number(column) < Double.MAX_VALUE ? Format.shortCount(number(column)) : column));
        final HtmlTable table = new HtmlTable("matrix-" + metric.key().replace('.', '-'),
            metric.label() + ", median of the runs; the stronger the colour, the longer; ! marks invalid runs")
            .head(head);
        for (final Map.Entry<String, Map<String, List<RunData>>> row : rows.entrySet()) {
            final List<Object> cells = new ArrayList<>(List.of(row.getKey()));
            for (final String column : columns) {
                cells.add(cell(row.getValue().get(column), metric, low, high));
            }
            table.row(cells);
        }
        return table.end();
    }

    private static Object cell(final List<RunData> runs, final Metric metric, final double low, final double high) {
        if (runs == null) {
            return "";
        }
        final double value = value(runs, metric);
        if (!(value > 0)) {
            return Format.NONE;
        }
        final double share = high > low ? Math.log(value / low) / Math.log(high / low) : 0;
        final int shade = (int) Math.min(SHADES - 1, Math.floor(share * SHADES));
        return new Markup("<span class=\"shade s" + shade + "\">" + Html.escape(Words.figure(metric, value))
            + (runs.stream().allMatch(RunData::isValid) ? "" : " !") + "</span>");
    }

    private static double value(final List<RunData> runs, final Metric metric) {
        final List<RunData> valid = runs.stream().filter(RunData::isValid).toList();
        if ((valid.isEmpty() ? runs : valid).stream().anyMatch(run -> !LegSummary.isProven(run, metric))) {
            return Double.NaN;
        }
        return io.millrace.results.statistics.Medians.of((valid.isEmpty() ? runs : valid).stream()
            .mapToDouble(run -> LegSummary.value(run, metric)).filter(Double::isFinite).toArray());
    }

    private static double number(final String text) {
        try {
            return Double.parseDouble(text);
        } catch (final NumberFormatException ex) {
            return Double.MAX_VALUE;
        }
    }
}
