package io.millrace.results.statistics;

/**
 * When a difference counts.
 *
 * @param threshold  smallest relative difference that matters, 0.05 for 5 %
 * @param confidence of the intervals and, all comparisons together, of the verdicts: 0.95
 */
public record Rules(double threshold, double confidence) {
    /** The confidence unless asked otherwise. */
    public static final double CONFIDENCE = 0.95;
    /** Pairs below which there is no verdict, however far apart the sides are. */
    public static final int MIN_PAIRS = 3;
    /** Runs (forks) of each of two independent sides below which there is no verdict. */
    public static final int MIN_RUNS = 3;

    /** The smallest number of pairs, or of runs a side, that may give a verdict. */
    static int minimum(final boolean isPaired) {
        return isPaired ? MIN_PAIRS : MIN_RUNS;
    }
}
