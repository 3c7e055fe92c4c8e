package io.millrace.results.statistics;

/**
 * The ratio of two sides on the scale of logarithms, with what is needed for an interval at any confidence.
 *
 * @param medianBase    median of the base side's runs, NaN without any
 * @param medianOther   median of the other side's runs, NaN without any
 * @param center        logarithm of the ratio, other to base; NaN if it cannot be formed
 * @param standardError of the centre, from the bootstrap; NaN with fewer than two runs a side
 * @param degrees       of freedom of Student's t
 * @param baseCount     runs of the base side that went in
 * @param otherCount    runs of the other side that went in
 * @param isPaired      true if run n of one side belongs to run n of the other
 * @param rankP         p-value of the exact rank test: Wilcoxon for pairs, else Mann-Whitney
 * @param count         what is independent of each other: pairs, or runs or clusters of the smaller side
 * @param isByCluster   true if several runs of a side met the same cluster, which counts once
 */
record LogRatio(
    double medianBase,
    double medianOther,
    double center,
    double standardError,
    double degrees,
    int baseCount,
    int otherCount,
    boolean isPaired,
    double rankP,
    int count,
    boolean isByCluster) {

    /** Each run stands for itself. */
    LogRatio(final double medianBase, final double medianOther, final double center, final double standardError,
        final double degrees, final int baseCount, final int otherCount, final boolean isPaired, final double rankP) {
        this(medianBase, medianOther, center, standardError, degrees, baseCount, otherCount, isPaired, rankP,
            Math.min(baseCount, otherCount), false);
    }

    /** The same of clusters, told with the medians and numbers of their runs. */
    LogRatio ofRuns(final double[] bases, final double[] others) {
        return new LogRatio(Medians.of(bases), Medians.of(others), center, standardError, degrees, bases.length,
            others.length, isPaired, rankP, count, baseCount < bases.length || otherCount < others.length);
    }

    boolean hasInterval() {
        return Double.isFinite(standardError) && Double.isFinite(center);
    }

    /** Half of the interval's length, as a logarithm. */
    double halfWidth(final double confidence) {
        return StudentT.critical(1 - confidence, degrees) * standardError;
    }

    /**
     * The level at which the interval just touches the nearer edge of the band that does not matter: the smaller, the
     * more certain that the ratio lies on the side of the edge on which it was measured.
     */
    double decisionP(final double margin) {
        final double distance = Math.abs(Math.abs(center) - margin);
        return standardError == 0 ? distance == 0 ? 1 : 0 : StudentT.twoSided(distance / standardError, degrees);
    }
}
