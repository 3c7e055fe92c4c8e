package io.millrace.results.report;

import io.millrace.results.model.JmhMetric;
import io.millrace.results.statistics.ForkInterval;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A row for each result: a dot for each fork, a bar at their median, a line for the interval over forks. */
final class JmhChart {
    private static final int MAX_ROWS = 40;
    private static final int MAX_COLOURS = 6;
    /** Beyond this span a scale from zero squeezes the small ones into its edge. */
    private static final double WIDE_SPAN = 8;
    private static final double HEAD = 24;
    private static final int MAX_LABEL = 52;
    private static final int MAX_NARROW_LABEL = 44;

    private final JmhRows rows;
    private final List<JmhRows.Row> shown = new ArrayList<>();
    private final Map<String, List<JmhRows.Row>> bySetting;
    private final int settingCount;

    JmhChart(final JmhRows rows) {
        this.rows = rows;
        this.bySetting = rows.bySetting();
        bySetting.values().forEach(shown::addAll);
        this.settingCount = bySetting.size();
    }

    boolean hasData() {
        return shown.size() > 1;
    }

    String draw() {
        final StringBuilder html = new StringBuilder();
        Frame.Size.ALL.forEach(size -> html.append(draw(size)));
        if (shown.size() > MAX_ROWS) {
            html.append(Html.paragraph("advice", "The first " + MAX_ROWS + " of " + shown.size()
                + " are drawn; the table has all."));
        }
        return html.toString();
    }

    private String draw(final Frame.Size size) {
        final List<JmhRows.Row> drawn = shown.stream().limit(MAX_ROWS).toList();
        final boolean hasHeads = settingCount > 1;
        final int headCount = hasHeads
            ? (int) drawn.stream().map(JmhRows.Row::setting).distinct().count() : 0;
        final double step = size.isWide() ? 30 : 60;
        final double top = 34;
        final double bottom = top + drawn.size() * step + headCount * HEAD;
        final double longest = drawn.stream().mapToInt(row -> row.design().length()).max().orElse(0);
        final double left = size.isWide() ? Math.min(460, Math.max(130, 18 + 8.4 * Math.min(longest, MAX_LABEL))) : 12;
        final double right = size.isWide() ? size.width() - 240.0 : size.width() - 12.0;
        final Svg svg = new Svg(size.width(), (int) bottom + 48);
        final Scale x = scale(drawn, left, right);
        for (final double tick : x.ticks(size.isWide() ? 7 : 4)) {
            svg.line("grid", x.at(tick), top - 6, x.at(tick), bottom);
            svg.text("tick", "middle", x.at(tick), bottom + 18, tick >= 1000 ? Format.shortCount(tick)
                : Format.trimmed(tick));
        }
        svg.line("axis", left, bottom, right, bottom);
        svg.text("axis-title", "end", right, bottom + 38, rows.unit() + (x.isLog() ? " (log), " : ", ")
            + (rows.isHigherBetter() ? "more is better" : "less is better"));
        double y = top;
        String setting = null;
        for (final JmhRows.Row row : drawn) {
            if (hasHeads && !row.setting().equals(setting)) {
                setting = row.setting();
                svg.text("head", "start", size.isWide() ? 0 : left, y + 16, setting);
                y += HEAD;
            }
            row(svg, size, x, row, y, left, right);
            y += step;
        }
        return svg.end(size.cssClass(), rows.title() + " by fork; the table below has the figures", null);
    }

    private void row(final Svg svg, final Frame.Size size, final Scale x, final JmhRows.Row row, final double top,
        final double left, final double right) {
        final double y = size.isWide() ? top + 15 : top + 44;
        final ForkInterval interval = row.interval();
        final String figures = JmhFormat.brief(row.median()) + (interval == null ? "" : "  ["
            + JmhFormat.brief(Math.max(0, interval.low())) + " – " + JmhFormat.brief(interval.high()) + "]");
        if (size.isWide()) {
            svg.text("label", "end", left - 12, y + 4, fitting(row.design(), MAX_LABEL));
            svg.text("figure", "start", right + 16, y + 4, figures);
        } else {
            svg.text("label small", "start", left, top + 14, fitting(row.design(), MAX_NARROW_LABEL));
            svg.text("figure small", "end", right, top + 31, figures);
        }
        final int colour = row.run() % MAX_COLOURS;
        if (interval != null) {
            svg.line("whisker", x.at(Math.max(interval.low(), x.low())), y, x.at(Math.min(interval.high(), x.high())),
                y);
        }
        for (final double mean : row.result().primary().forkMeans()) {
            svg.mark("mark fork leg" + colour, 0, x.at(mean), y, 4.5);
        }
        svg.line("fork-median", x.at(row.median()), y - 8, x.at(row.median()), y + 8);
    }

    private static String fitting(final String text, final int length) {
        return text.length() <= length ? text : text.substring(0, length - 1) + "…";
    }

    /** By the forks: an interval over two of them may be decades long, which need not squeeze the others. */
    private static Scale scale(final List<JmhRows.Row> rows, final double left, final double right) {
        double low = Double.MAX_VALUE;
        double high = 0;
        for (final JmhRows.Row row : rows) {
            final JmhMetric metric = row.result().primary();
            for (final double mean : metric.forkMeans()) {
                low = mean > 0 ? Math.min(low, mean) : low;
                high = Math.max(high, mean);
            }
            final ForkInterval interval = row.interval();
            if (interval != null) {
                high = Math.max(high, Math.min(interval.high(), 1.5 * row.median()));
                low = interval.low() > 0 ? Math.min(low, Math.max(interval.low(), row.median() / 2)) : low;
            }
        }
        return high > WIDE_SPAN * low ? Scale.log(low, high, left, right) : Scale.fromZero(high, left, right);
    }
}
