package io.millrace.results.statistics;

import org.junit.jupiter.api.Test;

import java.util.List;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

class RecentChangeTest {
    private static final double LEVEL = 0.01;

    @Test
    void shouldFindADoublingWhenThreePointsLieBehindItAndFiveBefore() {
        final RecentChange recent = of(100, 102, 99, 101, 98, 203, 199, 204);
        assertEquals(5, recent.change().index());
        assertEquals(2.03, recent.change().ratio(), 0.02);
    }

    @Test
    void shouldFindNothingWhenOnlyOnePointIsFarOff() {
        final double[] values = new double[60];
        for (int i = 0; i < values.length; i++) {
            values[i] = 100 + i % 5;
        }
        values[58] = 1000;
        assertNull(of(values).change());
    }

    @Test
    void shouldFindNothingWhenItGotBetter() {
        assertNull(of(200, 204, 198, 202, 196, 203, 101, 99, 102).change());
        assertNotNull(RecentChange.of(new double[] {200, 204, 198, 202, 196, 203, 101, 99, 102}, 5, LEVEL, 0.05, false)
            .change(), "a rate that falls is worse");
    }

    @Test
    void shouldCompareWithTheNewestLevelWhenThereWereSeveral() {
        assertNotNull(of(300, 302, 298, 301, 299, 303, 297, 300, 301, 299, 302, 298, 300, 301, 299,
            100, 102, 99, 101, 98, 100, 101, 103, 97, 100, 99, 101, 102, 98, 100, 121, 119, 120).change(),
            "worse than lately, better than long ago");
    }

    @Test
    void shouldSayThatNothingWouldHaveShownWhenTheLineIsTooShortOrTooRestless() {
        assertEquals(Double.POSITIVE_INFINITY, of(100, 101, 99, 100, 200, 201, 199).visibleRatio());
        assertTrue(of(100, 300, 80, 250, 90, 310, 100, 200).visibleRatio() > 2);
        assertTrue(of(100, 102, 99, 101, 98, 100, 101, 99).visibleRatio() < 1.2);
    }

    @Test
    void shouldKeepFalseAlarmsWithinTheLevelOfAllLinesTogether() {
        for (final VerdictSimulation.Noise noise : List.of(VerdictSimulation.Noise.NORMAL,
            VerdictSimulation.Noise.HEAVY, VerdictSimulation.Noise.RESTLESS)) {
            final int alarms = HistorySimulation.falseAlarms(noise, 16, 12, 300);
            assertTrue(alarms <= 9, noise + ": " + alarms + " of 300 at a level of 1 %; the seed is fixed");
        }
    }

    @Test
    void shouldFindADoublingAmongSixteenLinesOfTwelvePoints() {
        assertTrue(HistorySimulation.found(2, 5, 12, 16, 200) >= 180);
    }

    private static RecentChange of(final double... values) {
        return RecentChange.of(values, 5, LEVEL, 0.05, true);
    }
}
