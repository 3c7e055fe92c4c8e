package io.millrace.results.statistics;

import java.util.Arrays;

/**
 * Exact rank tests, ties included: the distribution over all ways of dealing the ranks that were seen (mid-ranks where
 * figures are equal). Beyond {@link #MAX_EXACT} figures the normal approximation stands in.
 */
final class RankTests {
    static final int MAX_EXACT = 60;

    private RankTests() {
    }

    /**
     * Mann-Whitney: do two independent sides differ in level?
     *
     * @param base  figures of one side
     * @param other figures of the other side
     * @return two-sided p-value, 1 if a side is empty
     */
    static double mannWhitney(final double[] base, final double[] other) {
        final int n = base.length + other.length;
        if (base.length == 0 || other.length == 0) {
            return 1;
        }
        final double[] all = Arrays.copyOf(base, n);
        System.arraycopy(other, 0, all, base.length, other.length);
        final int[] ranks = doubledRanks(all);
        final int observed = Arrays.stream(ranks, 0, base.length).sum();
        final double mean = base.length * (n + 1.0); // of doubled ranks
        if (n > MAX_EXACT) {
            double spread = 0;
            for (final int rank : ranks) {
                spread += Math.pow(rank - (n + 1.0), 2);
            }
            return normal(observed - mean,
                Math.sqrt((double) base.length * other.length * spread / ((double) n * (n - 1))));
        }
        final int most = Arrays.stream(ranks).sum();
        final double[][] ways = new double[base.length + 1][most + 1]; // [how many dealt][sum of their ranks]
        ways[0][0] = 1;
        for (final int rank : ranks) {
            for (int dealt = base.length; dealt > 0; dealt--) {
                for (int sum = most; sum >= rank; sum--) {
                    ways[dealt][sum] += ways[dealt - 1][sum - rank];
                }
            }
        }
        return extreme(ways[base.length], mean, Math.abs(observed - mean));
    }

    /**
     * Wilcoxon signed-rank: is the middle of the differences zero?
     *
     * @param differences of pairs; zeros are left out, as Wilcoxon did
     * @return two-sided p-value, 1 if nothing is left
     */
    static double wilcoxon(final double[] differences) {
        final double[] left = Arrays.stream(differences).filter(difference -> difference != 0).toArray();
        if (left.length == 0) {
            return 1;
        }
        final int[] ranks = doubledRanks(Arrays.stream(left).map(Math::abs).toArray());
        int observed = 0;
        for (int i = 0; i < left.length; i++) {
            observed += left[i] > 0 ? ranks[i] : 0;
        }
        final int most = Arrays.stream(ranks).sum();
        final double mean = most / 2.0;
        if (left.length > MAX_EXACT) {
            double squares = 0;
            for (final int rank : ranks) {
                squares += (double) rank * rank;
            }
            return normal(observed - mean, Math.sqrt(squares / 4));
        }
        final double[] ways = new double[most + 1];
        ways[0] = 1;
        for (final int rank : ranks) {
            for (int sum = most; sum >= rank; sum--) {
                ways[sum] += ways[sum - rank];
            }
        }
        return extreme(ways, mean, Math.abs(observed - mean));
    }

    /** Share of the ways that lie at least as far from the mean. */
    private static double extreme(final double[] ways, final double mean, final double distance) {
        double beyond = 0;
        double all = 0;
        for (int sum = 0; sum < ways.length; sum++) {
            all += ways[sum];
            if (Math.abs(sum - mean) >= distance - 1e-9) {
                beyond += ways[sum];
            }
        }
        return Math.min(1, beyond / all);
    }

    /** Twice the ranks, so that the mean rank of equal figures is whole. */
    private static int[] doubledRanks(final double[] values) {
        final double[] sorted = values.clone();
        Arrays.sort(sorted);
        final int[] ranks = new int[values.length];
        for (int i = 0; i < values.length; i++) {
            int first = Arrays.binarySearch(sorted, values[i]);
            int last = first;
            while (first > 0 && sorted[first - 1] == values[i]) {
                first--;
            }
            while (last < sorted.length - 1 && sorted[last + 1] == values[i]) {
                last++;
            }
            ranks[i] = first + last + 2;
        }
        return ranks;
    }

    /** t with many degrees of freedom is the normal distribution. */
    private static double normal(final double distance, final double deviation) {
        return deviation == 0 ? 1 : StudentT.twoSided(distance / deviation, 1e7);
    }
}
