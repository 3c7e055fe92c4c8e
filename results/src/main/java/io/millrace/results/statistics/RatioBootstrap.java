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
 * draw. The draws give the standard error, corrected by sqrt(n/(n-1)), and Student's t with n-1 degrees of freedom
 * (Welch's for independent sides) gives the interval, which so can be had at any level that Holm's correction asks
 * for. Resampling inside the runs as well makes it a little conservative where most of the spread lies within runs.
 */
final class RatioBootstrap {
    static final int DRAW_COUNT = 10_000;

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
        }
        return new LogRatio(Medians.of(bases), Medians.of(others), mean(logRatios), error, Math.max(1, n - 1), n, n,
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
            final double baseVariance = Math.pow(error(bases, baseLogs), 2);
            final double otherVariance = Math.pow(error(others, otherLogs), 2);
            error = Math.sqrt(baseVariance + otherVariance);
            degrees = error == 0 ? n + m - 2.0 : Math.pow(baseVariance + otherVariance, 2)
                / (baseVariance * baseVariance / (n - 1) + otherVariance * otherVariance / (m - 1));
        }
        return new LogRatio(Medians.of(baseValues), Medians.of(otherValues), mean(otherLogs) - mean(baseLogs), error,
            degrees, n, m, false, RankTests.mannWhitney(baseValues, otherValues));
    }

    private double error(final List<RunSample> runs, final double[] logs) {
        final int n = logs.length;
        final double[][] noise = runs.stream().map(RunSample::logNoise).toArray(double[][]::new);
        final double[] draws = new double[drawCount];
        for (int d = 0; d < drawCount; d++) {
            for (int k = 0; k < n; k++) {
                final int run = random.nextInt(n);
                draws[d] += logs[run] + any(noise[run]);
            }
        }
        return deviation(draws) / n * Math.sqrt(n / (n - 1.0));
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
