package io.millrace.load.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;
import org.junit.jupiter.api.Test;

class RateSearchTest {
    private final List<RateSearch.Step> steps = new ArrayList<>();

    @Test
    void shouldFindTheLimitWithinTheAskedPart() {
        final RateSearch search = run(new RateSearch(1_000, 1_000_000, 6, 0.01, 3), rate -> rate <= 77_777);
        assertTrue(search.isFound());
        assertTrue(search.limitPerS() <= 77_777 && search.limitPerS() >= 77_777 / 1.01, "" + search.limitPerS());
        assertTrue(search.missPerS() > 77_777 && search.missPerS() <= search.limitPerS() * 1.01);
        assertEquals(3, search.repeatMet());
        assertEquals(6, steps.stream().filter(step -> "curve".equals(step.stage())).count());
        final double[] knee = steps.stream().filter(step -> !"curve".equals(step.stage()))
            .mapToDouble(step -> (double) step.ratePerS() / search.limitPerS()).sorted().toArray();
        for (final double at : new double[] {0.90, 0.925, 0.95, 0.975, 1.00, 1.025, 1.05}) {
            assertTrue(java.util.Arrays.stream(knee).anyMatch(ratio -> Math.abs(ratio - at) < 0.015), "near " + at);
        }
        assertTrue(steps.size() < 33, "" + steps.size());
    }

    @Test
    void shouldGoDownWhenTheFirstRateMisses() {
        final RateSearch search = run(new RateSearch(10_000, 100_000, 0, 0.05, 1), rate -> rate <= 900);
        assertTrue(search.isFound());
        assertEquals(900, search.limitPerS(), 50);
    }

    @Test
    void shouldSayThatNothingMeets() {
        final RateSearch search = run(new RateSearch(10_000, 100_000, 4, 0.05, 3), rate -> false);
        assertFalse(search.isFound());
        assertEquals(0, search.limitPerS());
        assertTrue(search.missPerS() > 0);
    }

    @Test
    void shouldStopAtTheHighestRateAllowed() {
        final RateSearch search = run(new RateSearch(1_000, 5_000, 0, 0.05, 2), rate -> true);
        assertTrue(search.isFound());
        assertEquals(5_000, search.limitPerS());
        assertTrue(steps.stream().allMatch(step -> step.ratePerS() <= 5_000), steps::toString);
        assertEquals(0, search.missPerS());
    }

    @Test
    void shouldLowerALimitThatDoesNotHold() {
        // meets once at the limit, never again
        final List<Long> seen = new ArrayList<>();
        final RateSearch search = run(new RateSearch(1_000, 64_000, 0, 0.05, 3), rate -> {
            final boolean isFirst = !seen.contains(rate);
            seen.add(rate);
            return rate <= 15_000 || rate <= 16_000 && isFirst;
        });
        assertTrue(search.isFound());
        assertTrue(search.limitPerS() <= 15_200 && search.limitPerS() > 13_000, "" + search.limitPerS());
    }

    @Test
    void shouldGoBackToALowerRateWhenOneLuckyRunLedFarTooHigh() {
        final List<Long> seen = new ArrayList<>();
        final RateSearch search = run(new RateSearch(5_000, 64_000, 2, 0.05, 3), rate -> {
            final boolean isFirst = !seen.contains(rate);
            seen.add(rate);
            return rate <= 7_500 || rate == 10_000 && isFirst;
        });
        assertTrue(search.isFound());
        assertTrue(search.limitPerS() <= 7_500 && search.limitPerS() > 7_000, "" + search.limitPerS());
        assertEquals(3, search.repeatMet());
        assertTrue(search.missPerS() > 7_500 && search.missPerS() < 8_000, "" + search.missPerS());
    }

    @Test
    void shouldFindNothingWhenNoRateHolds() {
        final List<Long> seen = new ArrayList<>();
        final RateSearch search = run(new RateSearch(1_000, 64_000, 4, 0.05, 3), rate -> {
            final boolean isFirst = !seen.contains(rate);
            seen.add(rate);
            return isFirst;
        });
        assertFalse(search.isFound());
        assertEquals(0, search.limitPerS(), "one that failed is none");
        assertTrue(steps.stream().noneMatch(step -> "curve".equals(step.stage())), "nothing to draw one around");
    }

    @Test
    void shouldAskTheSameAgainWhenGivenTheSameAnswers() {
        run(new RateSearch(1_000, 1_000_000, 6, 0.05, 3), rate -> rate <= 50_000);
        final List<RateSearch.Step> first = List.copyOf(steps);
        steps.clear();
        run(new RateSearch(1_000, 1_000_000, 6, 0.05, 3), rate -> rate <= 50_000);
        assertEquals(first, steps);
    }

    private RateSearch run(final RateSearch search, final LongPredicate meets) {
        for (RateSearch.Step step = search.next(); step != null; step = search.next()) {
            steps.add(step);
            assertTrue(steps.size() < 200, "goes on for ever");
            search.answer(meets.test(step.ratePerS()));
        }
        return search;
    }
}
