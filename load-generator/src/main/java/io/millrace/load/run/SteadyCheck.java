package io.millrace.load.run;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Tells whether a series of interval medians drifted, by the median of all pairwise slopes (Theil and Sen), how sure
 * that is, and whether its halves differ. No state.
 */
final class SteadyCheck {
    /** Below that nothing can be said. */
    private static final int MIN_INTERVALS = 10;
    private static final int MAX_INTERVALS = 1_000;

    private SteadyCheck() {
    }

    /**
     * {@return change from first to last interval relative to the median, along the typical slope; 0 if unknown}
     *
     * @param series one value per interval
     */
    static double drift(final List<Double> series) {
        return drift(series, MIN_INTERVALS);
    }

    /** The same over at least so many intervals. */
    static double drift(final List<Double> series, final int minIntervals) {
        if (series.size() < minIntervals) {
            return 0;
        }
        return driftOf(thinned(series));
    }

    /**
     * {@return the median of the second half minus that of the first; 0 if there are too few to tell}
     *
     * @param series one value per interval
     */
    static double step(final List<Double> series) {
        if (series.size() < MIN_INTERVALS) {
            return 0;
        }
        final int half = series.size() / 2;
        return medianOf(series.subList(half, series.size())) - medianOf(series.subList(0, half));
    }

    /**
     * {@return the median of the first half}
     *
     * @param series one value per interval
     */
    static double before(final List<Double> series) {
        return medianOf(series.subList(0, series.size() / 2));
    }

    /**
     * {@return how sure it is that the series rises (above 0) or falls, in standard deviations of what chance makes of
     * the order of its values (Mann and Kendall, with ties); 0 if nothing can be said}
     *
     * @param series one value per interval
     */
    static double trend(final List<Double> series) {
        final List<Double> values = thinned(series);
        final int count = values.size();
        long score = 0;
        double tied = 0;
        for (int i = 0; i < count; i++) {
            long equal = 0;
            for (int j = i + 1; j < count; j++) {
                final int order = Double.compare(values.get(j), values.get(i));
                score += Integer.signum(order);
                equal += order == 0 ? 1 : 0;
            }
            tied += share(equal + 1) - share(equal); // adds up to the share of each group of equal ones
        }
        final double variance = (share(count) - tied) / 18;
        return score == 0 || variance <= 0 ? 0 : (score - Long.signum(score)) / Math.sqrt(variance);
    }

    private static double share(final double count) {
        return count * (count - 1) * (2 * count + 5);
    }

    /** A long series is looked at from beginning to end, but not each of its intervals. */
    private static List<Double> thinned(final List<Double> series) {
        final int every = (series.size() + MAX_INTERVALS - 1) / MAX_INTERVALS;
        return every <= 1 ? series
            : IntStream.range(0, series.size() / every).mapToObj(i -> series.get(i * every)).toList();
    }

    private static double driftOf(final List<Double> series) {
        final int count = series.size();
        final double[] slopes = new double[count * (count - 1) / 2];
        int next = 0;
        for (int i = 0; i < count; i++) {
            for (int j = i + 1; j < count; j++) {
                slopes[next++] = (series.get(j) - series.get(i)) / (j - i);
            }
        }
        final double median = medianOf(series);
        return median == 0 ? 0 : median(slopes) * (count - 1) / median;
    }

    private static double medianOf(final List<Double> series) {
        return median(series.stream().mapToDouble(Double::doubleValue).toArray());
    }

    private static double median(final double[] values) {
        Arrays.sort(values);
        final int middle = values.length / 2;
        return values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }
}
