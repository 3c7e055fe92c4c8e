package io.millrace.results.statistics;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.SplittableRandom;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class ChangePointsTest {
    @Test
    void shouldFindBothChangesWhenTheLevelRisesAndFallsBack() {
        final long seed = 3;
        final List<ChangePoint> found = ChangePoints.find(
            line(new SplittableRandom(seed), 0.03, 100, 20, 120, 15, 95, 25), 0.01, 0.05);
        assertEquals(2, found.size(), "seed=" + seed + " " + found);
        assertEquals(20, found.get(0).index(), 1);
        assertEquals(35, found.get(1).index(), 1);
        assertEquals(1.2, found.get(0).ratio(), 0.04);
        assertTrue(found.get(1).ratio() < 0.85 && found.get(1).p() < 0.01, found.toString());
    }

    @Test
    void shouldFindNothingInMostLinesWhenNothingChanges() {
        final long seed = 5;
        final SplittableRandom random = new SplittableRandom(seed);
        int found = 0;
        for (int trial = 0; trial < 100; trial++) {
            found += ChangePoints.find(line(random, 0.1, 100, 30), 0.05, 0.01).isEmpty() ? 0 : 1;
        }
        assertTrue(found <= 12, "seed=" + seed + " found=" + found + " of 100 at a level of 5 %"); // 3.2 deviations
    }

    @Test
    void shouldIgnoreASingleOutlierAndSmallChanges() {
        final double[] values = line(new SplittableRandom(7), 0.01, 100, 20);
        values[11] = 400;
        assertEquals(List.of(), ChangePoints.find(values, 0.01, 0.05));
        assertEquals(List.of(), ChangePoints.find(line(new SplittableRandom(8), 0.002, 100, 15, 102, 15), 0.01, 0.05));
    }

    @Test
    void shouldSayNothingWhenThereAreTooFewPoints() {
        assertEquals(List.of(), ChangePoints.find(new double[] {1, 1, 1, 9, 9, 9, 9}, 0.05, 0.05));
        assertEquals(List.of(), ChangePoints.find(new double[0], 0.05, 0.05));
    }

    @Test
    void shouldFindAChangeWhenEveryFigureOfALevelIsEqual() {
        final List<ChangePoint> found =
            ChangePoints.find(new double[] {5, 5, 5, 5, 5, 5, 8, 8, 8, 8, 8}, 0.05, 0.05);
        assertEquals(1, found.size());
        assertEquals(6, found.get(0).index());
    }

    /** Levels and how many points each has. */
    private static double[] line(final SplittableRandom random, final double spread, final double... levels) {
        int count = 0;
        for (int i = 1; i < levels.length; i += 2) {
            count += (int) levels[i];
        }
        final double[] values = new double[count];
        int at = 0;
        for (int i = 0; i < levels.length; i += 2) {
            for (int k = 0; k < levels[i + 1]; k++) {
                values[at++] = levels[i] * Math.exp(spread * random.nextGaussian());
            }
        }
        return values;
    }
}
