package io.millrace.results.statistics;

import io.millrace.results.model.Experiment;
import io.millrace.results.model.Measured;
import io.millrace.results.model.Quantiles;
import io.millrace.results.model.Tags;
import io.millrace.results.model.Verification;
import io.millrace.results.store.ExperimentData;
import io.millrace.results.store.RunData;
import org.HdrHistogram.Histogram;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * One side of an experiment in figures.
 *
 * @param name          "A"
 * @param label         "acks=leader"
 * @param runs          all of its runs
 * @param usedRuns      those the figures come from: the valid ones, or all that have samples if none is valid
 * @param verification  summed over every run that was read back, valid or not; null if none was
 * @param verifiedCount runs that were read back
 */
public record LegSummary(
    String name,
    String label,
    List<RunData> runs,
    List<RunData> usedRuns,
    Verification verification,
    int verifiedCount) {
    /**
     * Sums up each side.
     *
     * @param data an experiment
     * @return in the experiment's order
     */
    public static List<LegSummary> of(final ExperimentData data) {
        final List<LegSummary> legs = new ArrayList<>();
        for (final Experiment.Leg leg : data.experiment().legs()) {
            legs.add(of(leg.name(), leg.label(), data.runs(leg.name())));
        }
        return legs;
    }

    /**
     * Sums up each setting, for runs that differ in more than their side.
     *
     * @param data an experiment
     * @return sorted by setting
     */
    public static List<LegSummary> ofCells(final ExperimentData data) {
        final List<String> names = RunCells.names(data.runs());
        final Map<String, List<RunData>> cells = new LinkedHashMap<>();
        data.runs().forEach(run ->
            cells.computeIfAbsent(RunCells.key(run, names), key -> new ArrayList<>()).add(run));
        final Map<String, String> labels = RunCells.labels(cells.keySet());
        final List<LegSummary> summaries = new ArrayList<>();
        cells.keySet().stream().sorted(RunCells.ORDER)
            .forEach(key -> summaries.add(of(key, labels.get(key), cells.get(key))));
        return summaries;
    }

    private static LegSummary of(final String name, final String label, final List<RunData> runs) {
        final List<RunData> valid = runs.stream().filter(RunData::isValid).toList();
        final List<RunData> used = !valid.isEmpty() ? valid
            : runs.stream().filter(run -> !run.intervals(Tags.ACK_RT).isEmpty()).toList();
        final List<Verification> verified =
            runs.stream().map(run -> run.document().verify()).filter(Objects::nonNull).toList();
        return new LegSummary(name, label, runs, used, verified.stream().reduce(LegSummary::sum).orElse(null),
            verified.size());
    }

    /** {@return how many runs are valid} */
    public int validCount() {
        return (int) runs.stream().filter(RunData::isValid).count();
    }

    /** {@return true if the figures come from runs that are not valid} */
    public boolean isFromInvalidRuns() {
        return validCount() == 0 && !usedRuns.isEmpty();
    }

    /**
     * All samples of a tag over the used runs.
     *
     * @param tag see {@link Tags}
     * @return merged, never averaged
     */
    public Histogram merged(final String tag) {
        final Histogram total = new Histogram(3);
        total.setAutoResize(true);
        usedRuns.forEach(run -> total.add(run.merged(tag)));
        return total;
    }

    /**
     * All samples of the tags that begin in the same way, over the used runs.
     *
     * @param prefix of them, see {@link Tags}
     * @return merged, never averaged
     */
    public Histogram mergedOf(final String prefix) {
        final Histogram total = new Histogram(3);
        total.setAutoResize(true);
        usedRuns.forEach(run -> total.add(run.mergedOf(prefix)));
        return total;
    }

    /**
     * The median over the used runs.
     *
     * @param metric which
     * @return NaN if no run has the figure, or if in any of them failed, unsent or never received records may have
     *     moved it: without those runs it would be of the better ones only
     */
    public double median(final Metric metric) {
        if (usedRuns.stream().anyMatch(run -> !isProven(run, metric))) {
            return Double.NaN;
        }
        return Medians.of(usedRuns.stream().mapToDouble(run -> value(run, metric))
            .filter(Double::isFinite).toArray());
    }

    /**
     * A metric of one run.
     *
     * @param run    any
     * @param metric which
     * @return in the metric's unit; NaN where too few samples support it, it was not measured, or it is not proven
     */
    public static double value(final RunData run, final Metric metric) {
        if (metric.isCost()) {
            final Measured measured = run.document().measured();
            return measured == null || measured.cost() == null ? Double.NaN : metric.of(measured.cost());
        }
        if (!metric.isTime()) {
            return run.achievedPerS();
        }
        if (!isProven(run, metric)) {
            return Double.NaN;
        }
        final Histogram histogram = run.merged(metric.tag());
        if (metric.quantile() == 1) {
            return histogram.getTotalCount() == 0 ? Double.NaN : histogram.getMaxValue();
        }
        final Long value = Quantiles.value(histogram, metric.quantile());
        return value == null ? Double.NaN : value;
    }

    /**
     * Tells whether records of which nothing was measured cannot have moved a figure.
     *
     * @param run    any
     * @param metric which
     * @return see {@link Measured#isProven}; true of what is no time
     */
    public static boolean isProven(final RunData run, final Metric metric) {
        final Measured measured = run.document().measured();
        return !metric.isTime() || measured == null || measured.isProven(metric.tag(), metric.quantile());
    }

    private static Verification sum(final Verification a, final Verification b) {
        return new Verification(a.checked() + b.checked(), a.lostAcked() + b.lostAcked(),
            a.lostUnacked() + b.lostUnacked(), a.duplicates() + b.duplicates(), a.gaps() + b.gaps(),
            a.reordered() + b.reordered(), a.corrupt() + b.corrupt());
    }
}
