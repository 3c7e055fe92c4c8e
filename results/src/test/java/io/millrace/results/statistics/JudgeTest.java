package io.millrace.results.statistics;

import org.junit.jupiter.api.Test;

import java.util.List;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class JudgeTest {
    private static final Rules RULES = new Rules(0.05, Rules.CONFIDENCE);

    @Test
    void shouldBeInconclusiveWhenTheDifferenceLiesBetweenTheThresholdAndWhatEqualSidesDifferBy() {
        final RatioEstimate between = judge(1.20, 0.001, 0.20);
        assertEquals(Verdict.INCONCLUSIVE, between.verdict(), between.toString());
        assertTrue(between.isBelowNoise() && between.moreRuns() == 0, between.toString());
        assertEquals("more than the threshold, but less than 40.0 %, twice what equal sides differed by: a control "
            + "with more pairs, or a quieter machine, may tell", between.advice());
        final RatioEstimate better = judge(1 / 1.20, 0.001, 0.20);
        assertTrue(better.isBelowNoise() && better.verdict() == Verdict.INCONCLUSIVE, better.toString());
    }

    @Test
    void shouldJudgeOnEitherSideOfThat() {
        assertEquals(Verdict.SAME, judge(1.01, 0.001, 0.20).verdict());
        assertEquals(Verdict.SAME, judge(1.01, 0.001, 0).verdict());
        assertEquals(Verdict.REGRESSED, judge(1.60, 0.001, 0.20).verdict());
        assertEquals(Verdict.IMPROVED, judge(1 / 1.60, 0.001, 0.20).verdict());
        assertEquals(Verdict.REGRESSED, judge(1.20, 0.001, 0).verdict());
        assertFalse(judge(1.60, 0.001, 0.20).isBelowNoise());
    }

    @Test
    void shouldAskForMoreRunsTowardsTheEdgeThatCanBeDecided() {
        final RatioEstimate wide = judge(1.01, 0.05, 0.20);
        assertEquals(Verdict.INCONCLUSIVE, wide.verdict());
        assertFalse(wide.isBelowNoise());
        assertTrue(wide.moreRuns() > 0 && wide.advice().startsWith("needs about "), wide.toString());
        final RatioEstimate few = Judge.judge(List.of(new Judge.Row(Metric.RT_P99, ratio(1.20, 0.001, 2), 0.20,
            false)), RULES).get(0);
        assertEquals("needs at least 1 more pair (2 runs)", few.advice());
    }

    @Test
    void shouldCountWhatHasNoClaimInTheFamilyAllTheSame() {
        final Judge.Row close = new Judge.Row(Metric.RT_P50, ratio(1.01, 0.0105, 6), 0, false);
        final double alone = Judge.judge(List.of(close), RULES).get(0).adjustedP();
        final double among = Judge.judge(List.of(close, new Judge.Row(Metric.RT_P99, ratio(1.20, 0.001, 6), 0.20,
            false)), RULES).get(0).adjustedP();
        assertEquals(2 * alone, among, 1e-12, "whether a figure has a claim depends on how it came out");
    }

    private static RatioEstimate judge(final double ratio, final double error, final double floor) {
        return Judge.judge(List.of(new Judge.Row(Metric.RT_P99, ratio(ratio, error, 6), floor, false)), RULES).get(0);
    }

    private static LogRatio ratio(final double ratio, final double error, final int count) {
        return new LogRatio(1, ratio, Math.log(ratio), error, count - 1.0, count, count, true, 0.03);
    }
}
