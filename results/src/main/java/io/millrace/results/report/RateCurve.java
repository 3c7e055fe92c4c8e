package io.millrace.results.report;

import io.millrace.results.model.Quantiles;
import io.millrace.results.model.RunFindings;
import io.millrace.results.model.RunParams;
import io.millrace.results.model.SweepResult;
import io.millrace.results.model.Tags;
import io.millrace.results.statistics.Medians;
import io.millrace.results.statistics.RunCells;
import io.millrace.results.store.RunData;
import io.millrace.results.store.SweepReader;
import org.HdrHistogram.Histogram;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Latency against throughput: a point for each rate that was asked for, a line for each other setting. The knee is the
 * point farthest below the chord of the p99 line; sustainable is the highest rate all of whose runs are valid, kept
 * 99 % of it and, where a bound was asked for, kept that, as all rates below it do. A sweep's own limit, where one lies
 * beside the runs, is taken as it is: it has looked at each rate in the order in which it tried them.
 */
final class RateCurve {
    private static final int MIN_RATES = 3;
    private static final double REACHED = 0.99;
    private static final List<String> NAMES = List.of("p50", "p99", "p99.9");
    private static final double NAME_WIDTH = 44;
    private static final double NAME_HEIGHT = 18;
    private static final double[] QUANTILES = {0.5, 0.99, 0.999};

    private final List<Line> lines = new ArrayList<>();
    private final List<Slo> slos;
    private final Set<Long> undecided;

    RateCurve(final List<RunData> runs) {
        slos = Slo.of(runs);
        final SweepResult sweep = SweepReader.beside(runs);
        undecided = sweep == null ? Set.of() : Set.copyOf(sweep.undecidedPerS());
        final double limitPerS = sweep == null ? Double.NaN : sweep.maxRatePerS() == null ? 0 : sweep.maxRatePerS();
        final List<String> rest =
            RunCells.names(runs).stream().filter(name -> !name.equals(RunParams.RATE_PER_S)).toList();
        final Map<String, List<RunData>> bySetting = new LinkedHashMap<>();
        runs.forEach(run -> bySetting.computeIfAbsent(RunCells.key(run, rest), k -> new ArrayList<>()).add(run));
        final Map<String, String> labels = RunCells.labels(bySetting.keySet());
        bySetting.forEach((key, members) -> {
            final Map<Double, List<RunData>> byRate = new TreeMap<>();
            members.forEach(run -> {
                if (run.document().params().get(RunParams.RATE_PER_S) instanceof Number rate
                    && rate.doubleValue() > 0 && !run.intervals(Tags.ACK_RT).isEmpty()) {
                    byRate.computeIfAbsent(rate.doubleValue(), r -> new ArrayList<>()).add(run);
                }
            });
            if (byRate.size() >= MIN_RATES) {
                final List<Spot> spots = new ArrayList<>();
                byRate.forEach((rate, at) -> spots.add(spot(rate, at)));
                lines.add(new Line(labels.get(key).isEmpty() ? "all runs" : labels.get(key), spots,
                    bySetting.size() == 1 ? limitPerS : Double.NaN));
            }
        });
    }

    /**
     * One rate of one line.
     *
     * @param isValid     true if the figures come from valid runs
     * @param isKept      true if every run kept the rate and its bounds, and all of them together do
     * @param keptCount   runs that did
     * @param isUndecided true if the sweep says that the machine spoilt its runs, so that nothing is known of it
     */
    private record Spot(double targetPerS, double achievedPerS, double[] ns, boolean isValid, boolean isKept,
        int keptCount, int runCount, boolean isUndecided) {
        /** What became of the rate, run by run where they differ. */
        String word() {
            return isUndecided ? "undecided" : !isValid && keptCount == 0 ? "not valid" : keptCount == runCount
                ? isKept ? "kept" : "missed" : keptCount == 0 ? "missed" : "kept in " + keptCount + " of " + runCount;
        }
    }

    /** One setting over its rates, ascending, and the limit a sweep found, not a number without one. */
    private record Line(String label, List<Spot> spots, double limitPerS) {
        /** Highest rate up to which every rate was kept, or the sweep's limit if it is known; null if none. */
        Spot sustainable() {
            Spot last = null;
            for (final Spot spot : spots) {
                if (Double.isNaN(limitPerS) ? !spot.isKept : spot.targetPerS > limitPerS) {
                    break;
                }
                last = spot;
            }
            return last;
        }

        /** Farthest below the chord from the first to the last point, rates linear and times logarithmic. */
        Spot knee() {
            final Spot first = spots.get(0);
            final Spot last = spots.get(spots.size() - 1);
            final double width = last.achievedPerS - first.achievedPerS;
            final double rise = Math.log(last.ns[1] / first.ns[1]);
            Spot knee = null;
            double farthest = 0.1; // less is no knee but noise
            for (final Spot spot : spots) {
                final double below = (spot.achievedPerS - first.achievedPerS) / width
                    - Math.log(spot.ns[1] / first.ns[1]) / rise;
                if (width > 0 && rise > Math.log(2) && below > farthest) {
                    farthest = below;
                    knee = spot;
                }
            }
            return knee;
        }
    }

    private Spot spot(final double rate, final List<RunData> runs) {
        final List<RunData> used = runs.stream().filter(RunData::isValid).toList();
        final Histogram all = new Histogram(3);
        all.setAutoResize(true);
        (used.isEmpty() ? runs : used).forEach(run -> all.add(run.merged(Tags.ACK_RT)));
        final double[] ns = new double[QUANTILES.length];
        for (int i = 0; i < ns.length; i++) {
            final Long value = Quantiles.value(all, QUANTILES[i]);
            ns[i] = value == null || !isProven(used.isEmpty() ? runs : used, QUANTILES[i])
                ? Double.NaN : Math.max(1, value);
        }
        final double achieved = Medians.of(runs.stream().mapToDouble(RunData::achievedPerS).toArray());
        final int kept = (int) runs.stream().filter(run -> isKept(run, rate)).count();
        return new Spot(rate, achieved, ns, !used.isEmpty(), kept == runs.size() && isWithin(all, runs), kept,
            runs.size(), undecided.contains(Math.round(rate)));
    }

    /** A run by its own figures, and by what it said of itself, which counts the records that failed. */
    private boolean isKept(final RunData run, final double rate) {
        return run.isValid() && run.achievedPart(rate) >= REACHED && isWithin(run.merged(Tags.ACK_RT), List.of(run))
            && (run.document().findings() == null || run.document().findings().slo().stream()
            .allMatch(RunFindings.SloResult::isMet));
    }

    private boolean isWithin(final Histogram times, final List<RunData> of) {
        return slos.stream().allMatch(slo -> {
            final Long value = slo.quantile() < 1 ? Quantiles.value(times, slo.quantile())
                : Long.valueOf(times.getMaxValue());
            return value != null && value <= slo.limitNs() && isProven(of, slo.quantile());
        });
    }

    private static boolean isProven(final List<RunData> runs, final double quantile) {
        return runs.stream().map(run -> run.document().measured())
            .allMatch(measured -> measured == null || measured.isProven(Tags.ACK_RT, quantile));
    }

    boolean hasData() {
        return !lines.isEmpty();
    }

    /** What the curve says, in sentences. */
    String words() {
        final StringBuilder text = new StringBuilder();
        for (final Line line : lines) {
            final Spot best = line.sustainable();
            final Spot knee = line.knee();
            final String bound = slos.isEmpty() ? "kept with valid runs"
                : "sustained within " + String.join(", ", slos.stream().map(Slo::text).toList());
            text.append(text.isEmpty() ? "" : " ").append(lines.size() > 1 ? line.label + ": " : "")
                .append(best == null ? "no rate was " + bound + "." : "The highest rate " + bound + " is "
                + Format.rate(best.targetPerS) + " (" + (best.keptCount < best.runCount ? best.keptCount + " of " : "")
                + Words.plural(best.runCount, "run") + ", p99 " + Format.time(best.ns[1]) + ")"
                + (best == line.spots.get(line.spots.size() - 1) ? ", the highest that was tried." : "."))
                .append(knee == null ? "" : " The knee lies at about " + Format.rate(knee.achievedPerS) + ".");
        }
        return text.toString();
    }

    String draw() {
        final StringBuilder html = new StringBuilder();
        Frame.Size.ALL.forEach(size -> html.append(draw(size)));
        return html.toString();
    }

    private String draw(final Frame.Size size) {
        final int height = size.isWide() ? 400 : 320;
        final double bottom = height - 46.0;
        final Svg svg = new Svg(size.width(), height);
        double low = Double.MAX_VALUE;
        double high = 0;
        double most = 0;
        for (final Line line : lines) {
            for (final Spot spot : line.spots) {
                most = Math.max(most, spot.achievedPerS);
                for (final double ns : spot.ns) {
                    low = ns > 0 ? Math.min(low, ns) : low;
                    high = ns > 0 ? Math.max(high, ns) : high;
                }
            }
        }
        final double roomRight = size.isWide() ? 56 : 34;
        final Scale x = new Scale(false, 0, Math.max(1, most), size.plotLeft(), size.plotRight() - roomRight);
        final Scale y = Scale.log(low, high, bottom, 30);
        Frame.title(svg, size, 14, "response time (log)");
        Frame.vertical(svg, size, y, size.isWide() ? 9 : 7, Format::tick);
        svg.line("axis", size.plotLeft(), bottom, size.plotRight(), bottom);
        for (final double tick : x.ticks(size.isWide() ? 10 : 5)) {
            svg.text("tick", "middle", x.at(tick), bottom + 18, Format.shortCount(tick));
        }
        svg.text("axis-title", "end", size.plotRight(), bottom + 38, "acknowledged records per second");
        for (final Slo slo : slos) {
            if (slo.limitNs() > y.low() && slo.limitNs() < y.high()) {
                svg.line("slo", size.plotLeft(), y.at(slo.limitNs()), size.plotRight(), y.at(slo.limitNs()));
                svg.text("label small", "start", size.plotLeft() + 6, y.at(slo.limitNs()) - 6, slo.text());
            }
        }
        final List<Svg.Point> named = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            draw(svg, lines.get(i), i % 6, x, y, bottom, named);
        }
        return svg.end(size.cssClass(), "Latency against throughput; the table below has the figures", hover(x));
    }

    /** A name that would lie on another one is left out: lines of one quantile look alike. */
    private static void draw(final Svg svg, final Line line, final int number, final Scale x, final Scale y,
        final double bottom, final List<Svg.Point> named) {
        for (int q = 0; q < QUANTILES.length; q++) {
            final int at = q;
            final List<Svg.Point> points = line.spots.stream().filter(spot -> spot.ns[at] > 0)
                .map(spot -> new Svg.Point(x.at(spot.achievedPerS), y.at(spot.ns[at]))).toList();
            svg.polyline("curve q" + q + " leg" + number, points);
            line.spots.stream().filter(spot -> spot.ns[at] > 0).forEach(spot ->
                svg.mark((spot.isValid && !spot.isUndecided ? "mark leg" : "mark hollow leg") + number, number,
                    x.at(spot.achievedPerS), y.at(spot.ns[at]), at == 1 ? 4.5 : 3));
            if (!points.isEmpty()) {
                final Svg.Point last = points.get(points.size() - 1);
                if (named.stream().noneMatch(other -> Math.abs(other.x() - last.x()) < NAME_WIDTH
                    && Math.abs(other.y() - last.y()) < NAME_HEIGHT)) {
                    svg.text("label small", "start", last.x() + 9, last.y() + 4, NAMES.get(q));
                    named.add(last);
                }
            }
        }
        final Spot best = line.sustainable();
        if (best != null) {
            final double at = x.at(best.achievedPerS);
            svg.line("best leg" + number, at, 30, at, bottom);
            svg.text("label small", at > 200 ? "end" : "start", at + (at > 200 ? -7 : 7), 42.0 + 16 * number,
                "sustained: " + Format.shortCount(best.targetPerS) + "/s");
        }
        final Spot knee = line.knee();
        if (knee != null) {
            svg.mark("ring leg" + number, 0, x.at(knee.achievedPerS), y.at(knee.ns[1]), 10);
        }
    }

    private String hover(final Scale x) {
        final Frame.Hover hover = new Frame.Hover();
        lines.forEach(line -> line.spots.forEach(spot -> hover.add(x.at(spot.achievedPerS),
            (lines.size() > 1 ? line.label + ", " : "") + "asked " + Format.rate(spot.targetPerS),
            List.of(new String[] {"achieved", Format.rate(spot.achievedPerS)},
                new String[] {"p50", Format.time(spot.ns[0])}, new String[] {"p99", Format.time(spot.ns[1])},
                new String[] {"p99.9", Format.time(spot.ns[2])}))));
        return hover.json();
    }

    String table() {
        final HtmlTable table = new HtmlTable("rates", "Every rate that was asked for")
            .head(List.of("", "asked", "achieved", "p50", "p99", "p99.9", "runs", ""));
        lines.forEach(line -> line.spots.forEach(spot -> table.row(List.of(line.label, Format.rate(spot.targetPerS),
            Format.rate(spot.achievedPerS), Format.time(spot.ns[0]), Format.time(spot.ns[1]),
            Format.time(spot.ns[2]), spot.runCount, spot.word()))));
        return table.end();
    }

    String legend() {
        final StringBuilder legend = new StringBuilder("<p class=\"legend\">");
        for (int i = 0; i < lines.size() && lines.size() > 1; i++) {
            legend.append("<span>").append(Tables.key(i)).append(Html.escape(lines.get(i).label)).append("</span>");
        }
        return legend.append("<span>ring: knee</span><span>upright line: highest sustained rate</span>"
            + "<span>hollow: no valid run, nothing decided</span></p>\n").toString();
    }
}
