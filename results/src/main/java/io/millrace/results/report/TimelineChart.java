package io.millrace.results.report;

import io.millrace.results.statistics.LegSummary;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleBiFunction;

/** Throughput and p50, p99, max by second of the measured phase, all runs laid over each other, events marked. */
final class TimelineChart {
    private static final int MAX_POINTS = 6000;
    private static final double MARKS_TOP = 2;
    private static final double LONE = 3;

    private final List<LegSummary> legs;
    private final List<List<RunSeries>> runs = new ArrayList<>();
    private final List<RunSeries> merged = new ArrayList<>();
    private final EventMarks marks;
    private final int stepS;
    private final int lengthS;

    TimelineChart(final List<LegSummary> legs) {
        this.legs = legs;
        this.marks = new EventMarks(Happening.of(legs));
        int longestS = 1;
        int runCount = 0;
        for (final LegSummary leg : legs) {
            runCount += leg.usedRuns().size();
            longestS = Math.max(longestS, leg.usedRuns().stream().mapToInt(RunSeries::lengthS).max().orElse(1));
        }
        final int wantedPoints = Math.max(40, Math.min(240, MAX_POINTS / Math.max(1, runCount)));
        stepS = Math.max(1, (longestS + wantedPoints - 1) / wantedPoints);
        int stepCount = 0;
        for (final LegSummary leg : legs) {
            final List<RunSeries> series = new ArrayList<>();
            if (leg.usedRuns().size() > 1) {
                leg.usedRuns().forEach(run -> series.add(RunSeries.of(List.of(run), stepS)));
            }
            runs.add(series);
            merged.add(RunSeries.of(leg.usedRuns(), stepS));
            stepCount = Math.max(stepCount, merged.get(merged.size() - 1).count());
        }
        lengthS = Math.max(1, stepCount) * stepS;
    }

    boolean hasData() {
        return merged.stream().anyMatch(series -> series.count() > 1);
    }

    /** Only where at some time more than a second's worth of records waited. */
    private boolean hasBacklog() {
        for (final RunSeries series : merged) {
            for (int i = 0; i < series.count(); i++) {
                if (series.waiting(i) > series.ratePerS(i)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** {@return seconds the axis is long} */
    int lengthS() {
        return lengthS;
    }

    /** {@return seconds a point stands for} */
    int stepS() {
        return stepS;
    }

    EventMarks marks() {
        return marks;
    }

    String draw() {
        final StringBuilder html = new StringBuilder();
        Frame.Size.ALL.forEach(size -> html.append(draw(size)));
        return html.toString();
    }

    private String draw(final Frame.Size size) {
        final double panel = size.isWide() ? 118 : 100;
        final double gap = 36;
        final int panelCount = hasBacklog() ? 5 : 4;
        final int height = (int) (34 + marks.height() + panelCount * (panel + gap) + 22);
        final Svg svg = new Svg(size.width(), height);
        final Scale x = new Scale(false, 0, lengthS, size.plotLeft(), size.plotRight());
        double top = 36 + marks.height();
        panel(svg, size, x, top, panel, "acknowledged records per second", false, RunSeries::ratePerS);
        top += panel + gap;
        panel(svg, size, x, top, panel, "response time p50 (log)", true, RunSeries::p50Ns);
        top += panel + gap;
        panel(svg, size, x, top, panel, "response time p99 (log)", true, RunSeries::p99Ns);
        top += panel + gap;
        panel(svg, size, x, top, panel, "response time max (log)", true, RunSeries::maxNs);
        if (hasBacklog()) {
            top += panel + gap;
            panel(svg, size, x, top, panel, "sent and not yet answered, records", false, RunSeries::waiting);
        }
        svg.begin("xticks");
        for (final double tick : x.ticks(size.isWide() ? 12 : 6)) {
            svg.text("tick", "middle", x.at(tick), top + panel + 18, Format.trimmed(tick));
        }
        svg.end();
        svg.text("axis-title", "end", size.plotRight(), top + panel + 38, "seconds since measuring began");
        marks.draw(svg, x, MARKS_TOP, top + panel);
        return svg.end(size.cssClass() + " timeline", "Throughput and response time by second; the table of runs has "
            + "the totals", hover(x));
    }

    private void panel(
        final Svg svg,
        final Frame.Size size,
        final Scale x,
        final double top,
        final double panel,
        final String title,
        final boolean isTime,
        final ToDoubleBiFunction<RunSeries, Integer> figure) {
        double low = Double.MAX_VALUE;
        double high = 0;
        for (int leg = 0; leg < legs.size(); leg++) {
            final List<RunSeries> all = new ArrayList<>(runs.get(leg));
            all.add(merged.get(leg));
            for (final RunSeries series : all) {
                for (int i = 0; i < series.count(); i++) {
                    final double value = figure.applyAsDouble(series, i);
                    low = value > 0 ? Math.min(low, value) : low;
                    high = value > 0 ? Math.max(high, value) : high;
                }
            }
        }
        if (high == 0) {
            Frame.title(svg, size, top - 12, title);
            svg.line("axis", size.plotLeft(), top + panel, size.plotRight(), top + panel);
            svg.text("tick", "start", size.plotLeft() + 8, top + panel - 12, "too few samples in each step");
            return;
        }
        final Scale y = isTime ? Scale.log(low, high, top + panel, top) : Scale.fromZero(high, top + panel, top);
        Frame.title(svg, size, top - 12, title);
        Frame.vertical(svg, size, y, 4, isTime ? Format::tick : Format::shortCount);
        svg.line("axis", size.plotLeft(), top + panel, size.plotRight(), top + panel);
        svg.beginWindow(size.plotLeft(), size.plotRight());
        for (int leg = 0; leg < legs.size(); leg++) {
            for (final RunSeries series : runs.get(leg)) {
                lines(svg, "curve thin leg" + leg, series, x, y, figure);
            }
        }
        for (int leg = 0; leg < legs.size(); leg++) {
            lines(svg, "curve leg" + leg, merged.get(leg), x, y, figure);
        }
        svg.endWindow();
    }

    /** A second without figure interrupts the line. */
    private static void lines(
        final Svg svg,
        final String cssClass,
        final RunSeries series,
        final Scale x,
        final Scale y,
        final ToDoubleBiFunction<RunSeries, Integer> figure) {
        List<Svg.Point> points = new ArrayList<>();
        for (int i = 0; i < series.count(); i++) {
            final double value = figure.applyAsDouble(series, i);
            if (Double.isFinite(value)) {
                points.add(new Svg.Point(x.at(series.middleS(i)), y.at(value)));
            } else {
                stretch(svg, cssClass, points);
                points = new ArrayList<>();
            }
        }
        stretch(svg, cssClass, points);
    }

    /** A figure between two moments without is a short line: a point would be nothing. */
    private static void stretch(final Svg svg, final String cssClass, final List<Svg.Point> points) {
        if (points.size() == 1) {
            final Svg.Point only = points.get(0);
            points.add(0, new Svg.Point(only.x() - LONE, only.y()));
            points.add(new Svg.Point(only.x() + LONE, only.y()));
        }
        svg.polyline(cssClass, points);
    }

    private String hover(final Scale x) {
        final Frame.Hover hover = new Frame.Hover();
        for (int i = 0; i * stepS < lengthS; i++) {
            final List<String[]> values = new ArrayList<>();
            for (int leg = 0; leg < legs.size(); leg++) {
                final RunSeries series = merged.get(leg);
                if (i < series.count()) {
                    values.add(new String[] {legs.get(leg).label(), Format.rate(series.ratePerS(i)) + ", p50 "
                        + Format.time(series.p50Ns(i)) + ", p99 "
                        + Format.time(series.p99Ns(i)) + ", max "
                        + Format.time(series.maxNs(i))});
                }
            }
            hover.add(x.at((i + 0.5) * stepS), "second " + i * stepS + (stepS > 1 ? "–" + (i + 1) * stepS : ""),
                values);
        }
        return hover.json();
    }
}
