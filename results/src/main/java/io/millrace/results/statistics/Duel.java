package io.millrace.results.statistics;

import io.millrace.results.store.RunData;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * Two sets of runs, measured against each other in every metric. Invalid runs, and pairs with one, are left out; if
 * that leaves nothing, all that have figures go in and every row is flagged.
 *
 * @param rows       one per metric that a run knows, in the order of {@link Metric}
 * @param validPairs pairs whose two runs are both valid; without pairs, valid runs of the smaller side
 * @param leftOut    pairs, or runs, that were left out
 * @param isPaired   true if the runs are paired
 */
record Duel(List<Judge.Row> rows, int validPairs, int leftOut, boolean isPaired) {
    private static final long SEED = 0x4d696c6c72616365L;

    /** Pairs runs of the same experiment and pair number if there are such; otherwise the sides are independent. */
    static Duel of(final List<RunData> base, final List<RunData> other, final Map<String, Double> floors) {
        final List<RunPair> pairs = pairs(base, other);
        final boolean isOneExperiment = Stream.concat(base.stream(), other.stream())
            .allMatch(run -> run.document().experimentId() != null);
        return isOneExperiment && pairs.stream().anyMatch(RunPair::isWhole) ? paired(pairs, floors)
            : unpaired(base, other, floors);
    }

    /** The sides stand for themselves, whatever their pair numbers say. */
    static Duel unpaired(
        final List<RunData> base, final List<RunData> other, final Map<String, Double> floors) {
        final boolean isFlagged = base.stream().noneMatch(RunData::isValid)
            || other.stream().noneMatch(RunData::isValid);
        final List<RunData> bases = base.stream().filter(run -> isFlagged || run.isValid()).toList();
        final List<RunData> others = other.stream().filter(run -> isFlagged || run.isValid()).toList();
        final List<Map<Metric, RunSample>> baseSamples = samples(bases, 1);
        final List<Map<Metric, RunSample>> otherSamples = samples(others, 2);
        final List<String> baseClusters = Clusters.of(bases);
        final List<String> otherClusters = Clusters.of(others);
        final List<Judge.Row> rows = new ArrayList<>();
        for (final Metric metric : Metric.values()) {
            final List<RunSample> before = of(metric, baseSamples);
            final List<RunSample> after = of(metric, otherSamples);
            final LogRatio ratio = new RatioBootstrap(SEED + metric.ordinal())
                .unpaired(Clusters.means(before, baseClusters), Clusters.means(after, otherClusters))
                .ofRuns(usable(before), usable(after));
            final double floor = floors.getOrDefault(metric.key(), 0.0);
            add(rows, row(metric, ratio, before, after, floor, isFlagged));
        }
        return new Duel(rows, isFlagged ? 0 : Math.min(bases.size(), others.size()),
            base.size() + other.size() - bases.size() - others.size(), false);
    }

    private static Duel paired(final List<RunPair> pairs, final Map<String, Double> floors) {
        final List<RunPair> valid = pairs.stream().filter(RunPair::isValid).toList();
        final boolean isFlagged = valid.isEmpty();
        final List<RunPair> chosen = isFlagged ? pairs.stream().filter(RunPair::isWhole).toList() : valid;
        final List<Map<Metric, RunSample>> bases = samples(chosen.stream().map(RunPair::base).toList(), 1);
        final List<Map<Metric, RunSample>> others = samples(chosen.stream().map(RunPair::other).toList(), 2);
        final List<Judge.Row> rows = new ArrayList<>();
        for (final Metric metric : Metric.values()) {
            final List<RatioBootstrap.Pair> samples = new ArrayList<>();
            for (int i = 0; i < chosen.size(); i++) {
                samples.add(new RatioBootstrap.Pair(bases.get(i).get(metric), others.get(i).get(metric)));
            }
            final LogRatio ratio = new RatioBootstrap(SEED + metric.ordinal()).paired(samples);
            final double floor = floors.getOrDefault(metric.key(), 0.0);
            add(rows, row(metric, ratio, of(metric, bases), of(metric, others), floor, isFlagged));
        }
        return new Duel(rows, valid.size(), pairs.size() - valid.size(), true);
    }

    /** What neither side knows is no row: of remote brokers there are no costs. */
    private static void add(final List<Judge.Row> rows, final Judge.Row row) {
        if (row.figure() instanceof Metric metric && !metric.isOptional() || row.ratio().baseCount() > 0
            || row.ratio().otherCount() > 0 || row.hiddenCount() > 0) {
            rows.add(row);
        }
    }

    /**
     * Of a run with nothing there is no ratio, nor of one that hides how slow it was. Without those the ratio would
     * be of the others only, and whether a run is among them would hang on how it came out: so there is none at all.
     */
    private static Judge.Row row(final Metric metric, final LogRatio ratio, final List<RunSample> before,
        final List<RunSample> after, final double floor, final boolean isFlagged) {
        final List<RunSample> all = Stream.concat(before.stream(), after.stream()).toList();
        final int zeroCount = (int) all.stream().filter(sample -> sample.value() == 0).count();
        final int hiddenCount = (int) all.stream().filter(RunSample::isHidden).count();
        if (hiddenCount == 0 && (zeroCount == 0 || all.stream().noneMatch(RunSample::isUsable))) {
            return new Judge.Row(metric, ratio, floor, isFlagged);
        }
        final double[] bases = hasHidden(before) ? new double[0] : known(before);
        final double[] others = hasHidden(after) ? new double[0] : known(after);
        return new Judge.Row(metric, new LogRatio(Medians.of(bases), Medians.of(others), Double.NaN, Double.NaN, 1,
            bases.length, others.length, ratio.isPaired(), Double.NaN), floor, isFlagged, zeroCount, hiddenCount);
    }

    private static boolean hasHidden(final List<RunSample> samples) {
        return samples.stream().anyMatch(RunSample::isHidden);
    }

    private static double[] usable(final List<RunSample> samples) {
        return samples.stream().filter(RunSample::isUsable).mapToDouble(RunSample::value).toArray();
    }

    private static double[] known(final List<RunSample> samples) {
        return samples.stream().mapToDouble(RunSample::value).filter(Double::isFinite).toArray();
    }

    private static List<RunSample> of(final Metric metric, final List<Map<Metric, RunSample>> samples) {
        return samples.stream().map(sample -> sample.get(metric)).toList();
    }

    /** Pairs of two valid runs; none of runs that are not paired. */
    static int validPairs(final List<RunData> base, final List<RunData> other) {
        return (int) pairs(base, other).stream().filter(RunPair::isValid).count();
    }

    private static List<Map<Metric, RunSample>> samples(final List<RunData> runs, final int side) {
        final SplittableRandom random = new SplittableRandom(SEED + side);
        return runs.stream().map(run -> RunSampler.sample(run, random.split())).toList();
    }

    private static List<RunPair> pairs(final List<RunData> base, final List<RunData> other) {
        final Map<String, RunData> others = new LinkedHashMap<>();
        other.forEach(run -> others.putIfAbsent(pairId(run), run));
        final List<RunPair> pairs = new ArrayList<>();
        for (final RunData run : base) {
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
