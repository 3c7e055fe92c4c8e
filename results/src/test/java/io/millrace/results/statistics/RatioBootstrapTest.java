package io.millrace.results.statistics;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class RatioBootstrapTest {
    private static final Rules RULES = new Rules(0.05, 0.95);

    @Test
    void shouldGiveTheTextbookIntervalWhenRunsHaveNoSpreadWithin() {
        final List<RatioBootstrap.Pair> pairs = List.of(pair(1, 1.1), pair(1, 1.2), pair(1, 1.3), pair(1, 1.25));
        final LogRatio ratio = new RatioBootstrap(1).paired(pairs);
        double mean = 0;
        for (final RatioBootstrap.Pair pair : pairs) {
            mean += pair.logRatio() / 4;
        }
        double squares = 0;
        for (final RatioBootstrap.Pair pair : pairs) {
            squares += Math.pow(pair.logRatio() - mean, 2);
        }
        assertEquals(mean, ratio.center(), 1e-12);
        assertEquals(Math.sqrt(squares / 3 / 4), ratio.standardError(), 0.02 * ratio.standardError());
        assertEquals(3, ratio.degrees(), 0);
    }

    @Test
    void shouldUseWelchsDegreesOfFreedomWhenTheSidesAreIndependent() {
        final LogRatio equal = new RatioBootstrap(1).unpaired(
            List.of(RunSample.of(1), RunSample.of(1.1), RunSample.of(1.2)),
            List.of(RunSample.of(2), RunSample.of(2.2), RunSample.of(2.4)));
        assertEquals(4, equal.degrees(), 0.1);
        assertEquals(Math.log(2), equal.center(), 1e-9);
        final LogRatio lopsided = new RatioBootstrap(1).unpaired(
            List.of(RunSample.of(1), RunSample.of(1.4), RunSample.of(1.9)),
            List.of(RunSample.of(2), RunSample.of(2.0001), RunSample.of(2.0002)));
        assertEquals(2, lopsided.degrees(), 0.01);
    }

    @Test
    void shouldWidenTheIntervalWhenBlocksWithinTheRunsDiffer() {
        final SplittableRandom random = new SplittableRandom(3);
        final double calm = new RatioBootstrap(1).paired(pairs(random, 6, 1, 0.05, 0)).standardError();
        final double restless = new RatioBootstrap(1).paired(pairs(random, 6, 1, 0.05, 0.3)).standardError();
        assertTrue(restless > 2 * calm, calm + " " + restless);
    }

    @Test
    void shouldNotMoveTheRatioWhenReplicatesAreBiased() {
        final double[] below = {0.5, 0.6, 0.55}; // as those of a maximum are
        final LogRatio ratio = new RatioBootstrap(1).unpaired(
            List.of(new RunSample(1, below), new RunSample(1, below), new RunSample(1, below)),
            List.of(RunSample.of(1), RunSample.of(1), RunSample.of(1)));
        assertEquals(0, ratio.center(), 1e-12);
    }

    @Test
    void shouldLeaveOutPairsWithoutFigure() {
        final List<RatioBootstrap.Pair> pairs = new ArrayList<>(pairs(new SplittableRandom(2), 4, 1, 0.01, 0.01));
        pairs.add(new RatioBootstrap.Pair(RunSample.of(Double.NaN), pairs.get(0).other()));
        pairs.add(new RatioBootstrap.Pair(null, pairs.get(0).other()));
        assertEquals(4, new RatioBootstrap(1).paired(pairs).baseCount());
    }

    @Test
    void shouldGiveTheSameIntervalForTheSameSeed() {
        final List<RatioBootstrap.Pair> pairs = pairs(new SplittableRandom(4), 5, 1.1, 0.1, 0.02);
        assertEquals(new RatioBootstrap(8).paired(pairs), new RatioBootstrap(8).paired(pairs));
    }

    @Test
    void shouldSayInconclusiveBelowTheSmallestNumberHoweverLargeTheDifference() {
        final SplittableRandom random = new SplittableRandom(5);
        for (int count = 0; count < Rules.MIN_PAIRS; count++) {
            final RatioEstimate paired = one(new RatioBootstrap(1).paired(pairs(random, count, 10, 0.01, 0.01)));
            assertEquals(Verdict.INCONCLUSIVE, paired.verdict());
            assertFalse(paired.advice().isEmpty());
        }
        final LogRatio lonely = new RatioBootstrap(1).unpaired(
            List.of(RunSample.of(1), RunSample.of(1), RunSample.of(1)), List.of(RunSample.of(9)));
        assertEquals(Verdict.INCONCLUSIVE, one(lonely).verdict());
        assertTrue(one(lonely).advice().contains("at least 2 more runs a side"), one(lonely).advice());
    }

    @Test
    void shouldSaySameWhenAllFiguresAreEqual() {
        final RatioEstimate estimate = one(new RatioBootstrap(1).paired(
            List.of(pair(10_000, 10_000), pair(10_000, 10_000), pair(10_000, 10_000))));
        assertEquals(Verdict.SAME, estimate.verdict());
        assertEquals("", estimate.advice());
    }

    @Test
    void shouldNameEnoughMoreRunsWhenInconclusive() {
        final RatioEstimate few =
            one(new RatioBootstrap(1).paired(pairs(new SplittableRandom(21), 4, 1.2, 0.15, 0.02)));
        assertEquals(Verdict.INCONCLUSIVE, few.verdict());
        assertTrue(few.moreRuns() > 0 && few.moreRuns() < 100, few.toString());
        assertTrue(few.advice().startsWith("needs about "), few.advice());
        final LogRatio atTheEdge = new LogRatio(1, 1.05, Math.log1p(0.05), 0.2, 3, 4, 4, true, 1);
        assertEquals(RatioEstimate.TOO_MANY, Judge.moreRuns(atTheEdge, Math.log1p(0.05), 0.05));
    }

    @Test
    void shouldAllowNoConclusionWhenFlagged() {
        final LogRatio ratio = new RatioBootstrap(1).paired(pairs(new SplittableRandom(2), 10, 3, 0.01, 0.01));
        final RatioEstimate estimate =
            Judge.judge(List.of(new Judge.Row(Metric.RT_P99, ratio, 0, true)), RULES).get(0);
        assertEquals(Verdict.INCONCLUSIVE, estimate.verdict());
        assertTrue(estimate.advice().contains("invalid"), estimate.advice());
    }

    @Test
    void shouldNeedMoreWhenManyFiguresAreComparedAtOnce() {
        final LogRatio ratio = new LogRatio(1, 1.2, 0.18, 0.04, 5, 6, 6, true, 0.03);
        final Judge.Row row = new Judge.Row(Metric.RT_P99, ratio, 0, false);
        assertEquals(Verdict.REGRESSED, Judge.judge(List.of(row), RULES).get(0).verdict());
        final RatioEstimate among = Judge.judge(List.of(row, row, row, row, row), RULES).get(0);
        assertEquals(Verdict.INCONCLUSIVE, among.verdict());
        assertTrue(among.isCorrected() && among.advice().startsWith("clear by itself"), among.advice());
    }

    @Test
    void shouldClaimNothingWithinWhatEqualSidesDifferedBy() {
        final LogRatio ratio = new LogRatio(1, 1.2, Math.log(1.2), 0.001, 5, 6, 6, true, 0.03);
        assertEquals(Verdict.REGRESSED,
            Judge.judge(List.of(new Judge.Row(Metric.RT_P99, ratio, 0.02, false)), RULES).get(0).verdict());
        final RatioEstimate noisy =
            Judge.judge(List.of(new Judge.Row(Metric.RT_P99, ratio, 0.15, false)), RULES).get(0);
        assertEquals(Verdict.INCONCLUSIVE, noisy.verdict());
        assertTrue(noisy.isBelowNoise(), noisy.advice());
        assertEquals(Verdict.IMPROVED,
            Judge.judge(List.of(new Judge.Row(Metric.RATE, ratio, 0, false)), RULES).get(0).verdict());
    }

    private static RatioEstimate one(final LogRatio ratio) {
        return Judge.judge(List.of(new Judge.Row(Metric.RT_P99, ratio, 0, false)), RULES).get(0);
    }

    private static RatioBootstrap.Pair pair(final double base, final double other) {
        return new RatioBootstrap.Pair(RunSample.of(base), RunSample.of(other));
    }

    /** Log-normal spread between runs, and some within them that the replicates repeat. */
    private static List<RatioBootstrap.Pair> pairs(
        final SplittableRandom random, final int count, final double ratio, final double between, final double within) {
        final List<RatioBootstrap.Pair> pairs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            pairs.add(new RatioBootstrap.Pair(
                sample(random, 1e6, between, within), sample(random, 1e6 * ratio, between, within)));
        }
        return pairs;
    }

    private static RunSample sample(
        final SplittableRandom random, final double level, final double between, final double within) {
        final double value = level * Math.exp(random.nextGaussian() * between);
        final double[] replicates = new double[100];
        for (int i = 0; i < replicates.length; i++) {
            replicates[i] = value * Math.exp(random.nextGaussian() * within);
        }
        return new RunSample(value, replicates);
    }
}
