package io.millrace.results.report;

import io.millrace.results.model.Environment;
import io.millrace.results.statistics.Comparison;
import io.millrace.results.statistics.ControlFit;
import io.millrace.results.statistics.LegSummary;
import io.millrace.results.store.ExperimentData;
import io.millrace.results.store.RunData;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What a reader must know before believing a figure, in plain sentences. */
final class Notes {
    private static final int FEW_CORES = 4;
    private static final double BUSY_PER_CORE = 0.3;

    private Notes() {
    }

    static List<String> of(
        final ExperimentData data, final List<LegSummary> legs, final Comparison comparison) {
        final Set<String> notes = new LinkedHashSet<>();
        if (data.experiment().notes() != null) {
            notes.addAll(data.experiment().notes());
        }
        if (data.runs().isEmpty()) {
            jmhMachine(data.jmhRuns().get(0).document().env(), notes);
        } else {
            machine(data, notes);
        }
        runs(data, legs, notes);
        if (comparison != null) {
            comparison(data, comparison, notes);
        }
        data.problems().forEach(problem -> notes.add("Left out: " + problem));
        return List.copyOf(notes);
    }

    /** How the figures were made; the same in every report. */
    static List<String> method(final Comparison comparison) {
        final List<String> method = new ArrayList<>();
        method.add("Response time runs from the moment a record was due by the schedule to its acknowledgement; "
            + "service time from the moment it was actually sent; schedule lag is the difference. A slow answer that "
            + "delays later records is charged to response time, so nothing is hidden.");
        method.add("Every sample is in the histograms. Quantiles are read from merged histograms and never averaged; "
            + "one with fewer than ten samples beyond it is not given (" + Format.NONE + "). Warm-up is left out.");
        if (comparison != null) {
            method.add("The unit of replication is a run. " + (comparison.isPaired()
                ? "The sides alternate, and run n of one side is paired with run n of the other. Ratio: geometric mean "
                + "of the pairs' ratios." : "The sides are independent sets of runs. Ratio: of the geometric means.")
                + " Interval: 95 %, Student's t with the standard error of a hierarchical bootstrap of the logarithms ("
                + (comparison.isPaired() ? "pairs" : "runs") + ", and blocks of up to 5 s within runs; 10,000 seeded "
                + "draws).");
            method.add("Verdict: improved or regressed if the ratio lies beyond the threshold of "
                + Format.percent(comparison.threshold()) + ", same if it lies within, each with 95 % confidence over "
                + "all metrics together (Holm's correction), otherwise inconclusive; fewer than three "
                + (comparison.isPaired() ? "pairs" : "runs a side") + " are always inconclusive.");
        }
        return method;
    }

    private static void machine(final ExperimentData data, final Set<String> notes) {
        final Environment env = data.runs().get(0).document().env();
        if (env == null) {
            notes.add("The machine is not recorded.");
            return;
        }
        if (env.cores() <= FEW_CORES) {
            notes.add("Load generator and brokers, where they ran on this machine, shared its " + env.cores()
                + " cores: they take time from each other. Trust the ratio of the sides more than the figures "
                + "themselves.");
        }
        shared(env, notes);
        final Set<String> fingerprints = data.runs().stream().map(run -> run.document().env())
            .filter(e -> e != null && e.fingerprint() != null).map(Environment::fingerprint)
            .collect(Collectors.toSet());
        if (fingerprints.size() > 1) {
            notes.add("The runs come from " + fingerprints.size() + " different machines or set-ups: a comparison "
                + "between them says nothing about the sides.");
        }
    }

    private static void jmhMachine(final Environment env, final Set<String> notes) {
        if (env == null) {
            notes.add("The machine is not recorded.");
            return;
        }
        if (env.cores() <= FEW_CORES) {
            notes.add("The machine has " + env.cores() + " cores: a benchmark with several threads, a driver or a "
                + "collector shares them. Trust ratios within one run more than the figures themselves.");
        }
        shared(env, notes);
    }

    private static void shared(final Environment env, final Set<String> notes) {
        if (Boolean.TRUE.equals(env.virtualised())) {
            notes.add("The machine is virtual: others may have used the same processor and disk.");
        }
        if (env.loadAverage1m() != null && env.loadAverage1m() > Math.max(1, env.cores() * BUSY_PER_CORE)) {
            notes.add("The machine was busy before the first run: load average "
                + Format.trimmed(env.loadAverage1m()) + " on " + env.cores() + " cores.");
        }
    }

    private static void runs(final ExperimentData data, final List<LegSummary> legs, final Set<String> notes) {
        data.runs().stream().map(run -> run.document().findings()).filter(java.util.Objects::nonNull)
            .flatMap(findings -> findings.nearFloor().stream()).distinct().forEach(figure -> notes.add("Within three "
            + "times of what the harness itself reaches on this machine: " + figure + "."));
        final String caveat = Promises.of(legs).caveat();
        if (caveat != null) {
            notes.add(caveat);
        }
        for (final LegSummary leg : legs) {
            if (leg.isFromInvalidRuns()) {
                notes.add("No run of " + leg.label() + " is valid; its figures come from invalid runs.");
            }
        }
        final Map<String, Set<RunData>> runsByNote = new LinkedHashMap<>();
        for (final RunData run : data.runs()) {
            final List<String> own = new ArrayList<>(run.document().notes());
            run.warnings().forEach(warning -> own.add(warning + "."));
            if (!run.isValid() && run.document().notes().isEmpty()) {
                own.add(ended(run) + (run.document().invalidReasons().isEmpty() ? "."
                    : " (" + String.join(", ", run.document().invalidReasons()) + ")."));
            }
            own.forEach(note -> runsByNote.computeIfAbsent(note, n -> new LinkedHashSet<>()).add(run));
        }
        runsByNote.forEach((note, which) -> notes.add(
            (which.size() == data.runs().size() ? which.size() == 1 ? "" : "Every run: " : which(legs, which))
                + note));
    }

    private static String ended(final RunData run) {
        return switch (run.status()) {
            case INTERRUPTED -> "The run was interrupted";
            case FAILED -> "The run failed";
            default -> "The run is " + run.status().word();
        };
    }

    private static String which(final List<LegSummary> legs, final Set<RunData> runs) {
        final List<String> parts = new ArrayList<>();
        for (final LegSummary leg : legs) {
            final List<String> pairs = leg.runs().stream().filter(runs::contains)
                .map(run -> String.valueOf(run.document().pair())).toList();
            if (!pairs.isEmpty()) {
                parts.add(leg.label() + ", pair" + (pairs.size() == 1 ? " " : "s ") + String.join(", ", pairs));
            }
        }
        return String.join("; ", parts) + ": ";
    }

    private static void comparison(
        final ExperimentData data, final Comparison comparison, final Set<String> notes) {
        if (comparison.leftOut() > 0 && comparison.pairCount() > 0) {
            notes.add(comparison.leftOut() + " of " + (comparison.leftOut() + comparison.pairCount())
                + (comparison.isPaired() ? " pairs" : " runs or more")
                + " are left out of the ratios because a run is invalid or missing. If one side fails more "
                + "often than the other, that too is a result.");
        }
        if (comparison.pairCount() == 0) {
            notes.add((comparison.isPaired() ? "No pair has two valid runs" : "A side has no valid run")
                + "; ratios are shown for orientation and allow no conclusion.");
        }
        final long workloads = data.runs().stream().map(run -> run.document().workloadSha256())
            .filter(java.util.Objects::nonNull).distinct().count();
        if (workloads > 1) {
            notes.add("The runs did not all have the same workload (" + workloads + " different ones): the ratios "
                + "compare different things.");
        }
        if (data.control() != null) {
            final String wider = comparison.estimates().stream()
                .filter(estimate -> estimate.margin() > comparison.threshold()).map(estimate ->
                estimate.metric().label() + " " + Format.percent(estimate.margin())).collect(Collectors.joining(", "));
            final String objection =
                ControlFit.objection(data.control(), data.runs(comparison.base().name()));
            notes.add(objection != null ? "A control was measured with this experiment, but the verdicts stand without "
                + "it: " + objection + "." : "A control with two equal sides was measured with this experiment. "
                + (wider.isEmpty()
                ? "Twice what they differ by is below the threshold in every figure." : "Twice what they differ by is "
                + "more than the threshold, so a difference must exceed it, and one between the two is inconclusive: "
                + wider + "."));
        }
    }
}
