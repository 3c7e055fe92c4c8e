package io.millrace.results.report;

import io.millrace.results.model.LatencySummary;
import io.millrace.results.model.Measured;
import io.millrace.results.model.RunParams;
import io.millrace.results.model.Tags;
import io.millrace.results.model.Verification;
import io.millrace.results.report.HtmlTable.Markup;
import io.millrace.results.statistics.Comparison;
import io.millrace.results.statistics.LegSummary;
import io.millrace.results.statistics.Medians;
import io.millrace.results.statistics.RatioEstimate;
import io.millrace.results.store.RunData;
import org.HdrHistogram.Histogram;

import java.util.List;
import java.util.Objects;

/** Every figure of the charts, and the rest, in tables. */
final class Tables {
    private static final int MAX_KEYS = 6;

    private Tables() {
    }

    static String comparison(final Comparison comparison) {
        final HtmlTable table = new HtmlTable("comparison", "Figures of the sides, and their ratio")
            .head(List.of("", comparison.base().label(), comparison.other().label(), "ratio", "95 % CI", "verdict"));
        for (final RatioEstimate estimate : comparison.estimates()) {
            table.row(List.of(
                estimate.metric().label(),
                Words.figure(estimate.metric(), estimate.medianBase()),
                Words.figure(estimate.metric(), estimate.medianOther()),
                Format.ratio(estimate.ratio()),
                estimate.hasInterval() ? Format.ratio(estimate.low()) + " – " + Format.ratio(estimate.high())
                    : Format.NONE,
                verdict(estimate)));
        }
        return table.end();
    }

    static String latency(final List<LegSummary> legs) {
        final HtmlTable table = new HtmlTable("latency", "All samples of a side merged")
            .head(List.of("", "samples", "p50", "p90", "p99", "p99.9", "p99.99", "max"));
        for (int i = 0; i < legs.size(); i++) {
            latencyRow(table, legs, i, Tags.ACK_RT, "response time");
            latencyRow(table, legs, i, Tags.ACK_SERVICE, "service time");
            latencyRow(table, legs, i, Tags.SCHED_LAG, "schedule lag");
            latencyRow(table, legs, i, Tags.E2E_RT, "end to end");
            latencyRow(table, legs, i, Tags.HICCUP_CLIENT, "client stalls");
            latencyRow(table, legs, i, legs.get(i).mergedOf(Tags.HICCUP_BROKER_PREFIX), "broker stalls");
        }
        return table.end();
    }

    static String throughput(final List<LegSummary> legs) {
        final HtmlTable table = new HtmlTable("throughput", "Median over the runs, and their range")
            .head(List.of("", "target", "achieved", "lowest run", "highest run", "payload", "acknowledged", "errors"));
        for (int i = 0; i < legs.size(); i++) {
            final LegSummary leg = legs.get(i);
            final double[] rates = leg.usedRuns().stream().mapToDouble(RunData::achievedPerS).sorted().toArray();
            final double target = Words.target(List.of(leg));
            final List<Measured> measured = leg.usedRuns().stream().map(run -> run.document().measured())
                .filter(Objects::nonNull).toList();
            table.row(List.of(
                name(legs, i, ""),
                leg.runs().isEmpty() ? Format.NONE : target > 0 ? Format.rate(target) : "unlimited",
                Format.rate(Medians.of(rates)),
                rates.length == 0 ? Format.NONE : Format.rate(rates[0]),
                rates.length == 0 ? Format.NONE : Format.rate(rates[rates.length - 1]),
                rates.length == 0 ? Format.NONE : Format.bytes(Medians.of(
                    leg.usedRuns().stream().mapToDouble(RunData::bytesPerS).toArray())) + "/s",
                Format.count(measured.stream().mapToLong(Measured::acked).sum()),
                errors(measured)));
        }
        return table.end();
    }

    static String correctness(final List<LegSummary> legs) {
        final HtmlTable table = new HtmlTable("correctness", "Every record read back, over all runs of a side")
            .head(List.of("", "checked", "lost acked", "lost unacked", "duplicates", "gaps", "reordered", "corrupt"));
        for (int i = 0; i < legs.size(); i++) {
            final LegSummary leg = legs.get(i);
            final Verification v = leg.verification();
            final String runs = leg.verifiedCount() + " of " + leg.runs().size() + " runs";
            table.row(v == null
                ? List.of(name(legs, i, "not read back"), Format.NONE, Format.NONE, Format.NONE, Format.NONE,
                    Format.NONE, Format.NONE, Format.NONE)
                : List.of(name(legs, i, runs), Format.count(v.checked()), alarming(v.lostAcked()),
                    Format.count(v.lostUnacked()), alarming(v.duplicates()), alarming(v.gaps()),
                    alarming(v.reordered()), alarming(v.corrupt())));
        }
        return table.end();
    }

    /** Allocation per record is often far below one byte. */
    static String allocation(final double bytes) {
        return bytes < 10 ? Format.digits(bytes) + " B" : Format.bytes(bytes);
    }

    static String runs(final List<LegSummary> legs) {
        final HtmlTable table = new HtmlTable("runs", "Each run by itself; intervals are 95 % within the run")
            .head(List.of(legs.size() == 2 ? "pair" : "run", "side", "status", "achieved", "p50", "p99",
                "p99 interval", "p99.9", "max",
                "longest client stall", "longest broker stall"));
        legs.stream().flatMap(leg -> leg.runs().stream())
            .sorted(java.util.Comparator.comparing(run -> run.document().started()))
            .forEach(run -> runRow(table, legs, run));
        return table.end();
    }

    private static void runRow(final HtmlTable table, final List<LegSummary> legs, final RunData run) {
        final LatencySummary rt = LatencySummary.of(run.merged(Tags.ACK_RT));
        final long[] interval = rt.ci95().p99Ns();
        final int leg = (int) legs.stream().takeWhile(l -> !l.runs().contains(run)).count();
        table.row(List.of(
            run.document().pair(),
            new Markup(key(legs, leg) + Html.escape(legs.get(leg).label())),
            status(run),
            Format.rate(run.achievedPerS()),
            Format.time(rt.p50Ns()),
            Format.time(rt.p99Ns()),
            interval == null ? Format.NONE : Format.time(interval[0]) + " – " + Format.time(interval[1]),
            Format.time(rt.p999Ns()),
            Format.time(rt.maxNs()),
            longest(run.merged(Tags.HICCUP_CLIENT)),
            longest(run.mergedOf(Tags.HICCUP_BROKER_PREFIX))));
    }

    private static String longest(final Histogram stalls) {
        return Format.time(stalls.getTotalCount() == 0 ? null : Long.valueOf(stalls.getMaxValue()));
    }

    static Markup verdict(final RatioEstimate estimate) {
        return new Markup("<span class=\"chip " + estimate.verdict().word() + "\">"
            + Words.sign(estimate.verdict()) + " " + estimate.verdict().word() + "</span>"
            + (estimate.advice().isEmpty() ? ""
                : "<span class=\"advice\">" + Html.escape(estimate.advice()) + "</span>"));
    }

    /** The colour and shape of a side. */
    static String key(final int leg) {
        return "<i class=\"key k" + leg % MAX_KEYS + "\" aria-hidden=\"true\"></i>";
    }

    private static Markup status(final RunData run) {
        final String reasons = String.join(", ", run.document().invalidReasons());
        return new Markup("<span class=\"chip " + (run.isValid() ? "good" : "bad") + "\">"
            + (run.isValid() ? "✓ " : "! ") + run.status().word() + "</span>"
            + (reasons.isEmpty() ? "" : "<span class=\"advice\">" + Html.escape(reasons) + "</span>"));
    }

    private static void latencyRow(
        final HtmlTable table, final List<LegSummary> legs, final int number, final String tag, final String name) {
        latencyRow(table, legs, number, legs.get(number).merged(tag), name);
    }

    private static void latencyRow(final HtmlTable table, final List<LegSummary> legs, final int number,
        final Histogram histogram, final String name) {
        if (histogram.getTotalCount() == 0) {
            return;
        }
        final LatencySummary s = LatencySummary.of(histogram);
        table.row(List.of(name(legs, number, name), Format.count(s.count()), Format.time(s.p50Ns()),
            Format.time(s.p90Ns()), Format.time(s.p99Ns()), Format.time(s.p999Ns()), Format.time(s.p9999Ns()),
            Format.time(s.maxNs())));
    }

    /** Of more sides than colours, only some are drawn: none has a key. */
    static String key(final List<LegSummary> legs, final int leg) {
        return legs.size() > MAX_KEYS ? "" : key(leg);
    }

    private static Markup name(final List<LegSummary> legs, final int number, final String detail) {
        final LegSummary leg = legs.get(number);
        return new Markup(key(legs, number) + Html.escape(leg.label())
            + (detail.isEmpty() ? "" : " <span class=\"detail\">" + Html.escape(detail) + "</span>"));
    }

    private static Markup alarming(final long count) {
        return new Markup(count == 0 ? "0" : "<strong class=\"alarm\">! " + Format.count(count) + "</strong>");
    }

    private static String errors(final List<Measured> measured) {
        final long total = measured.stream().flatMap(m -> m.errors().values().stream())
            .filter(Objects::nonNull).mapToLong(Long::longValue).sum();
        final String kinds = String.join(", ", measured.stream().flatMap(m -> m.errors().keySet().stream())
            .distinct().sorted().toList());
        return Format.count(total) + (total == 0 || kinds.isEmpty() ? "" : " (" + kinds + ")");
    }

    /** The words for what was asked of the cluster, used in the introduction. */
    static String load(final RunData run) {
        final Object rate = run.document().params().get(RunParams.RATE_PER_S);
        final Object length = run.document().params().get(RunParams.RECORD_BYTES);
        final boolean isLimited = rate instanceof Number number && number.doubleValue() > 0;
        return (isLimited ? Format.rate(((Number) rate).doubleValue()) : "unlimited rate")
            + (length instanceof Number bytes ? " of " + Format.count(bytes.doubleValue()) + "-byte records" : "");
    }
}
