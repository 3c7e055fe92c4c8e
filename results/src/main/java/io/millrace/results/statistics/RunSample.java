package io.millrace.results.statistics;

import java.util.Arrays;

/**
 * One metric of one run.
 *
 * @param value      measured; NaN where too few samples support it
 * @param replicates the same metric of the run with its blocks of seconds resampled; empty: no spread within the run
 */
public record RunSample(double value, double[] replicates) {
    /** {@return true if there is a positive figure, whose logarithm can be taken} */
    public boolean isUsable() {
        return value > 0 && Double.isFinite(value);
    }

    /** {@return logarithms of the replicates, or of the measured value without any} */
    double[] logReplicates() {
        return replicates.length == 0 ? new double[] {Math.log(value)}
            : Arrays.stream(replicates).map(Math::log).toArray();
    }
}
