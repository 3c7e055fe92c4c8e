package io.millrace.results.report;

import io.millrace.results.model.Experiment;
import io.millrace.results.model.RunFindings;
import io.millrace.results.model.RunParams;
import io.millrace.results.model.Verification;
import io.millrace.results.statistics.Comparison;
import io.millrace.results.statistics.Figure;
import io.millrace.results.statistics.LegSummary;
import io.millrace.results.statistics.Medians;
import io.millrace.results.statistics.Metric;
import io.millrace.results.statistics.RatioEstimate;
import io.millrace.results.statistics.RunCells;
import io.millrace.results.statistics.Verdict;
import io.millrace.results.store.ExperimentData;
import io.millrace.results.store.RunData;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** The verdict in sentences: numbers with their intervals, and no claim the runs do not support. */
final class Words {
    private static final double REACHED = 0.99;
    /** Of more sides a sentence tells the worst, not each. */
    private static final int MAX_NAMED = 2;

    private Words() {
    }

    static String title(final ExperimentData data, final List<LegSummary> legs) {
        if (legs.size() == 2 && Experiment.CONTROL.equals(data.experiment().kind())) {
            return "Control: " + legs.get(0).label() + " against itself";
        }
        if (legs.size() == 1) {
            return (legs.get(0).runs().size() == 1 ? "Run of " : "Runs of ") + legs.get(0).label();
        }
        final LegSummary base = legs.get(0);
        final LegSummary other = legs.get(1);
        return base.label().matches("acks=\\w+") && other.label().matches("acks=\\w+")
            ? "What " + other.label() + " costs against " + base.label()
            : other.label() + " against " + base.label();
    }

    static String matrixTitle(final ExperimentData data, final int settingCount) {
        final List<String> factors = RunCells.factors(data.runs());
        return factors.equals(List.of("rate_per_s")) ? "Latency against throughput"
            : plural(settingCount, "setting") + (factors.isEmpty() ? "" : ": ") + String.join(", ", factors)
            .replace("rate_per_s", "rate").replace("record_bytes", "record size").replace('_', ' ');
    }

    /** The 99th percentile, and before it the median if that alone is certain. */
    static String headline(final Comparison comparison) {
        final RatioEstimate p50 = comparison.estimate(Metric.RT_P50);
        final RatioEstimate p99 = comparison.estimate(Metric.RT_P99);
        final boolean isMedianNeeded = p99.verdict() == Verdict.INCONCLUSIVE
            && (p50.verdict() != Verdict.INCONCLUSIVE || p99.count() == 0 && p50.count() > 0);
        return (isMedianNeeded ? sentence(comparison, p50) + " " : "") + sentence(comparison, p99);
    }

    /** One sentence on a metric of the comparison. */
    static String sentence(final Comparison comparison, final RatioEstimate estimate) {
        final String other = comparison.other().label();
        final String base = comparison.base().label();
        final String what = what(estimate.metric());
        if (estimate.hiddenCount() > 0) {
            return "Nothing can be said about " + what + ": " + estimate.advice() + ".";
        }
        if (estimate.count() == 0) {
            return "Nothing can be said about " + what + ": "
                + (estimate.isPaired() ? "no pair of runs has" : "not both sides have") + " enough samples for it.";
        }
        final String figures = figure(estimate.metric(), estimate.medianOther()) + " against "
            + figure(estimate.metric(), estimate.medianBase());
        final String interval = estimate.hasInterval() ? " (95 % CI " + Format.ratio(estimate.low()) + " to "
            + Format.ratio(estimate.high()) + ")" : "";
        return switch (estimate.verdict()) {
            case SAME -> "No difference beyond " + Format.percent(comparison.threshold()) + " in " + what + ": ratio "
                + Format.ratio(estimate.ratio()) + interval + ", " + figures + ".";
            case INCONCLUSIVE -> "The difference in " + what + " is inconclusive: measured ratio "
                + Format.ratio(estimate.ratio()) + interval + " from " + basis(estimate) + ", " + figures
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
        if (runCount == 1) {
            return "The run is not valid (" + reasons + "): its figures are shown, conclusions are not.";
        }
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

    /** What faults did, by the judgement of the runs themselves; empty without faults. */
    static String faults(final List<LegSummary> legs) {
        final List<String> parts = new ArrayList<>();
        final List<List<LegSummary>> groups = legs.size() > MAX_NAMED ? List.of(legs)
            : legs.stream().map(List::of).toList();
        for (final List<LegSummary> group : groups) {
            final List<RunFindings.FaultVerdict> verdicts = group.stream().flatMap(leg -> leg.runs().stream())
                .map(run -> run.document().findings())
                .filter(findings -> findings != null && findings.faults() != null).map(RunFindings::faults)
                .filter(verdict -> !verdict.faults().isEmpty()).toList();
            if (!verdicts.isEmpty()) {
                final long gap = verdicts.stream().flatMap(verdict -> verdict.faults().stream())
                    .mapToLong(RunFindings.Fault::unavailableNs).max().orElse(0);
                final boolean isBack = verdicts.stream().allMatch(verdict -> verdict.recoverNs() != null);
                parts.add((groups.size() > 1 ? "with " + group.get(0).label() + " " : "") + "a partition was without "
                    + "acknowledgement for " + Format.time((double) gap) + " at the longest, and the service was "
                    + (isBack ? "as before " + Format.time(verdicts.stream().mapToDouble(RunFindings
                        .FaultVerdict::recoverNs).max().orElse(0)) + " after a fault at the latest"
                        : "not as before by the end"));
            }
        }
        return parts.isEmpty() ? "" : "After the faults " + String.join("; ", parts) + ".";
    }

    static String rate(final List<LegSummary> legs) {
        final double target = target(legs);
        if (target <= 0) {
            return "The load had no target rate: as much as the client could send.";
        }
        if (legs.stream().noneMatch(leg -> Double.isFinite(leg.median(Metric.RATE)))) {
            return "Nothing was acknowledged in a measured phase: whether the target rate of " + Format.rate(target)
                + " can be kept is not known.";
        }
        final RunData slowest = legs.stream().flatMap(leg -> leg.runs().stream())
            .filter(run -> run.document().measured() != null)
            .min(Comparator.comparingDouble(run -> run.achievedPart(target))).orElse(null);
        final List<String> missed = legs.stream().filter(leg -> Medians.of(leg.usedRuns().stream()
            .mapToDouble(run -> run.achievedPart(target)).toArray()) < REACHED)
            .map(leg -> leg.label() + " reached " + Format.rate(leg.median(Metric.RATE))).toList();
        final List<String> known = legs.stream().filter(leg -> Double.isFinite(leg.median(Metric.RATE)))
            .map(LegSummary::label).toList();
        return missed.isEmpty()
            ? (legs.size() == 1 ? "It" : known.size() == legs.size() ? "Both sides" : String.join(", ", known))
            + " kept the target rate of " + Format.rate(target)
            + (slowest != null && slowest.achievedPart(target) < REACHED
            ? " in the median of the runs; the slowest run reached " + Format.rate(slowest.achievedPerS()) + "." : ".")
            : "The target rate of " + Format.rate(target) + " was missed: " + String.join(", ", missed) + ".";
    }

    /** The target rate all runs share, 0 if there is none. */
    static double target(final List<LegSummary> legs) {
        return legs.stream().flatMap(leg -> leg.runs().stream())
            .map(run -> run.document().params().get(RunParams.RATE_PER_S))
            .filter(Number.class::isInstance).mapToDouble(rate -> ((Number) rate).doubleValue()).max().orElse(0);
    }

    /** How many runs an estimate stands on. */
    static String basis(final RatioEstimate estimate) {
        return estimate.isPaired() ? plural(estimate.baseCount(), "pair")
            : estimate.baseCount() + " + " + plural(estimate.otherCount(), "run");
    }

    /** How many runs a comparison stands on. */
    static String basis(final Comparison comparison) {
        return plural(comparison.pairCount(), comparison.isPaired() ? "valid pair" : "valid run")
            + (comparison.isPaired() ? "" : " on the smaller side");
    }

    static String plural(final int count, final String thing) {
        return count + " " + thing + (count == 1 ? "" : "s");
    }

    static String figure(final Figure figure, final double value) {
        if (!Double.isFinite(value)) {
            return Format.NONE;
        }
        return switch (figure.unit()) {
            case PER_S -> Format.rate(value);
            case NS -> Format.time(value);
            case CPU_S_PER_GB -> Format.digits(value);
            case BYTES -> Tables.allocation(value);
            default -> JmhFormat.score(value);
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

    private static String what(final Figure figure) {
        if (!(figure instanceof Metric metric)) {
            return figure.label();
        }
        return switch (metric) {
            case RATE -> "the achieved rate";
            case RT_P50 -> "the median response time";
            case RT_P99 -> "the 99th percentile of the response time";
            case RT_P999 -> "the 99.9th percentile of the response time";
            case RT_MAX -> "the longest response time";
            case E2E_P50 -> "the median end-to-end time";
            case E2E_P99 -> "the 99th percentile of the end-to-end time";
            case E2E_P999 -> "the 99.9th percentile of the end-to-end time";
            case BROKER_CPU -> "the brokers' processor time per GB";
            case BROKER_ALLOC -> "the brokers' allocation per record";
            case CLIENT_CPU -> "the client's processor time per record";
            case CLIENT_ALLOC -> "the client's allocation per record";
            default -> metric.label();
        };
    }
}
