package io.millrace.results.report;

import io.millrace.results.model.RunParams;
import io.millrace.results.model.Verification;
import io.millrace.results.statistics.Comparison;
import io.millrace.results.statistics.LegSummary;
import io.millrace.results.statistics.Metric;
import io.millrace.results.statistics.RatioEstimate;
import io.millrace.results.statistics.Verdict;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The verdict in sentences: numbers with their intervals, and no claim the runs do not support. */
final class Words {
    private static final double REACHED = 0.99;

    private Words() {
    }

    static String title(final List<LegSummary> legs) {
        if (legs.size() == 1) {
            return (legs.get(0).runs().size() == 1 ? "Run of " : "Runs of ") + legs.get(0).label();
        }
        final LegSummary base = legs.get(0);
        final LegSummary other = legs.get(1);
        return base.label().startsWith("acks=") && other.label().startsWith("acks=")
            ? "What " + other.label() + " costs against " + base.label()
            : other.label() + " against " + base.label();
    }

    /** The 99th percentile, and before it the median if that alone is certain. */
    static String headline(final Comparison comparison) {
        final RatioEstimate p50 = comparison.estimate(Metric.RT_P50);
        final RatioEstimate p99 = comparison.estimate(Metric.RT_P99);
        final boolean isMedianNeeded = p99.verdict() == Verdict.INCONCLUSIVE
            && (p50.verdict() != Verdict.INCONCLUSIVE || p99.pairCount() == 0 && p50.pairCount() > 0);
        return (isMedianNeeded ? sentence(comparison, p50) + " " : "") + sentence(comparison, p99);
    }

    /** One sentence on a metric of the comparison. */
    static String sentence(final Comparison comparison, final RatioEstimate estimate) {
        final String other = comparison.other().label();
        final String base = comparison.base().label();
        final String what = what(estimate.metric());
        if (estimate.pairCount() == 0) {
            return "Nothing can be said about " + what + ": no pair of runs has enough samples for it.";
        }
        final String figures = figure(estimate.metric(), estimate.medianOther()) + " against "
            + figure(estimate.metric(), estimate.medianBase());
        final String interval = estimate.hasInterval() ? " (95 % CI " + Format.ratio(estimate.low()) + " to "
            + Format.ratio(estimate.high()) + ")" : "";
        return switch (estimate.verdict()) {
            case SAME -> "No difference beyond " + Format.percent(comparison.threshold()) + " in " + what + ": ratio "
                + Format.ratio(estimate.ratio()) + interval + ", " + figures + ".";
            case INCONCLUSIVE -> "The difference in " + what + " is inconclusive: measured ratio "
                + Format.ratio(estimate.ratio()) + interval + " from " + estimate.pairCount() + " pair"
                + (estimate.pairCount() == 1 ? "" : "s") + ", " + figures
                + (estimate.advice().isEmpty() ? "" : "; " + estimate.advice()) + ".";
            default -> "With " + other + ", " + what + " is " + Format.ratio(estimate.ratio()) + " times that of "
                + base + interval + ": " + figures + ".";
        };
    }

    static String validity(final List<LegSummary> legs) {
        final int runCount = legs.stream().mapToInt(leg -> leg.runs().size()).sum();
        final int validCount = legs.stream().mapToInt(LegSummary::validCount).sum();
        if (validCount == runCount) {
            return runCount == 1 ? "The run is valid." : "All " + runCount + " runs are valid.";
        }
        final String reasons = legs.stream().flatMap(leg -> leg.runs().stream()).filter(run -> !run.isValid())
            .flatMap(run -> run.document().invalidReasons().isEmpty()
                ? java.util.stream.Stream.of(run.status().word()) : run.document().invalidReasons().stream())
            .distinct().collect(Collectors.joining(", "));
        final int invalidCount = runCount - validCount;
        return invalidCount + " of " + runCount + " runs " + (invalidCount == 1 ? "is" : "are")
            + " not valid (" + reasons + ")"
            + (validCount == 0 ? "; the figures are shown, conclusions are not." : ".");
    }

    static String correctness(final List<LegSummary> legs) {
        final List<String> faults = new ArrayList<>();
        int verifiedCount = 0;
        long checked = 0;
        for (final LegSummary leg : legs) {
            verifiedCount += leg.verifiedCount();
            final Verification v = leg.verification();
            if (v != null) {
                checked += v.checked();
                fault(faults, v.lostAcked(), "acknowledged but lost", leg);
                fault(faults, v.duplicates(), "duplicated", leg);
                fault(faults, v.gaps(), "gaps", leg);
                fault(faults, v.reordered(), "reordered", leg);
                fault(faults, v.corrupt(), "corrupt", leg);
            }
        }
        if (verifiedCount == 0) {
            return "The records were not read back, so nothing is known about losses.";
        }
        if (!faults.isEmpty()) {
            return "Reading everything back found " + String.join("; ", faults) + ".";
        }
        final int runCount = legs.stream().mapToInt(leg -> leg.runs().size()).sum();
        return "Reading back " + Format.count(checked) + " records "
            + (verifiedCount < runCount ? "of " + verifiedCount + " runs " : "")
            + "found none lost after its acknowledgement, none duplicated, missing, reordered or corrupt.";
    }

    static String rate(final List<LegSummary> legs) {
        final double target = target(legs);
        if (target <= 0) {
            return "The load had no target rate: as much as the client could send.";
        }
        final List<String> missed = legs.stream().filter(leg -> leg.median(Metric.RATE) < REACHED * target)
            .map(leg -> leg.label() + " reached " + Format.rate(leg.median(Metric.RATE))).toList();
        return missed.isEmpty()
            ? (legs.size() > 1 ? "Both sides" : "It") + " kept the target rate of " + Format.rate(target) + "."
            : "The target rate of " + Format.rate(target) + " was missed: " + String.join(", ", missed) + ".";
    }

    /** The target rate all runs share, 0 if there is none. */
    static double target(final List<LegSummary> legs) {
        return legs.stream().flatMap(leg -> leg.runs().stream())
            .map(run -> run.document().params().get(RunParams.RATE_PER_S))
            .filter(Number.class::isInstance).mapToDouble(rate -> ((Number) rate).doubleValue()).max().orElse(0);
    }

    static String figure(final Metric metric, final double value) {
        return switch (metric) {
            case RATE -> Format.rate(value);
            case BROKER_CPU -> Double.isFinite(value) ? Format.digits(value) : Format.NONE;
            case BROKER_ALLOC -> Double.isFinite(value) ? Tables.allocation(value) : Format.NONE;
            default -> Format.time(value);
        };
    }

    static String sign(final Verdict verdict) {
        return switch (verdict) {
            case IMPROVED -> "▼";
            case REGRESSED -> "▲";
            case SAME -> "=";
            default -> "?";
        };
    }

    private static void fault(
        final List<String> faults, final long count, final String what, final LegSummary leg) {
        if (count > 0) {
            faults.add(Format.count(count) + " " + what + " with " + leg.label());
        }
    }

    private static String what(final Metric metric) {
        return switch (metric) {
            case RATE -> "the achieved rate";
            case RT_P50 -> "the median response time";
            case RT_P99 -> "the 99th percentile of the response time";
            case RT_P999 -> "the 99.9th percentile of the response time";
            case BROKER_CPU -> "the brokers' processor time per GB";
            case BROKER_ALLOC -> "the brokers' allocation per record";
            default -> "the longest response time";
        };
    }
}
