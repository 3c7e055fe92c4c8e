package io.millrace.results.statistics;

import java.util.Arrays;

/** The middle of some figures. */
public final class Medians {
    private Medians() {
    }

    /**
     * The median.
     *
     * @param values any order; not changed
     * @return the mean of the middle two if their number is even, NaN if there are none
     */
    public static double of(final double[] values) {
        if (values.length == 0) {
            return Double.NaN;
        }
        final double[] sorted = values.clone();
        Arrays.sort(sorted);
        final int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
