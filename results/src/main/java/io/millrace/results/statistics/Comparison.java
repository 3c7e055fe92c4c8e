package io.millrace.results.statistics;

import io.millrace.results.model.Experiment;
import io.millrace.results.store.ExperimentData;
import io.millrace.results.store.RunData;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * The two sides of an experiment, compared in every metric.
 *
 * @param base      the first side
 * @param other     the second side
 * @param estimates one per metric, in the order of {@link Metric}; none of a cost that no run knows
 * @param threshold smallest relative difference that matters
 * @param pairCount pairs whose two runs are both valid
 * @param leftOut   pairs that have an invalid run or only one
 */
public record Comparison(
    Experiment.Leg base,
    Experiment.Leg other,
    List<RatioEstimate> estimates,
    double threshold,
    int pairCount,
    int leftOut) {
    private static final long SEED = 0x4d696c6c72616365L;

    /**
     * Compares the first two sides. Pairs with an invalid run are left out; if that leaves none, all pairs with
     * figures go in and every estimate is flagged.
     *
     * @param data an experiment
     * @return the comparison, or null if it has fewer than two sides
     */
    public static Comparison of(final ExperimentData data) {
        final List<Experiment.Leg> legs = data.experiment().legs();
        if (legs == null || legs.size() < 2) {
            return null;
        }
        final List<RunPair> pairs = pairs(data, legs.get(0).name(), legs.get(1).name());
        final List<RunPair> valid = pairs.stream().filter(RunPair::isValid).toList();
        final boolean isFlagged = valid.isEmpty() && pairs.stream().anyMatch(RunPair::isWhole);
        final List<RunPair> chosen = isFlagged ? pairs.stream().filter(RunPair::isWhole).toList() : valid;
        final SplittableRandom random = new SplittableRandom(SEED);
        final List<Map<Metric, RunSample>> bases = new ArrayList<>();
        final List<Map<Metric, RunSample>> others = new ArrayList<>();
        for (final RunPair pair : chosen) {
            bases.add(RunSampler.sample(pair.base, random.split()));
            others.add(RunSampler.sample(pair.other, random.split()));
        }
        final List<RatioEstimate> estimates = new ArrayList<>();
        for (final Metric metric : Metric.values()) {
            final List<PairedBootstrap.Pair> samples = new ArrayList<>();
            for (int i = 0; i < chosen.size(); i++) {
                samples.add(new PairedBootstrap.Pair(bases.get(i).get(metric), others.get(i).get(metric)));
            }
            if (metric.isCost() && samples.stream().noneMatch(pair -> pair.base().isUsable()
                || pair.other().isUsable())) {
                continue; // of remote brokers nothing is known
            }
            estimates.add(PairedBootstrap.compare(metric, samples, data.experiment().threshold(),
                SEED + metric.ordinal(), isFlagged));
        }
        return new Comparison(legs.get(0), legs.get(1), estimates, data.experiment().threshold(), valid.size(),
            pairs.size() - valid.size());
    }

    /**
     * The estimate of one metric.
     *
     * @param metric which
     * @return the estimate, null of a cost that no run knows
     */
    public RatioEstimate estimate(final Metric metric) {
        return estimates.stream().filter(estimate -> estimate.metric() == metric).findFirst().orElse(null);
    }

    private static List<RunPair> pairs(final ExperimentData data, final String base, final String other) {
        final Map<String, RunData> others = new LinkedHashMap<>();
        data.runs(other).forEach(run -> others.putIfAbsent(pairId(run), run));
        final List<RunPair> pairs = new ArrayList<>();
        for (final RunData run : data.runs(base)) {
            pairs.add(new RunPair(run, others.remove(pairId(run))));
        }
        others.values().forEach(run -> pairs.add(new RunPair(null, run)));
        return pairs;
    }

    private static String pairId(final RunData run) {
        return run.document().experimentId() + "/" + run.document().pair();
    }

    /** Two runs of the same pair number; one may be missing. */
    private record RunPair(RunData base, RunData other) {
        boolean isWhole() {
            return base != null && other != null;
        }

        boolean isValid() {
            return isWhole() && base.isValid() && other.isValid();
        }
    }
}
