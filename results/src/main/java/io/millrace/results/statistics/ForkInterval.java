package io.millrace.results.statistics;

import io.millrace.results.model.JmhMetric;

import java.util.Arrays;

/**
 * A 95 % interval for a JMH score with the fork as the unit of replication: iterations of one fork resemble each other,
 * and a new process changes the level.
 *
 * @param low  end
 * @param high end
 */
public record ForkInterval(double low, double high) {
    /**
     * By Student's t over the means of the forks.
     *
     * @param metric with its forks
     * @return null with fewer than two forks
     */
    public static ForkInterval of(final JmhMetric metric) {
        final double[] means = metric.forkMeans().stream().mapToDouble(Double::doubleValue).toArray();
        if (means.length < 2) {
            return null;
        }
        final double mean = Arrays.stream(means).average().orElseThrow();
        final double variance = Arrays.stream(means).map(m -> (m - mean) * (m - mean)).sum() / (means.length - 1);
        final double half = StudentT.critical(0.05, means.length - 1) * Math.sqrt(variance / means.length);
        return new ForkInterval(mean - half, mean + half);
    }

    /**
     * The same for positive figures of runs, by their logarithms.
     *
     * @param figures at least two, positive
     * @return low and high end
     */
    public static double[] ofLogs(final double[] figures) {
        final double[] logs = Arrays.stream(figures).map(Math::log).toArray();
        final double mean = Arrays.stream(logs).average().orElseThrow();
        final double variance = Arrays.stream(logs).map(l -> (l - mean) * (l - mean)).sum() / (logs.length - 1);
        final double half = StudentT.critical(0.05, logs.length - 1) * Math.sqrt(variance / logs.length);
        return new double[] {Math.exp(mean - half), Math.exp(mean + half)};
    }
}
