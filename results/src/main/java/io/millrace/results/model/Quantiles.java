package io.millrace.results.model;

import org.HdrHistogram.AbstractHistogram;
import org.HdrHistogram.HistogramIterationValue;

/** Quantiles that say nothing where too few samples lie beyond them, and their intervals within one run. */
public final class Quantiles {
    /** Samples that must lie beyond a quantile before it is given. */
    public static final int MIN_SAMPLES_BEYOND = 10;

    private static final double TAIL = 0.025;

    private Quantiles() {
    }

    /**
     * Tells whether a quantile is supported by enough samples.
     *
     * @param sampleCount samples in all
     * @param quantile    in (0, 1)
     * @return true if at least {@link #MIN_SAMPLES_BEYOND} lie beyond it
     */
    public static boolean isSupported(final long sampleCount, final double quantile) {
        return sampleCount * (1.0 - quantile) >= MIN_SAMPLES_BEYOND - 1e-6; // 1.0 - 0.99 is a little below 0.01
    }

    /**
     * The value at a quantile.
     *
     * @param histogram of nanoseconds
     * @param quantile  in (0, 1)
     * @return the value, or null with too few samples beyond it
     */
    public static Long value(final AbstractHistogram histogram, final double quantile) {
        final long count = histogram.getTotalCount();
        return isSupported(count, quantile) ? valueAtRank(histogram, rank(count, quantile)) : null;
    }

    /**
     * The 95 % interval of a quantile by binomial order statistics: the samples whose ranks enclose it.
     *
     * <p>It takes the samples for independent, which within one run they are not quite: a lower bound of the
     * uncertainty. Between runs the bootstrap decides.
     *
     * @param histogram of nanoseconds
     * @param quantile  in (0, 1)
     * @return low and high, or null with too few samples beyond the quantile
     */
    public static long[] interval95(final AbstractHistogram histogram, final double quantile) {
        final long count = histogram.getTotalCount();
        if (!isSupported(count, quantile)) {
            return null;
        }
        final long[] ranks = ranks95(count, quantile);
        return new long[] {valueAtRank(histogram, ranks[0]), valueAtRank(histogram, ranks[1])};
    }

    /**
     * Ranks of the order statistics that enclose a quantile with at least 95 % probability.
     *
     * @param count    samples in all
     * @param quantile in (0, 1)
     * @return low and high, from 1 to count
     */
    static long[] ranks95(final long count, final double quantile) {
        // Binomial probabilities relative to the mode's, by recurrence from the mode outwards: exact, no factorials.
        final long mode = Math.min(count, (long) Math.floor((count + 1) * quantile));
        final double sd = Math.sqrt(count * quantile * (1 - quantile));
        final long from = Math.max(0, mode - (long) Math.ceil(9 * sd + 9));
        final long to = Math.min(count, mode + (long) Math.ceil(9 * sd + 9));
        final double[] mass = new double[Math.toIntExact(to - from + 1)];
        final double odds = quantile / (1 - quantile);
        mass[(int) (mode - from)] = 1;
        for (long k = mode; k < to; k++) {
            mass[(int) (k + 1 - from)] = mass[(int) (k - from)] * odds * (count - k) / (k + 1);
        }
        for (long k = mode; k > from; k--) {
            mass[(int) (k - 1 - from)] = mass[(int) (k - from)] / odds * k / (count - k + 1);
        }
        double sum = 0;
        for (final double m : mass) {
            sum += m;
        }
        // With N of the count samples below the true quantile: P(N < low) and P(N >= high) at most TAIL each.
        long low = from;
        double below = mass[0] / sum;
        while (below <= TAIL && low < to) {
            low++;
            below += mass[(int) (low - from)] / sum;
        }
        long high = to;
        double above = mass[(int) (to - from)] / sum;
        while (above <= TAIL && high > from) {
            high--;
            above += mass[(int) (high - from)] / sum;
        }
        return new long[] {Math.max(1, low), Math.min(count, high + 1)};
    }

    /**
     * The rank a quantile stands at.
     *
     * @param count    samples in all
     * @param quantile in (0, 1)
     * @return from 1 to count
     */
    public static long rank(final long count, final double quantile) {
        return Math.max(1, Math.min(count, (long) Math.ceil(count * quantile - 1e-6)));
    }

    private static long valueAtRank(final AbstractHistogram histogram, final long rank) {
        for (final HistogramIterationValue step : histogram.recordedValues()) {
            if (step.getTotalCountToThisValue() >= rank) {
                return Math.min(step.getValueIteratedTo(), histogram.getMaxValue());
            }
        }
        return histogram.getMaxValue();
    }
}
