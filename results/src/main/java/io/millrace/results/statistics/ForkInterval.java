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
}
