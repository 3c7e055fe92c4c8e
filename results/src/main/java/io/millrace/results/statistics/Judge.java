package io.millrace.results.statistics;

import java.util.ArrayList;
import java.util.List;

/**
 * Turns ratios into verdicts, all that are compared at once together.
 *
 * <p>A verdict is a claim on which side of an edge of the band that does not matter the true ratio lies: beyond it
 * (improved, regressed) or within it (same). Its level is that at which the interval would just touch the edge; Holm's
 * correction runs over the levels of the whole family, so the chance that any verdict of the family is false stays
 * within one minus the confidence.
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
     */
    record Row(Figure figure, LogRatio ratio, double floor, boolean isFlagged, int zeroCount) {
        Row(final Figure figure, final LogRatio ratio, final double floor, final boolean isFlagged) {
            this(figure, ratio, floor, isFlagged, 0);
        }

        double margin(final Rules rules) {
            return Math.max(rules.threshold(), 2 * floor);
        }

        boolean isJudged() {
            return ratio.hasInterval() && !isFlagged && ratio.count() >= Rules.minimum(ratio.isPaired());
        }
    }

    static List<RatioEstimate> judge(final List<Row> rows, final Rules rules) {
        final double[] p = rows.stream().mapToDouble(row -> row.isJudged()
            ? row.ratio().decisionP(Math.log1p(row.margin(rules))) : Double.NaN).toArray();
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
        final double margin = Math.log1p(row.margin(rules));
        final double half = ratio.hasInterval() ? ratio.halfWidth(rules.confidence()) : Double.NaN;
        final double level = 1 - rules.confidence();
        final Verdict verdict = row.isJudged() && adjusted <= level
            ? claim(ratio.center(), margin, row.figure().isLowerBetter()) : Verdict.INCONCLUSIVE;
        final boolean isCorrected = verdict == Verdict.INCONCLUSIVE && row.isJudged() && p <= level;
        final int minimum = Rules.minimum(ratio.isPaired());
        int more = 0;
        if (verdict == Verdict.INCONCLUSIVE && !row.isFlagged() && row.zeroCount() == 0) {
            more = ratio.count() < minimum ? minimum - ratio.count()
                : moreRuns(ratio, margin, p > 0 ? level * p / Math.max(p, adjusted) : level);
        }
        return new RatioEstimate(row.figure(), ratio.medianBase(), ratio.medianOther(), Math.exp(ratio.center()),
            Math.exp(ratio.center() - half), Math.exp(ratio.center() + half), ratio.baseCount(), ratio.otherCount(),
            ratio.isPaired(), ratio.hasInterval() ? ratio.rankP() : Double.NaN, p, adjusted, row.margin(rules),
            verdict, more, row.isFlagged(), isCorrected, row.zeroCount());
    }

    private static Verdict claim(final double center, final double margin, final boolean isLowerBetter) {
        if (Math.abs(center) <= margin) {
            return Verdict.SAME;
        }
        return center > 0 == isLowerBetter ? Verdict.REGRESSED : Verdict.IMPROVED;
    }

    /** Pairs, or runs a side, to add until an interval that shrinks as t/sqrt(n) no longer touches the edge. */
    static int moreRuns(final LogRatio ratio, final double margin, final double level) {
        final double wanted = Math.abs(Math.abs(ratio.center()) - margin);
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
