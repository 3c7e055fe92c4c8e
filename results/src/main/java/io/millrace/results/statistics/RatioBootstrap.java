package io.millrace.results.statistics;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Ratio of two sides by a hierarchical bootstrap of log-figures: a draw resamples the pairs (or the runs of each side),
 * and of each run takes one of the replicates which its blocks of seconds gave.
 *
 * <p>The interval is not read from the percentiles of the draws: over three pairs those cover the truth about three
 * times in four, because a bootstrap knows only the spread it saw, and with three pairs has ten different sets to
 * draw. The draws give the standard error, corrected by sqrt(n/(n-1)), and Student's t gives the interval, which so can
 * be had at any level that Holm's correction asks for. Its degrees of freedom are Welch's and Satterthwaite's, over the
 * spread between the runs of each side (n-1) and the spread within them (more, as each run has several blocks).
 * Resampling inside the runs counts the spread within them twice, which makes the interval conservative where that
 * prevails.
 */
final class RatioBootstrap {
    static final int DRAW_COUNT = 10_000;
    /** A run has at least four blocks. */
    private static final int DEGREES_WITHIN_RUN = RunSampler.MIN_BLOCKS - 1;
    /**
     * The spread between runs counts so much in the degrees of freedom. Of few runs it is itself uncertain: where it
     * came out too small by chance, the spread within would otherwise seem to prevail and narrow the interval.
     */
    private static final double BETWEEN_WEIGHT = 3;

    private final int drawCount;
    private final SplittableRandom random;

    RatioBootstrap(final long seed) {
        this(seed, DRAW_COUNT);
    }

    /** With fewer draws for a simulation that repeats it thousands of times. */
    RatioBootstrap(final long seed, final int drawCount) {
        this.random = new SplittableRandom(seed);
        this.drawCount = drawCount;
    }

    /**
     * Two runs, one of each side, made one after the other.
     *
     * @param base  of the base side
     * @param other of the other side
     */
    record Pair(RunSample base, RunSample other) {
        boolean isUsable() {
            return base != null && other != null && base.isUsable() && other.isUsable();
        }

        double logRatio() {
            return Math.log(other.value() / base.value());
        }
    }

    /** Compares pairs; those without a figure on both sides are left out. */
    LogRatio paired(final List<Pair> all) {
        final List<Pair> pairs = all.stream().filter(Pair::isUsable).toList();
        final int n = pairs.size();
        final double[] bases = pairs.stream().mapToDouble(pair -> pair.base().value()).toArray();
        final double[] others = pairs.stream().mapToDouble(pair -> pair.other().value()).toArray();
        final double[] logRatios = pairs.stream().mapToDouble(Pair::logRatio).toArray();
        double error = Double.NaN;
        double degrees = Math.max(1, n - 1);
        if (n > 1) {
            final double[][] baseNoise = pairs.stream().map(pair -> pair.base().logNoise()).toArray(double[][]::new);
            final double[][] otherNoise = pairs.stream().map(pair -> pair.other().logNoise()).toArray(double[][]::new);
            final double[] draws = new double[drawCount];
            for (int d = 0; d < drawCount; d++) {
                for (int k = 0; k < n; k++) {
                    final int pair = random.nextInt(n);
                    draws[d] += logRatios[pair] + any(otherNoise[pair]) - any(baseNoise[pair]);
                }
            }
            error = deviation(draws) / n * Math.sqrt(n / (n - 1.0));
            final Spread spread = new Spread();
            spread.add(BETWEEN_WEIGHT * variance(logRatios) / n, n - 1);
            spread.add((within(baseNoise) + within(otherNoise)) / n, 2 * n * DEGREES_WITHIN_RUN);
            degrees = Math.max(degrees, spread.degrees());
        }
        return new LogRatio(Medians.of(bases), Medians.of(others), mean(logRatios), error, degrees, n, n,
            true, RankTests.wilcoxon(logRatios));
    }

    /** Compares independent sides; runs without a figure are left out. */
    LogRatio unpaired(final List<RunSample> base, final List<RunSample> other) {
        final List<RunSample> bases = base.stream().filter(RunSample::isUsable).toList();
        final List<RunSample> others = other.stream().filter(RunSample::isUsable).toList();
        final double[] baseValues = bases.stream().mapToDouble(RunSample::value).toArray();
        final double[] otherValues = others.stream().mapToDouble(RunSample::value).toArray();
        final double[] baseLogs = Arrays.stream(baseValues).map(Math::log).toArray();
        final double[] otherLogs = Arrays.stream(otherValues).map(Math::log).toArray();
        final int n = baseLogs.length;
        final int m = otherLogs.length;
        double error = Double.NaN;
        double degrees = 1;
        if (n > 1 && m > 1) {
            final Spread spread = new Spread();
            error = Math.hypot(error(bases, baseLogs, spread), error(others, otherLogs, spread));
            degrees = error == 0 ? n + m - 2.0 : Math.max(Math.min(n, m) - 1.0, spread.degrees());
        }
        return new LogRatio(Medians.of(baseValues), Medians.of(otherValues), mean(otherLogs) - mean(baseLogs), error,
            degrees, n, m, false, RankTests.mannWhitney(baseValues, otherValues));
    }

    private double error(final List<RunSample> runs, final double[] logs, final Spread spread) {
        final int n = logs.length;
        final double[][] noise = runs.stream().map(RunSample::logNoise).toArray(double[][]::new);
        final double[] draws = new double[drawCount];
        for (int d = 0; d < drawCount; d++) {
            for (int k = 0; k < n; k++) {
                final int run = random.nextInt(n);
                draws[d] += logs[run] + any(noise[run]);
            }
        }
        spread.add(BETWEEN_WEIGHT * variance(logs) / n, n - 1);
        spread.add(within(noise) / n, n * DEGREES_WITHIN_RUN);
        return deviation(draws) / n * Math.sqrt(n / (n - 1.0));
    }

    /** Degrees of freedom of a sum of variances; belongs to the method that adds them up. */
    private static final class Spread {
        private double sum;
        private double weighted;

        void add(final double variance, final int degrees) {
            sum += variance;
            weighted += variance * variance / degrees;
        }

        double degrees() {
            return weighted == 0 ? 1 : sum * sum / weighted;
        }
    }

    /** Mean variance within the runs. */
    private static double within(final double[][] noise) {
        double sum = 0;
        for (final double[] run : noise) {
            for (final double deviation : run) {
                sum += deviation * deviation / run.length;
            }
        }
        return sum / noise.length;
    }

    private static double variance(final double[] values) {
        return Math.pow(deviation(values), 2) * values.length / (values.length - 1);
    }

    private double any(final double[] noise) {
        return noise.length == 0 ? 0 : noise[random.nextInt(noise.length)];
    }

    private static double mean(final double[] values) {
        return Arrays.stream(values).average().orElse(Double.NaN);
    }

    private static double deviation(final double[] values) {
        final double mean = mean(values);
        double squares = 0;
        for (final double value : values) {
            squares += (value - mean) * (value - mean);
        }
        final double deviation = Math.sqrt(squares / values.length);
        return deviation < 1e-12 * Math.max(1, Math.abs(mean)) ? 0 : deviation; // what rounding leaves of equal figures
    }
}
