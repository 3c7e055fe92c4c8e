package io.millrace.results.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Time against response time, coloured the stronger the more records lie there: shows modes, waves and stalls. */
final class HeatMap {
    private static final int LEVELS = 7;
    /** A column with less than this part of the fullest one is left blank. */
    private static final int MIN_SHARE = 50;
    private static final int ROWS_PER_DOUBLING = 4;

    private final LatencySteps steps;
    private final int leg;
    private final int stepS;
    private final int lowRow;
    private final int highRow;

    /** All maps of a page share the vertical range, so that sides can be laid side by side. */
    HeatMap(final LatencySteps steps, final int leg, final int stepS, final int lowest, final int highest) {
        this.steps = steps;
        this.leg = leg;
        this.stepS = stepS;
        this.lowRow = row(lowest);
        this.highRow = Math.max(row(lowest) + 1, row(highest));
    }

    private static int row(final int bucket) {
        return bucket * ROWS_PER_DOUBLING / LatencySteps.PER_DOUBLING;
    }

    String draw(final String label) {
        final StringBuilder html = new StringBuilder();
        Frame.Size.ALL.forEach(size -> html.append(draw(size, label)));
        return html.toString();
    }

    private String draw(final Frame.Size size, final String label) {
        final int height = size.isWide() ? 250 : 210;
        final double bottom = height - 40.0;
        final double top = 26;
        final int columns = Math.max(1, Math.min(size.isWide() ? 120 : 60, steps.stepCount()));
        final int perColumn = (steps.stepCount() + columns - 1) / columns;
        final int used = (steps.stepCount() + perColumn - 1) / perColumn;
        final Svg svg = new Svg(size.width(), height);
        final Scale x = new Scale(false, 0, (double) used * perColumn * stepS, size.plotLeft(), size.plotRight());
        final Scale y = new Scale(true, edge(lowRow), edge(highRow + 1), bottom, top);
        Frame.title(svg, size, 14, label + ": response time (log)");
        final List<List<double[]>> byLevel = new ArrayList<>();
        for (int level = 0; level < LEVELS; level++) {
            byLevel.add(new ArrayList<>());
        }
        long most = 0;
        for (int column = 0; column < used; column++) {
            most = Math.max(most, Arrays.stream(rows(column * perColumn, perColumn)).sum());
        }
        for (int column = 0; column < used; column++) {
            final long[] rows = rows(column * perColumn, perColumn);
            if (Arrays.stream(rows).sum() < most / MIN_SHARE) {
                continue; // the rest of a second: shares of so few would mislead
            }
            final double total = Math.max(1, Arrays.stream(rows).sum());
            for (int row = 0; row < rows.length; row++) {
                if (rows[row] > 0) {
                    // shares over three and a half decades: a bulk of 30 % and a tail of 0.01 % both show
                    final double share = Math.log10(rows[row] / total / 0.3);
                    final int level = (int) Math.max(0, Math.min(LEVELS - 1, Math.floor(LEVELS + 2 * share)));
                    final double left = x.at((double) column * perColumn * stepS);
                    final double right = x.at((double) (column + 1) * perColumn * stepS);
                    final double upper = y.at(edge(lowRow + row + 1));
                    byLevel.get(level).add(new double[] {left, upper, right - left, y.at(edge(lowRow + row)) - upper});
                }
            }
        }
        for (int level = 0; level < LEVELS; level++) {
            svg.cells("heat h" + level + " leg" + leg, byLevel.get(level));
        }
        Frame.vertical(svg, size, y, 6, Format::tick);
        svg.line("axis", size.plotLeft(), bottom, size.plotRight(), bottom);
        for (final double tick : x.ticks(size.isWide() ? 12 : 6)) {
            svg.text("tick", "middle", x.at(tick), bottom + 18, Format.trimmed(tick));
        }
        svg.text("axis-title", "end", size.plotRight(), bottom + 34, "seconds since measuring began");
        return svg.end(size.cssClass(), "Heat map of response times over time for " + label
            + "; a stronger colour means more of that moment's records", null);
    }

    private static double edge(final int row) {
        return LatencySteps.edgeNs((double) row * LatencySteps.PER_DOUBLING / ROWS_PER_DOUBLING);
    }

    private long[] rows(final int from, final int count) {
        final long[] rows = new long[highRow - lowRow + 1];
        for (int step = from; step < Math.min(from + count, steps.stepCount()); step++) {
            for (int bucket = 0; bucket < 64 * LatencySteps.PER_DOUBLING; bucket++) {
                final long count1 = steps.count(step, bucket);
                if (count1 > 0) {
                    rows[Math.max(0, Math.min(rows.length - 1, row(bucket) - lowRow))] += count1;
                }
            }
        }
        return rows;
    }
}
