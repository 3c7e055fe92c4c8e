package io.millrace.results.report;

import io.millrace.results.statistics.Cell;
import io.millrace.results.statistics.MatrixComparison;
import io.millrace.results.statistics.RatioEstimate;

import java.util.ArrayList;
import java.util.List;

/** Ratios of one setting's two values in every cell of a matrix, as rows of a forest plot and of a table. */
final class CellForest {
    private static final int MAX_ROWS = 60;

    private CellForest() {
    }

    static List<ForestPlot.Row> rows(final MatrixComparison matrix) {
        final List<ForestPlot.Row> rows = new ArrayList<>();
        for (final Cell cell : matrix.cells()) {
            for (final RatioEstimate estimate : cell.estimates()) {
                if (rows.size() < MAX_ROWS) {
                    rows.add(new ForestPlot.Row(cell.label() + (cell.label().isEmpty() ? "" : ", ")
                        + estimate.metric().label(), estimate));
                }
            }
        }
        return rows;
    }

    static String table(final MatrixComparison matrix) {
        final HtmlTable table = new HtmlTable("cells", "Ratio of " + matrix.factor() + "=" + matrix.other() + " to "
            + matrix.factor() + "=" + matrix.base() + " in every cell")
            .head(List.of("", "figure", matrix.base(), matrix.other(), "ratio", "95 % CI", "verdict"));
        for (final Cell cell : matrix.cells()) {
            for (final RatioEstimate e : cell.estimates()) {
                table.row(List.of(cell.label(), e.metric().label(), Words.figure(e.metric(), e.medianBase()),
                    Words.figure(e.metric(), e.medianOther()), Format.ratio(e.ratio()), e.hasInterval()
                    ? Format.ratio(e.low()) + " – " + Format.ratio(e.high()) : Format.NONE, Tables.verdict(e)));
            }
        }
        return table.end();
    }
}
