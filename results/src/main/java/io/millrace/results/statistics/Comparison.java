package io.millrace.results.statistics;

import io.millrace.results.model.Experiment;
import io.millrace.results.store.ExperimentData;
import io.millrace.results.store.RunData;

import java.util.List;
import java.util.Map;

/**
 * The two sides of an experiment, compared in every metric.
 *
 * @param base      the first side
 * @param other     the second side
 * @param estimates one per metric, in the order of {@link Metric}; none of what no run knows
 * @param threshold smallest relative difference that matters
 * @param pairCount pairs whose two runs are both valid; without pairs, valid runs of the smaller side
 * @param leftOut   pairs that have an invalid run or only one; without pairs, invalid runs
 * @param isPaired  true if the runs are paired
 */
public record Comparison(
    Experiment.Leg base,
    Experiment.Leg other,
    List<RatioEstimate> estimates,
    double threshold,
    int pairCount,
    int leftOut,
    boolean isPaired) {
    /**
     * Compares the two sides. Runs of the same experiment and pair number are paired.
     *
     * @param data an experiment
     * @return the comparison, or null if it has not exactly two sides, if they are rates, or one has several settings
     */
    public static Comparison of(final ExperimentData data) {
        final List<Experiment.Leg> legs = data.experiment().legs();
        if (legs == null || legs.size() != 2 || RunCells.isMatrix(data)) {
            return null;
        }
        final List<RunData> base = data.runs(legs.get(0).name());
        final Duel duel = Duel.of(base, data.runs(legs.get(1).name()), floors(data.control(), base));
        final Rules rules = new Rules(data.experiment().threshold(), Rules.CONFIDENCE);
        return new Comparison(legs.get(0), legs.get(1), Judge.judge(duel.rows(), rules), rules.threshold(),
            duel.validPairs(), duel.leftOut(), duel.isPaired());
    }

    private static Map<String, Double> floors(final ExperimentData control, final List<RunData> base) {
        if (control == null || ControlFit.objection(control, base) != null) {
            return Map.of();
        }
        final List<Side> both = control.experiment().legs().stream()
            .map(leg -> new Side(leg.label(), control, leg.name())).toList();
        return Contest.floors(both.get(0), both.get(1));
    }

    /**
     * The estimate of one metric.
     *
     * @param metric which
     * @return the estimate, null of what no run knows
     */
    public RatioEstimate estimate(final Metric metric) {
        return estimates.stream().filter(estimate -> estimate.metric() == metric).findFirst().orElse(null);
    }
}
