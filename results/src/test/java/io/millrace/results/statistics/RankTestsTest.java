package io.millrace.results.statistics;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.SplittableRandom;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class RankTestsTest {
    @Test
    void shouldGiveTheSmallestPossibleProbabilityWhenTheSidesDoNotOverlap() {
        assertEquals(2.0 / 20, RankTests.mannWhitney(new double[] {1, 2, 3}, new double[] {4, 5, 6}), 1e-12);
        assertEquals(2.0 / 70, RankTests.mannWhitney(new double[] {1, 2, 3, 4}, new double[] {5, 6, 7, 8}), 1e-12);
        assertEquals(2.0 / 70, RankTests.mannWhitney(new double[] {5, 6, 7, 8}, new double[] {1, 2, 3, 4}), 1e-12);
        assertEquals(2.0 / 8, RankTests.wilcoxon(new double[] {0.1, 0.2, 0.3}), 1e-12);
        assertEquals(2.0 / 64, RankTests.wilcoxon(new double[] {-1, -2, -3, -4, -5, -6}), 1e-12);
    }

    @Test
    void shouldAgreeWithWorkedExamplesWhenTheSidesOverlap() {
        // U = 1 of 25: tail of 2 ways in 252, both sides 4/252.
        assertEquals(4.0 / 252,
            RankTests.mannWhitney(new double[] {1, 2, 3, 4, 6}, new double[] {5, 7, 8, 9, 10}), 1e-12);
        // W- = 2 of 15: sums 0, 1, 2 are 3 of 32 ways, both sides 6/32.
        assertEquals(6.0 / 32, RankTests.wilcoxon(new double[] {1, -2, 3, 4, 5}), 1e-12);
    }

    @Test
    void shouldTakeMidRanksWhenFiguresAreEqual() {
        assertEquals(1, RankTests.mannWhitney(new double[] {3, 3, 3}, new double[] {3, 3, 3}), 1e-12);
        // {1,1} against {1,2,2}: rank sums of the ten deals are 4 thrice, 6.5 six times, 9 once; observed 4, mean 6.
        assertEquals(4.0 / 10, RankTests.mannWhitney(new double[] {1, 1}, new double[] {1, 2, 2}), 1e-12);
        assertEquals(1, RankTests.wilcoxon(new double[] {0, 0}), 1e-12);
    }

    @Test
    void shouldKeepItsLevelWhenNothingDiffers() {
        final long seed = 77;
        final SplittableRandom random = new SplittableRandom(seed);
        for (final int n : new int[] {5, 40}) { // exact, and beyond it
            int whitney = 0;
            int wilcoxon = 0;
            for (int trial = 0; trial < 1000; trial++) {
                final double[] a = random.doubles(n).toArray();
                final double[] b = random.doubles(n).toArray();
                whitney += RankTests.mannWhitney(a, b) <= 0.05 ? 1 : 0;
                final double[] d = new double[2 * n];
                Arrays.setAll(d, i -> random.nextGaussian());
                wilcoxon += RankTests.wilcoxon(d) <= 0.05 ? 1 : 0;
            }
            assertTrue(whitney <= 75 && wilcoxon <= 75, "seed=" + seed + " " + whitney + " " + wilcoxon);
            assertTrue(whitney >= 15 && wilcoxon >= 15, "seed=" + seed + " " + whitney + " " + wilcoxon);
        }
    }
}
