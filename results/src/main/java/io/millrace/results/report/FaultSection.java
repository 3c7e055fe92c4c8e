package io.millrace.results.report;

import io.millrace.results.model.RunEvent;
import io.millrace.results.statistics.LegSummary;
import io.millrace.results.store.RunData;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** What faults did: for each, a close-up of the seconds around it, the time without service and to recover. */
final class FaultSection {
    private static final int BEFORE_S = 5;
    private static final int AFTER_S = 25;
    private static final int MAX_DRAWN = 6;
    private static final double BACK_TO_NORMAL = 2;
    private static final double RATE_BACK = 0.9;
    /** The end of a fault that lasted, and one that did not happen, are events but no faults. */
    private static final Pattern NO_FAULT = Pattern.compile("\\w+ (over: .*|failed)");

    private FaultSection() {
    }

    /** One fault of one run. */
    private record Fault(int leg, String label, RunData run, RunEvent event, RunSeries series, int second) {
        String name() {
            return event.name() == null ? event.type() : event.name();
        }

        /** Without the process and the reason, which stand in the table. */
        String shortName() {
            return name().replaceAll(" *[(,].*", "");
        }

        /** Seconds after the fault in which nothing was acknowledged. */
        int without() {
            int without = 0;
            for (int s = Math.max(0, second); s < Math.min(series.count(), second + AFTER_S); s++) {
                without += series.ratePerS(s) == 0 ? 1 : 0;
            }
            return without;
        }

        /** Seconds of the timeline after the fault, as far as they are looked at. */
        int seenS() {
            return Math.max(0, Math.min(series.count() - second, AFTER_S));
        }

        double longestNs() {
            double longest = Double.NaN;
            for (int s = Math.max(0, second); s < Math.min(series.count(), second + AFTER_S); s++) {
                longest = Double.isFinite(series.maxNs(s)) && !(series.maxNs(s) <= longest) ? series.maxNs(s) : longest;
            }
            return longest;
        }

        /** Seconds until rate and p99 are back at what they were before; -1 if they do not come back in the window. */
        int recovery() {
            final List<Double> rates = new ArrayList<>();
            final List<Double> p99s = new ArrayList<>();
            for (int s = Math.max(0, second - 10); s < Math.min(second, series.count()); s++) {
                rates.add(series.ratePerS(s));
                p99s.add(series.p99Ns(s));
            }
            final double rate = median(rates);
            final double p99 = median(p99s);
            int last = second - 1;
            final int end = Math.min(series.count(), second + AFTER_S);
            for (int s = Math.max(0, second); s < end; s++) {
                if (series.ratePerS(s) < RATE_BACK * rate || !(series.p99Ns(s) <= BACK_TO_NORMAL * p99)
                    && Double.isFinite(p99)) {
                    last = s;
                }
            }
            return last >= end - 1 ? -1 : last - second + 1;
        }

        private static double median(final List<Double> values) {
            return io.millrace.results.statistics.Medians.of(values.stream().mapToDouble(Double::doubleValue)
                .filter(Double::isFinite).toArray());
        }
    }

    /** Null if no run had a fault. */
    static String html(final List<LegSummary> legs) {
        final List<Fault> faults = new ArrayList<>();
        for (int leg = 0; leg < legs.size(); leg++) {
            for (final RunData run : legs.get(leg).runs()) {
                final RunSeries series = RunSeries.of(List.of(run), 1);
                for (final RunEvent event : RunSeries.marked(run)) {
                    if ("fault".equals(event.type()) && !NO_FAULT.matcher(String.valueOf(event.name())).matches()) {
                        faults.add(new Fault(leg, legs.get(leg).label(), run, event, series,
                            (int) ((event.atMs() - RunSeries.startMs(run)) / 1000)));
                    }
                }
            }
        }
        if (faults.isEmpty()) {
            return null;
        }
        final StringBuilder html = new StringBuilder("<div class=\"pairs\">\n");
        faults.stream().limit(MAX_DRAWN).forEach(fault -> {
            html.append("<figure>\n<p class=\"legend\"><span>").append(Tables.key(fault.leg)).append("<span>")
                .append(Html.escape(fault.shortName() + " at " + Format.digits((fault.event.atMs()
                - RunSeries.startMs(fault.run)) / 1000.0) + " s, " + fault.label + ", run "
                + fault.run.document().pair())).append("</span></span></p>\n");
            Frame.Size.ALL.forEach(size -> html.append(draw(fault, size)));
            html.append("</figure>\n");
        });
        return html.append("</div>\n").append(table(faults)).toString();
    }

    private static String table(final List<Fault> faults) {
        final HtmlTable table = new HtmlTable("faults", "Every fault, by the seconds of the timeline; "
            + "losses stand under Correctness")
            .head(List.of("", "fault", "at", "seconds without an answer", "back to normal after", "longest response"));
        for (final Fault fault : faults) {
            table.row(List.of(fault.label + ", run " + fault.run.document().pair(), fault.name(),
                fault.second + " s", fault.without(),
                fault.recovery() < 0 ? "not within " + fault.seenS() + " s" : fault.recovery() + " s",
                Format.time(fault.longestNs())));
        }
        return table.end();
    }

    private static String draw(final Fault fault, final Frame.Size size) {
        final int width = size.isWide() ? 490 : size.width();
        final double left = size.isWide() ? 64 : size.plotLeft();
        final double right = width - 12.0;
        final Svg svg = new Svg(width, 300);
        final int from = Math.max(0, fault.second - BEFORE_S);
        final int to = Math.min(fault.series.count(), fault.second + AFTER_S);
        final Scale x = new Scale(false, from, Math.max(from + 1, to), left, right);
        double most = 1;
        double low = Double.MAX_VALUE;
        double high = 1;
        for (int s = from; s < to; s++) {
            most = fault.series.ratePerS(s) > most ? fault.series.ratePerS(s) : most; // no figure is not the most
            high = fault.series.maxNs(s) > high ? fault.series.maxNs(s) : high;
            low = fault.series.maxNs(s) < low ? fault.series.maxNs(s) : low;
        }
        final Scale rate = Scale.fromZero(most, 118, 34);
        final Scale time = Scale.log(Math.min(low, high), high, 256, 160);
        svg.text("axis-title", "start", size.isWide() ? left : 2, 14, "acknowledged records per second");
        svg.text("axis-title", "start", size.isWide() ? left : 2, 148, "longest response time (log)");
        axis(svg, left, right, rate, 3, true);
        axis(svg, left, right, time, 4, false);
        for (final double tick : x.ticks(6)) {
            svg.text("tick", "middle", x.at(tick), 274, Format.trimmed(tick));
        }
        svg.text("axis-title", "end", right, 294, "seconds since measuring began");
        final double at = x.at((fault.event.atMs() - RunSeries.startMs(fault.run)) / 1000.0);
        RunSeries.marked(fault.run).stream().filter(event -> "fault".equals(event.type()))
            .mapToDouble(event -> (event.atMs() - RunSeries.startMs(fault.run)) / 1000.0)
            .filter(s -> s >= from && s <= to && x.at(s) != at)
            .forEach(s -> svg.line("event other leg" + fault.leg, x.at(s), 28, x.at(s), 256));
        svg.line("event leg" + fault.leg, at, 28, at, 256);
        svg.mark("mark leg" + fault.leg, 0, at, 28, 5);
        final List<Svg.Point> rates = new ArrayList<>();
        final List<Svg.Point> times = new ArrayList<>();
        for (int s = from; s < to; s++) {
            rates.add(new Svg.Point(x.at(s + 0.5), rate.at(Math.max(0, fault.series.ratePerS(s)))));
            if (Double.isFinite(fault.series.maxNs(s))) {
                times.add(new Svg.Point(x.at(s + 0.5), time.at(fault.series.maxNs(s))));
            }
        }
        svg.polyline("curve leg" + fault.leg, rates.stream().filter(p -> Double.isFinite(p.y())).toList());
        svg.polyline("curve leg" + fault.leg, times);
        return svg.end(size.cssClass(), "Throughput and longest response time around " + fault.name(), null);
    }

    private static void axis(final Svg svg, final double left, final double right, final Scale y, final int wanted,
        final boolean isRate) {
        for (final double tick : y.ticks(wanted)) {
            svg.line("grid", left, y.at(tick), right, y.at(tick));
            svg.text("tick", "end", left - 8, y.at(tick) + 4, isRate ? Format.shortCount(tick) : Format.tick(tick));
        }
    }
}
