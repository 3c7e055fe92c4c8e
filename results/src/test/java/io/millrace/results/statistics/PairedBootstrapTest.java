package io.millrace.results.statistics;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class PairedBootstrapTest {
    private static final double THRESHOLD = 0.05;

    @Test
    void shouldCoverOneAtAboutTheNominalRateWhenBothSidesAreTheSame() {
        for (final int pairCount : new int[] {3, 5, 10}) {
            final long seed = 1000 + pairCount;
            final SplittableRandom random = new SplittableRandom(seed);
            int covered = 0;
            for (int trial = 0; trial < 150; trial++) {
                final RatioEstimate estimate = PairedBootstrap.compare(Metric.RT_P99,
                    pairs(random, pairCount, 1.0, 0.10, 0.02), THRESHOLD, trial, false);
                if (estimate.low() <= 1 && estimate.high() >= 1) {
                    covered++;
                }
            }
            // Nominal 142 of 150; three standard deviations either way, and conservative is allowed.
            assertTrue(covered >= 134, "seed=" + seed + " pairs=" + pairCount + " covered=" + covered);
        }
    }

    @Test
    void shouldDetectTwentyPercentWithEnoughPairs() {
        final long seed = 11;
        final SplittableRandom random = new SplittableRandom(seed);
        int regressed = 0;
        int improved = 0;
        for (int trial = 0; trial < 40; trial++) {
            if (PairedBootstrap.compare(Metric.RT_P99, pairs(random, 10, 1.2, 0.05, 0.01), THRESHOLD, trial, false)
                .verdict() == Verdict.REGRESSED) {
                regressed++;
            }
            if (PairedBootstrap.compare(Metric.RATE, pairs(random, 10, 1.2, 0.05, 0.01), THRESHOLD, trial, false)
                .verdict() == Verdict.IMPROVED) {
                improved++;
            }
        }
        assertTrue(regressed >= 38 && improved >= 38, "seed=" + seed + " " + regressed + " " + improved);
    }

    @Test
    void shouldSayInconclusiveWithOneOrTwoPairsHoweverLargeTheDifference() {
        final SplittableRandom random = new SplittableRandom(5);
        for (int pairCount = 0; pairCount <= 2; pairCount++) {
            final RatioEstimate estimate = PairedBootstrap.compare(Metric.RT_P99,
                pairs(random, pairCount, 10, 0.01, 0.01), THRESHOLD, 1, false);
            assertEquals(Verdict.INCONCLUSIVE, estimate.verdict());
            assertFalse(estimate.advice().isEmpty());
        }
        assertTrue(PairedBootstrap.compare(Metric.RT_P99, pairs(random, 1, 10, 0.01, 0.01), THRESHOLD, 1, false)
            .advice().contains("at least 2 more pairs"));
    }

    @Test
    void shouldSaySameWhenTheIntervalLiesWithinTheThreshold() {
        final RatioEstimate estimate = PairedBootstrap.compare(Metric.RT_P50,
            pairs(new SplittableRandom(9), 10, 1.0, 0.005, 0.002), THRESHOLD, 1, false);
        assertEquals(Verdict.SAME, estimate.verdict());
        assertEquals("", estimate.advice());
    }

    @Test
    void shouldNameEnoughMorePairsWhenInconclusive() {
        final SplittableRandom random = new SplittableRandom(21);
        final RatioEstimate few = PairedBootstrap.compare(Metric.RT_P99, pairs(random, 4, 1.2, 0.15, 0.02), THRESHOLD,
            1, false);
        assertEquals(Verdict.INCONCLUSIVE, few.verdict());
        assertTrue(few.morePairs() > 0 && few.morePairs() < 100, few.toString());
        assertTrue(few.advice().startsWith("needs about "), few.advice());
        assertEquals(RatioEstimate.TOO_MANY, PairedBootstrap.morePairs(4, Math.log1p(THRESHOLD), 0.2,
            Math.log1p(THRESHOLD)));
    }

    @Test
    void shouldAllowNoConclusionWhenFlagged() {
        final RatioEstimate estimate = PairedBootstrap.compare(Metric.RT_P99,
            pairs(new SplittableRandom(2), 10, 3, 0.01, 0.01), THRESHOLD, 1, true);
        assertEquals(Verdict.INCONCLUSIVE, estimate.verdict());
        assertTrue(estimate.advice().contains("invalid"), estimate.advice());
    }

    @Test
    void shouldLeaveOutPairsWithoutFigure() {
        final List<PairedBootstrap.Pair> pairs = new ArrayList<>(pairs(new SplittableRandom(2), 4, 1, 0.01, 0.01));
        pairs.add(new PairedBootstrap.Pair(new RunSample(Double.NaN, new double[0]), pairs.get(0).other()));
        assertEquals(4, PairedBootstrap.compare(Metric.RT_P99, pairs, THRESHOLD, 1, false).pairCount());
    }

    @Test
    void shouldGiveTheSameIntervalForTheSameSeed() {
        final List<PairedBootstrap.Pair> pairs = pairs(new SplittableRandom(4), 5, 1.1, 0.1, 0.02);
        assertEquals(PairedBootstrap.compare(Metric.RT_P99, pairs, THRESHOLD, 8, false),
            PairedBootstrap.compare(Metric.RT_P99, pairs, THRESHOLD, 8, false));
    }

    /** Log-normal spread between runs, and some within them that the replicates repeat. */
    private static List<PairedBootstrap.Pair> pairs(
        final SplittableRandom random, final int count, final double ratio, final double between, final double within) {
        final List<PairedBootstrap.Pair> pairs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            pairs.add(new PairedBootstrap.Pair(
                sample(random, 1e6, between, within), sample(random, 1e6 * ratio, between, within)));
        }
        return pairs;
    }

    private static RunSample sample(
        final SplittableRandom random, final double level, final double between, final double within) {
        final double value = level * Math.exp(random.nextGaussian() * Math.hypot(between, within));
        final double[] replicates = new double[100];
        for (int i = 0; i < replicates.length; i++) {
            replicates[i] = value * Math.exp(random.nextGaussian() * within);
        }
        return new RunSample(value, replicates);
    }
}
