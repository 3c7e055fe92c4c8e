package io.millrace.results.statistics;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The fast part of {@link VerdictSimulation}; docs/compare.md has the command for the whole of it. */
class VerdictSimulationTest {
    @Test
    void shouldKeepFalseVerdictsWithinTheConfidenceWhenAThousandTrialsAreMade() {
        // A true difference at the very threshold is the hardest case: any verdict on a side of it is half false.
        check(VerdictSimulation.figures(1000, 60, new double[] {1, 1.0499, 1.30},
            new int[] {Rules.MIN_PAIRS, 6}), 1000);
    }

    @Test
    void shouldKeepFalseVerdictsWithinTheConfidenceWhenEqualSidesDiffered() {
        check(VerdictSimulation.controls(1000, 60, new double[] {1, 1.0499, 1.0501, 1.10},
            new int[] {Rules.MIN_PAIRS, 10}), 1000);
    }

    @Test
    void shouldKeepFalseVerdictsWithinTheConfidenceWhenRunsShareClusters() {
        final List<VerdictSimulation.Tally> tallies =
            VerdictSimulation.clusters(1000, 60, new double[] {1, 1.0499, 1.5});
        check(tallies, 1000);
        assertEquals(0, tallies.stream().filter(tally -> tally.name().contains(" 1 clusters ")
            || tally.name().contains(" 2 clusters ")).mapToInt(VerdictSimulation.Tally::decidedCount).sum(),
            "too few clusters for any claim");
        assertTrue(tallies.stream().filter(tally -> tally.name().contains(" 6 clusters "))
            .filter(tally -> tally.name().contains("1.5")).allMatch(tally -> tally.decidedCount() > 900),
            tallies::toString);
    }

    @Test
    void shouldKeepFalseVerdictsWithinTheConfidenceWhenWholeRunsAreCompared() {
        check(VerdictSimulation.runs(30, new double[] {1, 1.10}, new int[] {Rules.MIN_PAIRS}), 30);
    }

    @Test
    void shouldFindLargeDifferencesWhenThereAreEnoughRuns() {
        for (final VerdictSimulation.Tally tally : VerdictSimulation.figures(200, 100, new double[] {1.30},
            new int[] {10})) {
            if (tally.name().contains("normal")) {
                assertTrue(tally.decidedCount() >= 195, tally.toString());
            }
        }
    }

    private static void check(final List<VerdictSimulation.Tally> tallies, final int trials) {
        final List<String> beyond = new ArrayList<>();
        tallies.stream().filter(tally -> tally.falseCount() > VerdictSimulation.limit(trials))
            .forEach(tally -> beyond.add(tally.toString()));
        tallies.stream().filter(tally -> tally.coveredCount() < trials - VerdictSimulation.limit(trials))
            .forEach(tally -> beyond.add(tally.toString()));
        assertEquals(List.of(), beyond, "seeds are fixed; limit " + VerdictSimulation.limit(trials));
    }
}
