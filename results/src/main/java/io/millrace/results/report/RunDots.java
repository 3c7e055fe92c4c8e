package io.millrace.results.report;

import io.millrace.results.statistics.LegSummary;
import io.millrace.results.statistics.Metric;
import io.millrace.results.store.RunData;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** One dot a run over its pair: shows drift, outliers, and whether the sides differ more than runs do. */
final class RunDots {
    private final List<LegSummary> legs;
    private final Metric metric;
    private final Map<Integer, Map<Integer, RunData>> byPair = new TreeMap<>();

    RunDots(final List<LegSummary> legs, final Metric metric) {
        this.legs = legs;
        this.metric = metric;
        for (int leg = 0; leg < legs.size(); leg++) {
            for (final RunData run : legs.get(leg).runs()) {
                byPair.computeIfAbsent(run.document().pair(), p -> new LinkedHashMap<>()).put(leg, run);
            }
        }
    }

    String draw() {
        final StringBuilder html = new StringBuilder();
        for (final Frame.Size size : Frame.Size.ALL) {
            html.append(draw(size));
        }
        return html.toString();
    }

    private String draw(final Frame.Size size) {
        // Two of these stand side by side on a wide screen, so the wide one is half as wide.
        final int width = size.isWide() ? 490 : size.width();
        final double right = width - 12.0;
        final double left = size.isWide() ? 64 : size.plotLeft();
        final double bottom = 214;
        final Svg svg = new Svg(width, 258);
        final List<Double> values = new ArrayList<>();
        byPair.values().forEach(pair -> pair.values().forEach(run -> values.add(LegSummary.value(run, metric))));
        values.removeIf(value -> !Double.isFinite(value) || value <= 0);
        final double low = values.stream().mapToDouble(Double::doubleValue).min().orElse(1);
        final double high = values.stream().mapToDouble(Double::doubleValue).max().orElse(1);
        final Scale y = metric.isTime() ? Scale.log(low, high, bottom, 30) : Scale.fromZero(high, bottom, 30);
        svg.text("axis-title", "start", size.isWide() ? left : 2, 14,
            metric.isTime() ? metric.label() + " (log)" : metric.label()
                + (metric == Metric.RATE ? ", records per second" : ""));
        for (final double tick : y.ticks(5)) {
            svg.line("grid", left, y.at(tick), right, y.at(tick));
            svg.text("tick", "end", left - 8, y.at(tick) + 4,
                metric.isTime() ? Format.tick(tick) : Format.shortCount(tick));
        }
        svg.line("axis", left, bottom, right, bottom);
        svg.text("axis-title", "end", right, bottom + 38, (legs.size() > 1 ? "pair" : "run")
            + ", in the order they were run");
        for (int leg = 0; leg < legs.size(); leg++) {
            final double median = legs.get(leg).median(metric);
            if (median > 0) {
                svg.line("median leg" + leg, left, y.at(median), right, y.at(median));
            }
        }
        final Frame.Hover hover = new Frame.Hover();
        final double step = (right - left) / Math.max(1, byPair.size());
        final int labelEvery = Math.max(1, byPair.size() / 12);
        int column = 0;
        for (final Map.Entry<Integer, Map<Integer, RunData>> pair : byPair.entrySet()) {
            final double x = left + (column + 0.5) * step;
            if (column++ % labelEvery == 0) {
                svg.text("tick", "middle", x, bottom + 18, String.valueOf(pair.getKey()));
            }
            dots(svg, pair.getValue(), x, Math.min(9, step / 5), y);
            hover.add(x, (legs.size() > 1 ? "pair " : "run ") + pair.getKey(), readOut(pair.getValue()));
        }
        return svg.end(size.cssClass(), metric.label() + " of each run; the table of runs has the figures",
            hover.json());
    }

    private void dots(
        final Svg svg, final Map<Integer, RunData> pair, final double x, final double apart, final Scale y) {
        final List<Svg.Point> connected = new ArrayList<>();
        pair.forEach((leg, run) -> {
            final double value = LegSummary.value(run, metric);
            if (Double.isFinite(value) && value > 0) {
                connected.add(new Svg.Point(x + (leg - (legs.size() - 1) / 2.0) * 2 * apart, y.at(value)));
            }
        });
        svg.polyline("pair", connected);
        pair.forEach((leg, run) -> {
            final double value = LegSummary.value(run, metric);
            if (Double.isFinite(value) && value > 0) {
                svg.mark((run.isValid() ? "mark leg" : "mark hollow leg") + leg, leg,
                    x + (leg - (legs.size() - 1) / 2.0) * 2 * apart, y.at(value), 5);
            }
        });
    }

    private List<String[]> readOut(final Map<Integer, RunData> pair) {
        final List<String[]> values = new ArrayList<>();
        pair.forEach((leg, run) -> {
            final double value = LegSummary.value(run, metric);
            values.add(new String[] {legs.get(leg).label(), Words.figure(metric, value)
                + (run.isValid() ? "" : " (" + run.status().word() + ")")});
        });
        return values;
    }
}
