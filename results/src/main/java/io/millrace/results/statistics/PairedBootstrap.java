package io.millrace.results.statistics;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Ratio of two sides from paired runs, with a 95 % interval: hierarchical bootstrap of the pairs' log-ratios.
 *
 * <p>A draw resamples the pairs, and of each run takes one of the replicates its blocks gave. A bootstrap over few
 * pairs is too narrow, because it knows only the spread it saw: over three pairs it covers the truth about three times
 * in four. So the interval is widened around the estimate by t(n-1)/z * sqrt(n/(n-1)), which restores the nominal rate
 * for log-normal spread. Resampling inside the runs as well makes it a little conservative where most of the spread
 * lies within runs.
 */
public final class PairedBootstrap {
    /** Fewer pairs give no verdict, however far apart the sides are. */
    public static final int MIN_PAIRS = 3;

    private static final int DRAW_COUNT = 10_000;
    private static final double Z_975 = 1.959964;
    private static final double[] T_975 = {
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
        2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
    };

    private PairedBootstrap() {
    }

    /**
     * Two runs, one of each side, made one after the other.
     *
     * @param base  of the base side
     * @param other of the other side
     */
    public record Pair(RunSample base, RunSample other) {
        boolean isUsable() {
            return base.isUsable() && other.isUsable();
        }

        double logRatio() {
            return Math.log(other.value() / base.value());
        }
    }

    /**
     * Compares.
     *
     * @param metric    the figure the samples hold
     * @param all       pairs; those without a figure on both sides are left out
     * @param threshold smallest relative difference that matters, 0.05 for 5 %
     * @param seed      of the draws
     * @param isFlagged true if invalid runs are among them: the verdict is then inconclusive
     * @return the estimate
     */
    public static RatioEstimate compare(
        final Metric metric,
        final List<Pair> all,
        final double threshold,
        final long seed,
        final boolean isFlagged) {
        final List<Pair> pairs = all.stream().filter(Pair::isUsable).toList();
        final int n = pairs.size();
        final double medianBase = median(pairs.stream().mapToDouble(pair -> pair.base().value()).toArray());
        final double medianOther = median(pairs.stream().mapToDouble(pair -> pair.other().value()).toArray());
        if (n == 0) {
            return new RatioEstimate(metric, medianBase, medianOther, Double.NaN, Double.NaN, Double.NaN, 0,
                Verdict.INCONCLUSIVE, 0, isFlagged);
        }
        final double center = pairs.stream().mapToDouble(Pair::logRatio).average().orElseThrow();
        if (n == 1) {
            return new RatioEstimate(metric, medianBase, medianOther, Math.exp(center), Double.NaN, Double.NaN, 1,
                Verdict.INCONCLUSIVE, MIN_PAIRS - 1, isFlagged);
        }
        final double[] draws = draws(pairs, seed);
        final double widening = t975(n - 1) / Z_975 * Math.sqrt(n / (n - 1.0));
        final double low = Math.min(center, center + (draws[(int) (0.025 * (DRAW_COUNT - 1))] - center) * widening);
        final double high = Math.max(center, center + (draws[(int) (0.975 * (DRAW_COUNT - 1))] - center) * widening);
        final double margin = Math.log1p(threshold);
        final Verdict verdict =
            isFlagged || n < MIN_PAIRS ? Verdict.INCONCLUSIVE : verdict(low, high, margin, metric.isLowerBetter());
        final int more = verdict != Verdict.INCONCLUSIVE ? 0
            : n < MIN_PAIRS ? MIN_PAIRS - n : morePairs(n, center, (high - low) / 2, margin);
        return new RatioEstimate(metric, medianBase, medianOther, Math.exp(center), Math.exp(low), Math.exp(high), n,
            verdict, more, isFlagged);
    }

    /**
     * The middle of some figures.
     *
     * @param values any order; not changed
     * @return the median, the mean of the middle two if their number is even, NaN if there are none
     */
    public static double median(final double[] values) {
        if (values.length == 0) {
            return Double.NaN;
        }
        final double[] sorted = values.clone();
        Arrays.sort(sorted);
        final int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    static Verdict verdict(final double low, final double high, final double margin, final boolean isLowerBetter) {
        if (low > margin) {
            return isLowerBetter ? Verdict.REGRESSED : Verdict.IMPROVED;
        }
        if (high < -margin) {
            return isLowerBetter ? Verdict.IMPROVED : Verdict.REGRESSED;
        }
        return low >= -margin && high <= margin ? Verdict.SAME : Verdict.INCONCLUSIVE;
    }

    /** Pairs to add until the interval, shrinking as t/sqrt(n), clears the threshold or fits inside it. */
    static int morePairs(final int n, final double center, final double halfWidth, final double margin) {
        final double wanted = Math.abs(Math.abs(center) - margin);
        final double spread = halfWidth * Math.sqrt(n) / t975(n - 1);
        for (int m = Math.max(n + 1, MIN_PAIRS); m < n + RatioEstimate.TOO_MANY; m++) {
            if (t975(m - 1) * spread / Math.sqrt(m) <= wanted) {
                return m - n;
            }
        }
        return RatioEstimate.TOO_MANY;
    }

    static double t975(final int degrees) {
        return degrees <= T_975.length ? T_975[degrees - 1] : Z_975 + 2.45 / degrees;
    }

    private static double[] draws(final List<Pair> pairs, final long seed) {
        final SplittableRandom random = new SplittableRandom(seed);
        final int n = pairs.size();
        final double[][] bases = pairs.stream().map(pair -> pair.base().logReplicates()).toArray(double[][]::new);
        final double[][] others = pairs.stream().map(pair -> pair.other().logReplicates()).toArray(double[][]::new);
        final double[] draws = new double[DRAW_COUNT];
        for (int d = 0; d < DRAW_COUNT; d++) {
            double sum = 0;
            for (int k = 0; k < n; k++) {
                final int pair = random.nextInt(n);
                sum += others[pair][random.nextInt(others[pair].length)]
                    - bases[pair][random.nextInt(bases[pair].length)];
            }
            draws[d] = sum / n;
        }
        Arrays.sort(draws);
        return draws;
    }
}
