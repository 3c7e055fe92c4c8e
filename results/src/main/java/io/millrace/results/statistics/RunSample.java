package io.millrace.results.statistics;

import java.util.Arrays;

/**
 * One metric of one run.
 *
 * @param value      measured; NaN where too few samples support it
 * @param replicates the same metric of the run with its blocks of seconds resampled; empty: no spread within the run
 * @param isHidden   true if it is not known because records of which nothing was measured may have moved it
 */
public record RunSample(double value, double[] replicates, boolean isHidden) {
    /** A figure that is known, or has too few samples. */
    RunSample(final double value, final double[] replicates) {
        this(value, replicates, false);
    }

    /** A figure that failed, unsent or never received records may have moved. */
    static RunSample hidden() {
        return new RunSample(Double.NaN, new double[0], true);
    }

    /** A figure without spread within the run. */
    static RunSample of(final double value) {
        return new RunSample(value, new double[0]);
    }

    /** {@return true if there is a positive figure, whose logarithm can be taken} */
    public boolean isUsable() {
        return value > 0 && Double.isFinite(value);
    }

    /**
     * Deviations of the replicates' logarithms from their own mean: replicates of a maximum never exceed it, and that
     * must not move the estimate.
     */
    double[] logNoise() {
        final double[] logs = Arrays.stream(replicates).filter(replicate -> replicate > 0).map(Math::log).toArray();
        final double mean = Arrays.stream(logs).average().orElse(0);
        return Arrays.stream(logs).map(log -> log - mean).toArray();
    }
}
