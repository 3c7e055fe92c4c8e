package io.millrace.results.statistics;

import java.util.Arrays;
import java.util.List;

/**
 * Whether a line of figures got worse lately: the last points, from three of them to as many as are recent, against all
 * of the level before them. Each of these numbers is one test, and the level is divided by their number.
 *
 * <p>The test is Student's over the logarithms, with the larger of two spreads for the new points: their own, so that a
 * single outlier among them is no change (Welch's test), and that of the points before, so that three that happen to
 * lie close together are none either. It is one-sided: what got better fails nothing. A permutation test, as {@link
 * ChangePoints} has, could not reach one per cent with three points before there are fourteen in all.
 *
 * @param change       the change for the worse that explains most of the line; null if there is none
 * @param visibleRatio change for the worse, to or from one, that would have shown with as many new points as there can
 *                     be, at the spread the line has; infinite if there are too few points since the level changed last
 */
public record RecentChange(ChangePoint change, double visibleRatio) {
    /** Points of the level before below which nothing is told. */
    public static final int MIN_BEFORE = 5;
    /** So many points before the recent ones are too few to be found as a level of their own. */
    private static final int EARLIER = ChangePoints.MIN_SEGMENT - 1;
    /** Of what is found before the recent points, only to tell from where on the level is one. */
    private static final double LEVEL_BEFORE = 0.01;

    /**
     * Looks at a line.
     *
     * @param values        positive figures, oldest first
     * @param last          points that are recent
     * @param level         chance of a change where there is none
     * @param threshold     smallest relative change that matters, 0.05 for 5 %
     * @param isLowerBetter true if a rise is for the worse
     * @return what was found
     */
    public static RecentChange of(final double[] values, final int last, final double level, final double threshold,
        final boolean isLowerBetter) {
        final double[] older = Arrays.copyOf(values, Math.max(0, values.length - last - EARLIER));
        final List<ChangePoint> changes = ChangePoints.find(older, LEVEL_BEFORE, threshold);
        final int from = changes.isEmpty() ? 0 : changes.get(changes.size() - 1).index();
        final int most = Math.min(last, values.length - from - MIN_BEFORE);
        final int testCount = most - ChangePoints.MIN_SEGMENT + 1;
        if (testCount < 1) {
            return new RecentChange(null, Double.POSITIVE_INFINITY);
        }
        ChangePoint found = null;
        double foundFit = 0;
        double earlierFit = 0;
        double visible = Double.POSITIVE_INFINITY;
        for (int count = ChangePoints.MIN_SEGMENT; count <= values.length - from - MIN_BEFORE
            && count <= last + EARLIER; count++) {
            final Test test = Test.of(values, from, count);
            final double worse = isLowerBetter ? test.distance : -test.distance;
            final double p = worse <= 0 ? 1 : test.twoSidedP() / 2;
            if (count > most) {
                earlierFit = Math.max(earlierFit, test.fit());
                continue; // no test, but if it fits better the change is not recent
            }
            if (p <= level / testCount && worse >= Math.log1p(threshold) && test.fit() > foundFit) {
                foundFit = test.fit();
                found = new ChangePoint(values.length - count, Math.exp(test.before.median()),
                    Math.exp(test.after.median()), p);
            }
            visible = Math.min(visible, Math.max(1 + threshold,
                Math.exp(StudentT.critical(2 * level / testCount, test.before.count() - 1) * test.usualError())));
        }
        return new RecentChange(foundFit >= earlierFit ? found : null, visible);
    }

    /** Points of one level, as logarithms. */
    private record Level(double[] logs) {
        int count() {
            return logs.length;
        }

        double median() {
            return Medians.of(logs.clone());
        }

        double mean() {
            return Arrays.stream(logs).average().orElseThrow();
        }

        double variance() {
            final double mean = mean();
            return Arrays.stream(logs).map(log -> (log - mean) * (log - mean)).sum() / (logs.length - 1);
        }
    }

    /** Two levels and how far apart they are. */
    private record Test(Level before, Level after, double distance) {
        static Test of(final double[] values, final int from, final int count) {
            final double[] logs = Arrays.stream(values, from, values.length).map(Math::log).toArray();
            final Level before = new Level(Arrays.copyOf(logs, logs.length - count));
            final Level after = new Level(Arrays.copyOfRange(logs, logs.length - count, logs.length));
            return new Test(before, after, after.mean() - before.mean());
        }

        /** How much of the squares around the common mean the split explains. */
        double fit() {
            return distance * distance / (1.0 / before.count() + 1.0 / after.count());
        }

        double twoSidedP() {
            final double a = before.variance() / before.count();
            final double b = after.variance() / after.count();
            if (after.variance() <= before.variance()) {
                return p(usualError(), before.count() - 1.0);
            }
            return p(Math.sqrt(a + b),
                (a + b) * (a + b) / (a * a / (before.count() - 1) + b * b / (after.count() - 1)));
        }

        private double p(final double error, final double degrees) {
            return error == 0 ? distance == 0 ? 1 : 0 : StudentT.twoSided(distance / error, degrees);
        }

        /** If the new points scatter as those before. */
        double usualError() {
            return Math.sqrt(before.variance() * (1.0 / before.count() + 1.0 / after.count()));
        }
    }
}
