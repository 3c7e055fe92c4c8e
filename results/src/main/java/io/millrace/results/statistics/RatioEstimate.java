package io.millrace.results.statistics;

import java.util.Locale;

/**
 * How one side compares with the other in one figure.
 *
 * @param metric      the figure compared
 * @param medianBase  median of the base side's runs, NaN without any
 * @param medianOther median of the other side's runs, NaN without any
 * @param ratio       other to base, of geometric means; NaN if a side has no run with the figure
 * @param low         end of the interval, NaN with fewer than two pairs or runs a side
 * @param high        end of the interval, NaN with fewer than two pairs or runs a side
 * @param baseCount   runs of the base side that went in
 * @param otherCount  runs of the other side that went in
 * @param isPaired    true if the runs are paired
 * @param rankP       p-value of the exact rank test, as support; NaN without an interval
 * @param decisionP   level at which the interval would just touch the band; NaN if there is no verdict to be had
 * @param adjustedP   the same after Holm's correction over everything compared at once; the verdict stands on it
 * @param margin      least relative difference that could be improved or regressed: the threshold, or twice what
 *                    equal sides differed by
 * @param verdict     what it says
 * @param moreRuns    for an inconclusive verdict: about how many more pairs, or runs a side, it needs; 0 if not
 *                    applicable, {@link #TOO_MANY} if out of reach
 * @param isFlagged   true if invalid runs went in, so that no conclusion is allowed
 * @param isCorrected true if it is inconclusive only because of the correction
 * @param isBelowNoise true if it is inconclusive because it lies between the threshold and the margin
 * @param zeroCount   runs in which the figure was zero, so that there is no ratio; 0 if there is one
 * @param hiddenCount runs in which records of which nothing was measured may have moved it, so that there is no ratio
 * @param isByCluster true if several runs of a side met the same cluster, which counts once
 */
public record RatioEstimate(
    Figure metric,
    double medianBase,
    double medianOther,
    double ratio,
    double low,
    double high,
    int baseCount,
    int otherCount,
    boolean isPaired,
    double rankP,
    double decisionP,
    double adjustedP,
    double margin,
    Verdict verdict,
    int moreRuns,
    boolean isFlagged,
    boolean isCorrected,
    boolean isBelowNoise,
    int zeroCount,
    int hiddenCount,
    boolean isByCluster) {
    /** More runs than anybody would make: the difference is as good as at the threshold. */
    public static final int TOO_MANY = 1000;

    /** {@return true if there is an interval} */
    public boolean hasInterval() {
        return Double.isFinite(low) && Double.isFinite(high);
    }

    /** {@return pairs, or runs of the smaller side} */
    public int count() {
        return Math.min(baseCount, otherCount);
    }

    /** {@return why it is inconclusive and what would help, or an empty text} */
    public String advice() {
        if (isFlagged) {
            return "from invalid runs: no conclusion";
        }
        if (verdict != Verdict.INCONCLUSIVE) {
            return "";
        }
        if (hiddenCount > 0) {
            return "not known in " + hiddenCount + " run" + (hiddenCount == 1 ? "" : "s") + ": more records failed, "
                + "were never sent or never received than may be slower than it";
        }
        if (zeroCount > 0) {
            return "zero in " + zeroCount + " of " + (baseCount + otherCount) + " runs, and of nothing there is no "
                + "ratio: compare the figures themselves";
        }
        if (count() == 0) {
            return isPaired ? "no pair of valid runs has this figure" : "a side has no valid run with this figure";
        }
        if (isBelowNoise) {
            return "more than the threshold, but less than " + String.format(Locale.ROOT, "%.1f %%", 100 * margin)
                + ", twice what equal sides differed by: a control with more pairs, or a quieter machine, may tell";
        }
        if (moreRuns >= TOO_MANY) {
            return "the difference lies at the threshold; more runs will hardly tell";
        }
        if (moreRuns == 0) {
            return "";
        }
        final String about = Double.isNaN(decisionP) ? "at least " : "about ";
        final String why = isCorrected ? "clear by itself, not among all that were compared; " : "";
        if (isByCluster) {
            return why + "needs runs on " + about + moreRuns + " more cluster" + (moreRuns == 1 ? "" : "s")
                + " a side, each started anew (restart-broker=true): runs on one cluster share its level; to compare "
                + "two workloads on the same one, pair them with bench ab";
        }
        return why + "needs " + about + moreRuns + " more " + (isPaired
            ? "pair" + (moreRuns == 1 ? "" : "s") + " (" + 2 * moreRuns + " runs)"
            : "run" + (moreRuns == 1 ? "" : "s") + " a side");
    }
}
