package io.millrace.results.report;

import io.millrace.results.statistics.Comparison;
import io.millrace.results.statistics.RatioEstimate;

import java.util.List;

/** Ratios with their intervals on one logarithmic axis, the threshold as a band around one. */
final class ForestPlot {
    private static final double LONGEST = 64;
    private static final int LONGEST_NARROW = 44;

    private final List<Row> rows;
    private final double threshold;
    private final String axis;

    ForestPlot(final Comparison comparison) {
        this(comparison.estimates().stream().map(e -> new Row(e.metric().label(), e)).toList(), comparison.threshold(),
            comparison.other().label() + " to " + comparison.base().label());
    }

    ForestPlot(final List<Row> all, final double threshold, final String axis) {
        this.rows = all.stream().filter(row -> Double.isFinite(row.estimate.ratio())).toList();
        this.threshold = threshold;
        this.axis = axis;
    }

    /** A ratio with its name. */
    record Row(String label, RatioEstimate estimate) {
    }

    String draw() {
        final StringBuilder html = new StringBuilder();
        Frame.Size.ALL.forEach(size -> html.append(draw(size)));
        return html.toString();
    }

    private String draw(final Frame.Size size) {
        final double step = size.isWide() ? 38 : 54;
        final double top = 34;
        final double bottom = top + rows.size() * step;
        final double longest = rows.stream().mapToInt(row -> row.label.length()).max().orElse(0);
        final double left = size.isWide() ? Math.min(460, Math.max(140, 18 + 8.4 * longest)) : 12;
        final double right = size.isWide() ? size.width() - 320.0 : size.width() - 12.0;
        final Svg svg = new Svg(size.width(), (int) bottom + 48);
        final Scale x = scale(rows, left, right);
        final double margin = 1 + threshold;
        svg.rect("band", x.at(1 / margin), top - 6, x.at(margin) - x.at(1 / margin), bottom - top + 6);
        for (final double tick : x.ticks(size.isWide() ? 9 : 6)) {
            svg.line("grid", x.at(tick), top - 6, x.at(tick), bottom);
            svg.text("tick", "middle", x.at(tick), bottom + 18, "×" + Format.trimmed(tick));
        }
        svg.line("one", x.at(1), top - 6, x.at(1), bottom);
        svg.line("axis", left, bottom, right, bottom);
        svg.text("axis-title", "end", right, bottom + 38,
            (size.isWide() || axis.length() < LONGEST_NARROW ? axis : "ratio") + " (log)");
        for (int i = 0; i < rows.size(); i++) {
            final RatioEstimate row = rows.get(i).estimate;
            final double y = top + (i + 0.5) * step + (size.isWide() ? 0 : 9);
            if (size.isWide()) {
                svg.text("label", "end", left - 12, y + 4, rows.get(i).label);
                svg.text("figure", "start", right + 16, y + 4, text(row) + "  " + row.verdict().word());
            } else {
                svg.text("label", "start", left, y - 14, rows.get(i).label);
                svg.text("figure", "end", right, y - 14, text(row));
            }
            if (row.hasInterval()) {
                svg.line("whisker", x.at(Math.max(row.low(), x.low())), y, x.at(Math.min(row.high(), x.high())), y);
                end(svg, x, row.low(), y);
                end(svg, x, row.high(), y);
            }
            svg.mark("mark ratio " + row.verdict().word(), 3, x.at(row.ratio()), y, 5);
        }
        return svg.end(size.cssClass(), "Ratios with 95 % intervals; the table below has the figures", null);
    }

    /** A cap where the interval ends, none where it leaves the axis. */
    private static void end(final Svg svg, final Scale x, final double value, final double y) {
        if (value >= x.low() && value <= x.high()) {
            svg.line("whisker", x.at(value), y - 5, x.at(value), y + 5);
        }
    }

    private static String text(final RatioEstimate row) {
        return "×" + Format.ratio(row.ratio()) + (row.hasInterval()
            ? "  [" + Format.ratio(row.low()) + " – " + Format.ratio(row.high()) + "]" : "  (no interval)");
    }

    private static Scale scale(final List<Row> rows, final double left, final double right) {
        double low = 0.8;
        double high = 1.25;
        for (final RatioEstimate row : rows.stream().map(Row::estimate).toList()) {
            low = Math.min(low, row.ratio());
            high = Math.max(high, row.ratio());
            if (row.hasInterval()) { // an interval over decades says "unknown"; it need not squeeze the others
                low = Math.min(low, Math.max(row.low(), row.ratio() / LONGEST));
                high = Math.max(high, Math.min(row.high(), row.ratio() * LONGEST));
            }
        }
        return Scale.log(low, high, left, right);
    }
}
