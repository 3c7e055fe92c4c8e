package io.millrace.load.run;

import java.util.Arrays;
import java.util.List;

/** Tells whether a series of interval medians drifted, by the median of all pairwise slopes (Theil and Sen). */
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
        final int count = Math.min(series.size(), MAX_INTERVALS);
        if (count < minIntervals) {
            return 0;
        }
        final double[] slopes = new double[count * (count - 1) / 2];
        int next = 0;
        for (int i = 0; i < count; i++) {
            for (int j = i + 1; j < count; j++) {
                slopes[next++] = (series.get(j) - series.get(i)) / (j - i);
            }
        }
        final double median = median(series.stream().limit(count).mapToDouble(Double::doubleValue).toArray());
        return median == 0 ? 0 : median(slopes) * (count - 1) / median;
    }

    private static double median(final double[] values) {
        Arrays.sort(values);
        final int middle = values.length / 2;
        return values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }
}
