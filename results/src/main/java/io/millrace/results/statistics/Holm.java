package io.millrace.results.statistics;

import java.util.Arrays;
import java.util.Comparator;

/** Holm's step-down correction: keeps the chance of any false finding among several within the level of one. */
final class Holm {
    private Holm() {
    }

    /**
     * Adjusts.
     *
     * @param p p-values in any order; NaN is not part of the family
     * @return adjusted p-values in the same order, NaN where there was none
     */
    static double[] adjust(final double[] p) {
        final Integer[] order = new Integer[p.length];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, Comparator.comparingDouble(i -> p[i])); // NaN last
        final int family = (int) Arrays.stream(p).filter(value -> !Double.isNaN(value)).count();
        final double[] adjusted = new double[p.length];
        Arrays.fill(adjusted, Double.NaN);
        double highest = 0;
        for (int i = 0; i < family; i++) {
            highest = Math.max(highest, Math.min(1, p[order[i]] * (family - i)));
            adjusted[order[i]] = highest;
        }
        return adjusted;
    }
}
