package io.millrace.results.report;

import io.millrace.results.model.Quantiles;
import io.millrace.results.model.Tags;
import io.millrace.results.statistics.LegSummary;
import org.HdrHistogram.Histogram;

import java.util.ArrayList;
import java.util.List;

/** Where the time went, for one side: response time, service time and schedule lag at the usual percentiles. */
final class BreakdownChart {
    private static final double[] QUANTILES = {0.5, 0.9, 0.99, 0.999, 0.9999};
    private static final List<String> NAMES = List.of("p50", "p90", "p99", "p99.9", "p99.99");
    private static final List<String> TAGS = List.of(Tags.ACK_RT, Tags.ACK_SERVICE, Tags.SCHED_LAG);
    private static final List<String> WORDS = List.of("response", "service", "lag");
    private static final double TOP = 30;

    private final List<LegSummary> legs;
    private double lowNs = Double.MAX_VALUE;
    private double highNs;

    /** All sides share one axis. */
    BreakdownChart(final List<LegSummary> legs) {
        this.legs = legs;
        for (final LegSummary leg : legs) {
            for (final String tag : TAGS) {
                for (final double quantile : QUANTILES) {
                    final Long value = Quantiles.value(leg.merged(tag), quantile);
                    if (value != null && value > 0) {
                        lowNs = Math.min(lowNs, value);
                        highNs = Math.max(highNs, value);
                    }
                }
            }
        }
    }

    boolean hasData() {
        return highNs > 0;
    }

    String draw(final int leg) {
        final StringBuilder html = new StringBuilder();
        Frame.Size.ALL.forEach(size -> html.append(draw(size, leg)));
        return html.toString();
    }

    private String draw(final Frame.Size size, final int number) {
        final int width = size.isWide() ? 490 : size.width();
        final double left = size.isWide() ? 64 : size.plotLeft();
        final double right = width - 12.0;
        final double bottom = 226;
        final Svg svg = new Svg(width, 256);
        final Scale y = Scale.log(lowNs, highNs, bottom, TOP);
        svg.text("axis-title", "start", size.isWide() ? left : 2, 14, legs.get(number).label() + " (log)");
        for (final double tick : y.ticks(6)) {
            svg.line("grid", left, y.at(tick), right, y.at(tick));
            svg.text("tick", "end", left - 8, y.at(tick) + 4, Format.tick(tick));
        }
        svg.line("axis", left, bottom, right, bottom);
        final double step = (right - left) / QUANTILES.length;
        final Frame.Hover hover = new Frame.Hover();
        for (int i = 0; i < QUANTILES.length; i++) {
            final double x = left + (i + 0.5) * step;
            svg.text("tick", "middle", x, bottom + 18, NAMES.get(i));
            final List<String[]> values = new ArrayList<>();
            for (int kind = 0; kind < TAGS.size(); kind++) {
                final Histogram histogram = legs.get(number).merged(TAGS.get(kind));
                final Long value = Quantiles.value(histogram, QUANTILES[i]);
                if (value == null || value <= 0) {
                    continue;
                }
                final double barWidth = Math.min(22, step / 4);
                final double at = x + (kind - 1.5) * (barWidth + 2) + 1;
                svg.rect("bar kind" + kind + " leg" + number, at, y.at(value), barWidth, bottom - y.at(value));
                values.add(new String[] {WORDS.get(kind), Format.time(value)});
            }
            hover.add(x, NAMES.get(i), values);
        }
        return svg.end(size.cssClass(), "Response time, service time and schedule lag of " + legs.get(number).label()
            + " by percentile; the table below has the figures", hover.json());
    }
}
