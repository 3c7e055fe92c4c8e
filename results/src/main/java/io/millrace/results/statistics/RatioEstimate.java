package io.millrace.results.statistics;

/**
 * How one side compares with the other in one metric.
 *
 * @param metric      the figure compared
 * @param medianBase  median of the base side's runs, NaN without any
 * @param medianOther median of the other side's runs, NaN without any
 * @param ratio       other to base: geometric mean of the pairs' ratios, NaN without a pair
 * @param low         of the 95 % interval, NaN with fewer than two pairs
 * @param high        of the 95 % interval, NaN with fewer than two pairs
 * @param pairCount   pairs that went in
 * @param verdict     what it says
 * @param morePairs   for an inconclusive verdict: about how many more pairs it needs; 0 if not applicable or unknown,
 *                    {@link #TOO_MANY} if out of reach
 * @param isFlagged   true if invalid runs went in, so that no conclusion is allowed
 */
public record RatioEstimate(
    Metric metric,
    double medianBase,
    double medianOther,
    double ratio,
    double low,
    double high,
    int pairCount,
    Verdict verdict,
    int morePairs,
    boolean isFlagged) {
    /** More pairs than anybody would run: the difference is as good as at the threshold. */
    public static final int TOO_MANY = 1000;

    /** {@return true if there is an interval} */
    public boolean hasInterval() {
        return Double.isFinite(low) && Double.isFinite(high);
    }

    /** {@return why it is inconclusive and what would help, or an empty text} */
    public String advice() {
        if (isFlagged) {
            return "from invalid runs: no conclusion";
        }
        if (verdict != Verdict.INCONCLUSIVE) {
            return "";
        }
        if (pairCount == 0) {
            return "no pair of valid runs has this figure";
        }
        if (morePairs >= TOO_MANY) {
            return "the difference lies at the threshold; more runs will hardly tell";
        }
        final String about = pairCount < PairedBootstrap.MIN_PAIRS ? "at least " : "about ";
        return morePairs == 0 ? "" : "needs " + about + morePairs + " more pair" + (morePairs == 1 ? "" : "s")
            + " (" + 2 * morePairs + " runs)";
    }
}
