package io.millrace.results.statistics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;

/**
 * Finds where the level of a line of figures changed: E-divisive (Matteson and James 2014) splits where the energy
 * distance between both sides is largest, a permutation test says whether the split could be chance, and both parts are
 * split again. What remains must also pass Welch's test between neighbouring levels and exceed a smallest change, as in
 * Hunter (Fleming et al. 2023). Belongs to the method that runs it.
 */
public final class ChangePoints {
    /** Points on each side of a change below which none is found. */
    public static final int MIN_SEGMENT = 3;
    /**
     * Points a line must have before it is looked at. A permutation test over n points with k behind the change cannot
     * fall below 2 of all ways to choose k of n, so at a level of 1 % nothing is found before there are ten points
     * (four or five behind the change), and with three behind it not before there are twelve.
     */
    public static final int MIN_POINTS = 8;
    private static final int PERMUTATION_COUNT = 999;
    /** Older points are left alone: the work grows with the square. */
    private static final int MAX_POINTS = 300;
    private static final long SEED = 0x6368616e6765L;

    private final double[] logs;
    private final double level;
    private final SplittableRandom random = new SplittableRandom(SEED);
    private final TreeSet<Integer> splits = new TreeSet<>();

    private ChangePoints(final double[] logs, final double level) {
        this.logs = logs;
        this.level = level;
    }

    /**
     * Finds the changes.
     *
     * @param values    positive figures, oldest first
     * @param level     chance of a change where there is none: 0.01
     * @param threshold smallest relative change worth a mention, 0.05 for 5 %
     * @return oldest first; none if there are fewer than {@link #MIN_POINTS}
     */
    public static List<ChangePoint> find(final double[] values, final double level, final double threshold) {
        final int skipped = Math.max(0, values.length - MAX_POINTS);
        final double[] recent = Arrays.copyOfRange(values, skipped, values.length);
        if (recent.length < MIN_POINTS) {
            return List.of();
        }
        final ChangePoints search =
            new ChangePoints(Arrays.stream(recent).map(Math::log).toArray(), level);
        search.split(0, recent.length);
        search.weed(threshold);
        final List<ChangePoint> found = new ArrayList<>();
        for (final int split : search.splits) {
            final int from = search.splits.lower(split) == null ? 0 : search.splits.lower(split);
            final int to = search.splits.higher(split) == null ? recent.length : search.splits.higher(split);
            found.add(new ChangePoint(skipped + split, Medians.of(Arrays.copyOfRange(recent, from, split)),
                Medians.of(Arrays.copyOfRange(recent, split, to)), search.welch(from, split, to)));
        }
        return found;
    }

    private void split(final int from, final int to) {
        if (to - from < 2 * MIN_SEGMENT) {
            return;
        }
        final double[] segment = Arrays.copyOfRange(logs, from, to);
        final Split best = best(segment);
        int asLarge = 0;
        final int allowed = (int) (level * (PERMUTATION_COUNT + 1)) - 1;
        for (int i = 0; i < PERMUTATION_COUNT && asLarge <= allowed; i++) {
            shuffle(segment);
            if (best(segment).energy >= best.energy - 1e-12) {
                asLarge++;
            }
        }
        if (asLarge <= allowed && best.energy > 0) {
            splits.add(from + best.at);
            split(from, from + best.at);
            split(from + best.at, to);
        }
    }

    private void shuffle(final double[] values) {
        for (int i = values.length - 1; i > 0; i--) {
            final int other = random.nextInt(i + 1);
            final double kept = values[i];
            values[i] = values[other];
            values[other] = kept;
        }
    }

    /** Where a segment is best split in two, and by how much. */
    private record Split(int at, double energy) {
    }

    /** Moves the split from left to right and keeps the three sums of distances up to date. */
    private static Split best(final double[] x) {
        final int n = x.length;
        double left = 0;
        double right = 0;
        double across = 0;
        for (int i = 0; i < n; i++) {
            for (int j = i + 1; j < n; j++) {
                right += Math.abs(x[i] - x[j]);
            }
        }
        Split best = new Split(MIN_SEGMENT, 0);
        for (int at = 1; at <= n - MIN_SEGMENT; at++) {
            double toLeft = 0;
            double toRight = 0;
            for (int i = 0; i < at - 1; i++) {
                toLeft += Math.abs(x[i] - x[at - 1]);
            }
            for (int i = at; i < n; i++) {
                toRight += Math.abs(x[i] - x[at - 1]);
            }
            left += toLeft;
            right -= toRight;
            across += toRight - toLeft;
            if (at >= MIN_SEGMENT) {
                final double a = at;
                final double b = n - at;
                final double energy = a * b / (a + b)
                    * (2 * across / (a * b) - 2 * left / (a * (a - 1)) - 2 * right / (b * (b - 1)));
                if (energy > best.energy) {
                    best = new Split(at, energy);
                }
            }
        }
        return best;
    }

    /** Takes out the weakest split until every one that is left is significant and large enough. */
    private void weed(final double threshold) {
        while (!splits.isEmpty()) {
            int weakest = -1;
            double worst = -1;
            for (final int split : splits) {
                final int from = splits.lower(split) == null ? 0 : splits.lower(split);
                final int to = splits.higher(split) == null ? logs.length : splits.higher(split);
                final double change = Math.abs(Medians.of(Arrays.copyOfRange(logs, split, to))
                    - Medians.of(Arrays.copyOfRange(logs, from, split)));
                final double p = change < Math.log1p(threshold) ? 1 : welch(from, split, to);
                if (p > level && p > worst) {
                    worst = p;
                    weakest = split;
                }
            }
            if (weakest < 0) {
                return;
            }
            splits.remove(weakest);
        }
    }

    private double welch(final int from, final int split, final int to) {
        final double[] before = Arrays.copyOfRange(logs, from, split);
        final double[] after = Arrays.copyOfRange(logs, split, to);
        final double a = variance(before) / before.length;
        final double b = variance(after) / after.length;
        final double distance = mean(after) - mean(before);
        if (a + b <= 0) {
            return distance == 0 ? 1 : 0;
        }
        final double degrees =
            (a + b) * (a + b) / (a * a / (before.length - 1) + b * b / (after.length - 1));
        return StudentT.twoSided(distance / Math.sqrt(a + b), degrees);
    }

    private static double mean(final double[] values) {
        return Arrays.stream(values).average().orElseThrow();
    }

    private static double variance(final double[] values) {
        final double mean = mean(values);
        return Arrays.stream(values).map(value -> (value - mean) * (value - mean)).sum() / (values.length - 1);
    }
}
