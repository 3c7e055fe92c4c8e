package io.millrace.results.statistics;

import java.util.ArrayList;
import java.util.List;

/**
 * Turns ratios into verdicts, all that are compared at once together.
 *
 * <p>A verdict is a claim on which side of an edge the true ratio lies: within the threshold (same), or beyond the
 * margin, which is the threshold or more where equal sides of this machine differed (improved, regressed). Between the
 * two there is nothing to claim: it is more than what does not matter, and less than what this machine can tell. The
 * level of a claim is that at which the interval would just touch its edge, 1 where there is none; Holm's correction
 * runs over the levels of the whole family, so the chance that any verdict of the family is false stays within one
 * minus the confidence.
 */
final class Judge {
    private Judge() {
    }

    /**
     * One figure before its verdict.
     *
     * @param figure    which
     * @param ratio     measured
     * @param floor     how far equal sides of this machine differed in it, 0.02 for 2 %; 0 if not known
     * @param isFlagged true if invalid runs went in
     * @param zeroCount runs in which the figure was zero; if there are any, the ratio is not known
     * @param hiddenCount runs in which it is not proven; if there are any, the ratio is not known
     */
    record Row(Figure figure, LogRatio ratio, double floor, boolean isFlagged, int zeroCount, int hiddenCount) {
        Row(final Figure figure, final LogRatio ratio, final double floor, final boolean isFlagged) {
            this(figure, ratio, floor, isFlagged, 0, 0);
        }

        boolean isWithoutRatio() {
            return zeroCount > 0 || hiddenCount > 0;
        }

        double margin(final Rules rules) {
            return Math.max(rules.threshold(), 2 * floor);
        }

        /** The edge that the measured ratio may have a verdict about, as a logarithm; NaN between the two. */
        double edge(final Rules rules) {
            final double distance = Math.abs(ratio.center());
            final double within = Math.log1p(rules.threshold());
            final double beyond = Math.log1p(margin(rules));
            return distance <= within ? within : distance >= beyond ? beyond : Double.NaN;
        }

        /** The level of a claim about that edge. */
        double claimP(final Rules rules) {
            final double edge = edge(rules);
            return !isJudged() ? Double.NaN : Double.isNaN(edge) ? 1 : ratio.decisionP(edge);
        }

        boolean isJudged() {
            return ratio.hasInterval() && !isFlagged && ratio.count() >= Rules.minimum(ratio.isPaired());
        }
    }

    static List<RatioEstimate> judge(final List<Row> rows, final Rules rules) {
        final double[] p = rows.stream().mapToDouble(row -> row.claimP(rules)).toArray();
        final double[] adjusted = Holm.adjust(p);
        final List<RatioEstimate> estimates = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            estimates.add(estimate(rows.get(i), rules, p[i], adjusted[i]));
        }
        return estimates;
    }

    private static RatioEstimate estimate(
        final Row row, final Rules rules, final double p, final double adjusted) {
        final LogRatio ratio = row.ratio();
        final double edge = row.edge(rules);
        final boolean isBelowNoise = row.isJudged() && Double.isNaN(edge);
        final double half = ratio.hasInterval() ? ratio.halfWidth(rules.confidence()) : Double.NaN;
        final double level = 1 - rules.confidence();
        final Verdict verdict = row.isJudged() && adjusted <= level
            ? claim(ratio.center(), rules.threshold(), row.figure().isLowerBetter()) : Verdict.INCONCLUSIVE;
        final boolean isCorrected = verdict == Verdict.INCONCLUSIVE && row.isJudged() && p <= level;
        final int minimum = Rules.minimum(ratio.isPaired());
        int more = 0;
        if (verdict == Verdict.INCONCLUSIVE && !row.isFlagged() && !row.isWithoutRatio() && !isBelowNoise) {
            more = ratio.count() < minimum ? minimum - ratio.count()
                : moreRuns(ratio, edge, p > 0 ? level * p / Math.max(p, adjusted) : level);
        }
        return new RatioEstimate(row.figure(), ratio.medianBase(), ratio.medianOther(), Math.exp(ratio.center()),
            Math.exp(ratio.center() - half), Math.exp(ratio.center() + half), ratio.baseCount(), ratio.otherCount(),
            ratio.isPaired(), ratio.hasInterval() ? ratio.rankP() : Double.NaN, p, adjusted, row.margin(rules),
            verdict, more, row.isFlagged(), isCorrected, isBelowNoise, row.zeroCount(),
            row.hiddenCount(), ratio.isByCluster());
    }

    /** What may be claimed at most, once the interval lies on one side of the edge. */
    private static Verdict claim(final double center, final double threshold, final boolean isLowerBetter) {
        if (Math.abs(center) <= Math.log1p(threshold)) {
            return Verdict.SAME;
        }
        return center > 0 == isLowerBetter ? Verdict.REGRESSED : Verdict.IMPROVED;
    }

    /** Pairs, or runs a side, to add until an interval that shrinks as t/sqrt(n) no longer touches the edge. */
    static int moreRuns(final LogRatio ratio, final double edge, final double level) {
        final double wanted = Math.abs(Math.abs(ratio.center()) - edge);
        final int n = ratio.count();
        final double spread = ratio.standardError() * Math.sqrt(n);
        if (!isEnough(n + RatioEstimate.TOO_MANY, ratio.isPaired(), spread, wanted, level)) {
            return RatioEstimate.TOO_MANY;
        }
        int tooFew = n;
        int enough = n + RatioEstimate.TOO_MANY;
        while (enough - tooFew > 1) { // the interval only shrinks
            final int middle = (tooFew + enough) / 2;
            if (isEnough(middle, ratio.isPaired(), spread, wanted, level)) {
                enough = middle;
            } else {
                tooFew = middle;
            }
        }
        return enough - n;
    }

    private static boolean isEnough(
        final int count, final boolean isPaired, final double spread, final double wanted, final double level) {
        final double degrees = (isPaired ? 1 : 2) * (count - 1.0);
        return StudentT.twoSided(wanted * Math.sqrt(count) / spread, degrees) <= level;
    }
}
