package io.millrace.results.statistics;

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

    /** {@return the replicate of a number from 0 on, or the measured value without replicates} */
    double replicate(final int number) {
        return replicates.length == 0 ? value : replicates[number % replicates.length];
    }
}
