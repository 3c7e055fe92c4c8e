package io.millrace.results.report;

import io.millrace.results.model.Quantiles;
import io.millrace.results.model.Tags;
import io.millrace.results.statistics.ForkInterval;
import io.millrace.results.statistics.LegSummary;
import io.millrace.results.store.RunData;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;

import java.util.ArrayList;
import java.util.List;

/** Response time over 1/(1-q): the tail takes the room it deserves. Lines end where too few samples support them. */
final class PercentileChart {
    private static final int POINTS_PER_DECADE = 16;
    private static final int MIN_RUNS_FOR_BAND = 3;
    /** More of them hide each other. */
    private static final int MAX_BANDS = 3;
    /** How many times shorter than all response times stalls may be to be drawn below them. */
    private static final double MAX_ROOM = 100;
    /** What a logarithmic scale leaves beyond its figures. */
    private static final double AIR = 1.12;
    private static final double HALF_A_LABEL = 18;
    private static final double[] MARKED = {0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999, 0.999999};

    private final List<LegSummary> legs;
    private final List<Curve> curves = new ArrayList<>();
    private final List<Curve> thin = new ArrayList<>();
    private final List<Band> bands = new ArrayList<>();
    private final List<Slo> slos = new ArrayList<>();
    private Curve hiccup;
    private Curve brokerHiccup;
    private double decades = 2;
    private double lowNs = Double.MAX_VALUE;
    private double highNs;

    PercentileChart(final List<LegSummary> legs) {
        this.legs = legs;
        final Histogram hiccups = new Histogram(3);
        hiccups.setAutoResize(true);
        final Histogram brokerHiccups = new Histogram(3);
        brokerHiccups.setAutoResize(true);
        for (int i = 0; i < legs.size(); i++) {
            final LegSummary leg = legs.get(i);
            curves.add(curve(leg.merged(Tags.ACK_RT), i));
            if (leg.usedRuns().size() > 1) {
                final List<Curve> runs = new ArrayList<>();
                for (final RunData run : leg.usedRuns()) {
                    runs.add(curve(run.merged(Tags.ACK_RT), i));
                }
                if (legs.size() <= MAX_BANDS) {
                    thin.addAll(runs);
                }
                if (runs.size() >= MIN_RUNS_FOR_BAND && legs.size() <= MAX_BANDS) {
                    bands.add(band(i, runs));
                }
            }
            Slo.of(leg.usedRuns()).stream().filter(slo -> !slos.contains(slo)).forEach(slos::add);
            hiccups.add(leg.merged(Tags.HICCUP_CLIENT));
            brokerHiccups.add(leg.mergedOf(Tags.HICCUP_BROKER_PREFIX));
        }
        if (brokerHiccups.getTotalCount() > 0) {
            brokerHiccup = curve(brokerHiccups, -1);
        }
        if (hiccups.getTotalCount() > 0) {
            hiccup = curve(hiccups, -1);
        }
        makeRoom(hiccup);
        makeRoom(brokerHiccup);
    }

    /** Stalls that are shorter than any response time, but not by much, are to be seen below them. */
    private void makeRoom(final Curve stalls) {
        final double longest = stalls == null || stalls.valuesNs.length < 2 ? 0
            : stalls.valuesNs[stalls.valuesNs.length - 1];
        if (longest < 2 * lowNs && longest > lowNs / MAX_ROOM && highNs > 0) {
            lowNs = Math.min(lowNs, longest / 2);
        }
    }

    /** A line of stalls all of which are shorter than what the axis shows is none. */
    private boolean isSeen(final Curve stalls) {
        return stalls != null && stalls.valuesNs.length > 1 && hasData()
            && stalls.valuesNs[stalls.valuesNs.length - 2] >= lowNs / AIR;
    }

    /** {@return true if there is anything to draw} */
    boolean hasData() {
        return curves.stream().anyMatch(curve -> curve.valuesNs.length > 1);
    }

    /** {@return true if stalls of the measuring process are drawn} */
    boolean hasHiccup() {
        return isSeen(hiccup);
    }

    /** {@return true if stalls inside brokers are drawn} */
    boolean hasBrokerHiccup() {
        return isSeen(brokerHiccup);
    }

    /** {@return true if single runs are drawn} */
    boolean hasRuns() {
        return !thin.isEmpty();
    }

    /** {@return true if intervals over the runs are drawn} */
    boolean hasBand() {
        return !bands.isEmpty();
    }

    String draw() {
        final StringBuilder html = new StringBuilder();
        Frame.Size.ALL.forEach(size -> html.append(draw(size)));
        return html.toString();
    }

    private String draw(final Frame.Size size) {
        final int height = size.isWide() ? 430 : 320;
        final double bottom = height - 46.0;
        final Svg svg = new Svg(size.width(), height);
        final Scale x = new Scale(false, 0, decades, size.plotLeft(), size.plotRight());
        final Scale y = Scale.log(lowNs, highNs, bottom, 28);
        Frame.title(svg, size, 14, "response time (log)");
        Frame.vertical(svg, size, y, size.isWide() ? 9 : 7, Format::tick);
        drawPercentiles(svg, size, x, bottom);
        bands.forEach(band -> svg.area("uncertain leg" + band.leg, points(new Curve(band.leg, band.highNs), x, y),
            points(new Curve(band.leg, band.lowNs), x, y)));
        if (hasHiccup()) {
            svg.polyline("curve hiccup", points(hiccup, x, y));
        }
        if (hasBrokerHiccup()) {
            svg.polyline("curve hiccup inside", points(brokerHiccup, x, y));
        }
        drawSlos(svg, size, x, y);
        thin.forEach(curve -> svg.polyline("curve thin leg" + curve.leg, points(curve, x, y)));
        for (final Curve curve : curves) {
            svg.polyline("curve leg" + curve.leg, points(curve, x, y));
            for (final double quantile : MARKED) {
                final double value = curve.at(quantile);
                if (Double.isFinite(value)) {
                    svg.mark("mark leg" + curve.leg, curve.leg, x.at(decades(quantile)), y.at(value), 4);
                }
            }
        }
        return svg.end(size.cssClass(), "Response time by percentile, one line per side; the table below has the "
            + "figures", hover(x));
    }

    private void drawPercentiles(final Svg svg, final Frame.Size size, final Scale x, final double bottom) {
        svg.line("axis", size.plotLeft(), bottom, size.plotRight(), bottom);
        for (final double quantile : MARKED) {
            if (decades(quantile) <= decades + 1e-9) {
                svg.line("grid", x.at(decades(quantile)), 28, x.at(decades(quantile)), bottom);
                final double at = x.at(decades(quantile));
                final boolean isAtEdge = at + HALF_A_LABEL > size.width();
                svg.text("tick", isAtEdge ? "end" : "middle", isAtEdge ? size.width() : at, bottom + 18,
                    label(quantile));
            }
        }
        svg.text("axis-title", "end", size.plotRight(), bottom + 38, "percentile, on a 1/(1−q) axis");
    }

    /** A line up to the quantile that is bounded, and its words. */
    private void drawSlos(final Svg svg, final Frame.Size size, final Scale x, final Scale y) {
        for (final Slo slo : slos) {
            if (slo.limitNs() > y.low() && slo.limitNs() < y.high()) {
                final double to = slo.quantile() < 1 ? Math.min(decades, decades(slo.quantile())) : decades;
                svg.line("slo", size.plotLeft(), y.at(slo.limitNs()), x.at(to), y.at(slo.limitNs()));
                svg.line("slo", x.at(to), y.at(slo.limitNs()) - 5, x.at(to), y.at(slo.limitNs()) + 5);
                svg.text("label small", "start", size.plotLeft() + 6, y.at(slo.limitNs()) - 6, slo.text());
            }
        }
    }

    /** Student's interval of the runs' curves at each step of the axis, as far as every run reaches. */
    private static Band band(final int leg, final List<Curve> runs) {
        final int length = runs.stream().mapToInt(run -> run.valuesNs.length).min().orElse(0);
        final double[] low = new double[length];
        final double[] high = new double[length];
        for (int i = 0; i < length; i++) {
            final int at = i;
            final double[] interval =
                ForkInterval.ofLogs(runs.stream().mapToDouble(run -> run.valuesNs[at]).toArray());
            low[i] = interval[0];
            high[i] = interval[1];
        }
        return new Band(leg, low, high);
    }

    private String hover(final Scale x) {
        final Frame.Hover hover = new Frame.Hover();
        for (int i = 1; i <= decades * 8; i++) {
            final double position = i / 8.0;
            final double quantile = 1 - Math.pow(10, -position);
            final List<String[]> values = new ArrayList<>();
            for (final Curve curve : curves) {
                values.add(new String[] {legs.get(curve.leg).label(), Format.time(curve.at(quantile))});
            }
            if (hasHiccup()) {
                values.add(new String[] {"client stalls", Format.time(hiccup.at(quantile))});
            }
            if (hasBrokerHiccup()) {
                values.add(new String[] {"broker stalls", Format.time(brokerHiccup.at(quantile))});
            }
            hover.add(x.at(position), label(quantile), values);
        }
        return hover.json();
    }

    private Curve curve(final Histogram histogram, final int leg) {
        final long count = histogram.getTotalCount();
        final double supported = count < 2 * Quantiles.MIN_SAMPLES_BEYOND ? 0
            : Math.log10((double) count / Quantiles.MIN_SAMPLES_BEYOND);
        final double[] values = new double[count == 0 ? 0 : (int) Math.floor(supported * POINTS_PER_DECADE + 1e-6) + 1];
        int i = 0;
        for (final HistogramIterationValue step : histogram.recordedValues()) {
            while (i < values.length && step.getTotalCountToThisValue()
                >= Quantiles.rank(count, 1 - Math.pow(10, -(double) i / POINTS_PER_DECADE))) {
                values[i++] = Math.max(1, step.getValueIteratedTo());
            }
        }
        if (values.length > 1 && leg >= 0) {
            decades = Math.min(9, Math.max(decades, supported));
            lowNs = Math.min(lowNs, values[1]); // the very shortest would only stretch the axis
            highNs = Math.max(highNs, values[values.length - 1]);
        } else if (values.length > 1) {
            highNs = Math.max(highNs, values[values.length - 1]);
        }
        return new Curve(leg, values);
    }

    private List<Svg.Point> points(final Curve curve, final Scale x, final Scale y) {
        final List<Svg.Point> points = new ArrayList<>();
        for (int i = 0; i < curve.valuesNs.length && (double) i / POINTS_PER_DECADE <= decades; i++) {
            if (curve.valuesNs[i] >= y.low()) {
                points.add(new Svg.Point(x.at((double) i / POINTS_PER_DECADE), y.at(curve.valuesNs[i])));
            }
        }
        return points;
    }

    private static double decades(final double quantile) {
        return -Math.log10(1 - quantile);
    }

    private static String label(final double quantile) {
        final int digits = (int) Math.max(0, Math.ceil(decades(quantile) - 2 - 1e-9)) + (isNines(quantile) ? 0 : 1);
        return "p" + java.math.BigDecimal.valueOf(quantile * 100)
            .setScale(digits, java.math.RoundingMode.HALF_UP).toPlainString();
    }

    private static boolean isNines(final double quantile) {
        final double decades = decades(quantile);
        return quantile == 0.5 || Math.abs(decades - Math.rint(decades)) < 1e-9;
    }

    /** Ends of the interval at equal steps of the axis. */
    private record Band(int leg, double[] lowNs, double[] highNs) {
    }

    /** Values at equal steps of the axis; leg -1 is a line of stalls. */
    private record Curve(int leg, double[] valuesNs) {
        double at(final double quantile) {
            final double position = decades(quantile) * POINTS_PER_DECADE;
            final int index = (int) Math.floor(position + 1e-6);
            if (valuesNs.length == 0 || position > valuesNs.length - 1 + 1e-6) {
                return Double.NaN;
            }
            final double rest = position - index;
            return rest < 1e-6 || index + 1 >= valuesNs.length ? valuesNs[index]
                : valuesNs[index] * Math.pow(valuesNs[index + 1] / valuesNs[index], rest);
        }
    }
}
