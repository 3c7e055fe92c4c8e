package io.millrace.results.report;

import io.millrace.results.model.Experiment;
import io.millrace.results.model.Measured;
import io.millrace.results.model.Quantiles;
import io.millrace.results.model.Tags;
import io.millrace.results.statistics.Comparison;
import io.millrace.results.statistics.LegSummary;
import io.millrace.results.statistics.Metric;
import io.millrace.results.statistics.RunCells;
import io.millrace.results.store.ExperimentData;
import io.millrace.results.store.RunData;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * What a reader must know of a figure, in sentences that stand beside it and not only among the notes at the end of the
 * page.
 */
final class Caveats {
    private static final double STALLS_MATTER = 0.5;
    private static final double FEW_MISSING = 0.001;
    private static final double LEAST_SHARE = 0.0001;
    private static final int MAX_SHOWN = 5;

    private Caveats() {
    }

    /** For the verdict at the top: whatever makes its sentences worth less than they sound. */
    static List<String> ofVerdict(
        final ExperimentData data, final List<LegSummary> legs, final Comparison comparison) {
        final List<String> caveats = new ArrayList<>();
        legs.stream().filter(leg -> leg.runs().isEmpty()).forEach(leg ->
            caveats.add("There is no run of " + leg.label() + " yet: nothing is compared."));
        if (legs.stream().anyMatch(leg -> leg.validCount() < leg.runs().size())) {
            caveats.add(Words.validity(legs));
        }
        if (legs.stream().anyMatch(leg -> leg.verification() != null && !leg.verification().isClean())) {
            caveats.add(Words.correctness(legs));
        }
        caveats.addAll(failed(legs));
        if (Experiment.CONTROL.equals(data.experiment().kind())) {
            caveats.add("Both sides are the same: whatever differs here is the noise of this machine, and no "
                + "comparison on it can find less.");
        }
        if (comparison != null) {
            final long workloads = distinct(data, run -> run.document().workloadSha256());
            if (workloads > 1 && !data.runs().stream().allMatch(RunCells::isAllTold)) {
                caveats.add("The runs did not all have the same workload (" + workloads + " different ones): the "
                    + "ratios compare different things.");
            }
        }
        final long machines = distinct(data, run -> run.document().env() == null ? null
            : run.document().env().fingerprint());
        if (machines > 1) {
            caveats.add("The runs come from " + machines + " different machines or set-ups: a comparison between them "
                + "says nothing about the sides.");
        }
        if (Promises.of(legs).isUnfair()) {
            caveats.add(Promises.of(legs).caveat());
        }
        return caveats;
    }

    /** For the response times. */
    static List<String> ofLatency(final List<LegSummary> legs) {
        final List<String> caveats = new ArrayList<>(failed(legs));
        final List<String> closed = legs.stream().filter(leg -> !leg.usedRuns().isEmpty())
            .filter(leg -> Words.target(List.of(leg)) <= 0)
            .map(LegSummary::label).toList();
        if (!closed.isEmpty()) {
            caveats.add((closed.size() == legs.size() ? "" : "with " + String.join(", ", closed) + " ")
                + "no rate was set: the load waited for answers, so response times are those of a full window and "
                + "leave out what an open load would have waited.");
        }
        legs.forEach(leg -> {
            stalls(caveats, leg);
            neverReceived(caveats, leg);
        });
        final List<String> near = legs.stream().flatMap(leg -> leg.usedRuns().stream())
            .map(run -> run.document().findings()).filter(Objects::nonNull)
            .flatMap(findings -> findings.nearFloor().stream()).distinct().toList();
        if (!near.isEmpty()) {
            caveats.add("Within three times of what the harness itself reaches on this machine: "
                + String.join("; ", near) + ".");
        }
        return caveats.stream().map(Caveats::capitalised).toList();
    }

    /** For the ratios: pairs that do not count, and costs that one side did not tell. */
    static List<String> ofRatios(final Comparison comparison, final List<LegSummary> legs) {
        final List<String> caveats = new ArrayList<>();
        if (comparison.pairCount() == 0) {
            caveats.add((comparison.isPaired() ? "No pair has two valid runs" : "A side has no valid run")
                + ": the ratios are shown for orientation and allow no conclusion.");
        }
        if (comparison.leftOut() > 0 && comparison.pairCount() > 0) {
            caveats.add(comparison.leftOut() + " of " + (comparison.leftOut() + comparison.pairCount())
                + (comparison.isPaired() ? " pairs" : " runs or more") + " left out: a run is invalid or missing.");
        }
        for (final LegSummary leg : legs.stream().filter(side -> !side.usedRuns().isEmpty()).toList()) {
            final List<String> unknown = List.of(Metric.values()).stream().filter(Metric::isCost)
                .filter(metric -> !Double.isFinite(leg.median(metric)))
                .filter(metric -> legs.stream().anyMatch(other -> Double.isFinite(other.median(metric))))
                .map(Metric::label).toList();
            if (!unknown.isEmpty()) {
                caveats.add("Not measured of " + leg.label() + ": " + String.join(", ", unknown)
                    + "; under Cost it is said why.");
            }
        }
        return caveats;
    }

    private static List<String> failed(final List<LegSummary> legs) {
        final List<String> caveats = new ArrayList<>();
        for (final LegSummary leg : legs) {
            final List<Measured> measured = leg.usedRuns().stream().map(run -> run.document().measured())
                .filter(Objects::nonNull).toList();
            final long count = measured.stream().flatMap(m -> m.errors().values().stream()).filter(Objects::nonNull)
                .mapToLong(Long::longValue).sum();
            final long sent = measured.stream().mapToLong(Measured::sent).sum();
            if (count > 0) {
                final String kinds = measured.stream().flatMap(m -> m.errors().keySet().stream()).distinct().sorted()
                    .collect(Collectors.joining(", "));
                final double share = count / (double) Math.max(count, sent);
                caveats.add(Format.count(count) + " measured " + (count == 1 ? "record" : "records") + " failed with "
                    + leg.label() + " (" + kinds + "), " + (share < LEAST_SHARE ? "less than " + Format.percent(
                    LEAST_SHARE) : Format.percent(share)) + " of those sent: among the response times each counts with "
                    + "the time until it failed, the least it would have taken.");
            }
        }
        return caveats;
    }

    /** The tail of the response times beside that of the measuring process's own stalls, as far out as both reach. */
    private static void stalls(final List<String> caveats, final LegSummary leg) {
        for (final double quantile : new double[] {0.999, 0.99}) {
            final Long response = Quantiles.value(leg.merged(Tags.ACK_RT), quantile);
            final Long stall = Quantiles.value(leg.merged(Tags.HICCUP_CLIENT), quantile);
            if (response != null && stall != null) {
                if (stall >= STALLS_MATTER * response) {
                    caveats.add("With " + leg.label() + " the measuring process itself was stalled for "
                        + Format.time(stall) + " at its " + (quantile > 0.99 ? "99.9th" : "99th") + " percentile; that "
                        + "of the response time is " + Format.time(response) + ", so much of the tail may be the "
                        + "machine's.");
                }
                return;
            }
        }
    }

    private static void neverReceived(final List<String> caveats, final LegSummary leg) {
        final long received = leg.merged(Tags.E2E_RT).getTotalCount();
        final long acked = leg.merged(Tags.ACK_SERVICE).getTotalCount(); // response times are of failed ones, too
        if (received > 0 && acked - received > FEW_MISSING * acked) {
            caveats.add("With " + leg.label() + " consumers received " + Format.count(received) + " of "
                + Format.count(acked) + " acknowledged records with an end-to-end time: the slowest are missing from "
                + "it.");
        }
    }

    private static long distinct(final ExperimentData data, final java.util.function.Function<RunData, String> what) {
        return data.runs().stream().map(what).filter(Objects::nonNull).distinct().count();
    }

    private static String capitalised(final String sentence) {
        return sentence.isEmpty() ? sentence : Character.toUpperCase(sentence.charAt(0)) + sentence.substring(1);
    }

    /** {@return a box for each sentence, the last of many folded away} */
    static String html(final List<String> caveats) {
        final String shown = caveats.stream().limit(MAX_SHOWN).map(caveat -> Html.paragraph("caveat", caveat))
            .collect(Collectors.joining());
        return caveats.size() <= MAX_SHOWN ? shown : shown + "<details class=\"files\"><summary>"
            + (caveats.size() - MAX_SHOWN) + " more of the kind</summary>\n" + caveats.stream().skip(MAX_SHOWN)
            .map(caveat -> Html.paragraph("caveat", caveat)).collect(Collectors.joining()) + "</details>\n";
    }
}
