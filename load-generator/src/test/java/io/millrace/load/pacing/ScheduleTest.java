package io.millrace.load.pacing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScheduleTest {
    private static final long NS_PER_S = 1_000_000_000L;

    @Test
    void shouldNotDriftOverABillionTicks() {
        final long ratePerS = 999_999_937L; // a prime: no tick after the first falls on a whole number
        final long ticks = 1_000_000_000L;
        final Schedule schedule = new Schedule(5, ratePerS, 0, 1, ticks);
        long lastNs = 0;
        for (long i = 0; i < ticks; i++) {
            lastNs = schedule.dueNs();
            schedule.advance();
        }
        assertEquals(exact(5, ratePerS, ticks - 1), lastNs);
        assertEquals(Schedule.NEVER, schedule.dueNs());
        assertEquals(0, schedule.remainingCount());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 3, 7, 999, 10_000, 49_999, 300_007, 1_000_000_000L})
    void shouldAgreeWithExactArithmeticAtEachTick(final long ratePerS) {
        final Schedule schedule = new Schedule(123, ratePerS, 0, 1, Long.MAX_VALUE);
        for (int i = 0; i < 20_000; i++) {
            assertEquals(exact(123, ratePerS, i), schedule.dueNs(), "tick " + i);
            schedule.advance();
        }
    }

    @Test
    void shouldAgreeWithExactArithmeticAtFarTicks() {
        final long seed = new SplittableRandom().nextLong();
        final SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 10_000; i++) {
            final long ratePerS = random.nextLong(1, Schedule.MAX_RATE_PER_S + 1);
            final long tick = random.nextLong(0, Math.min(ratePerS * 3_600 * 24 * 365, Long.MAX_VALUE / 4));
            assertEquals(exact(7, ratePerS, tick), Schedule.dueNsOf(7, ratePerS, tick), "seed " + seed);
        }
    }

    @Test
    void shouldInterleaveProducersIntoOneSchedule() {
        final int producers = 3;
        final long ratePerS = 7_001;
        final Schedule[] schedules = new Schedule[producers];
        for (int p = 0; p < producers; p++) {
            schedules[p] = new Schedule(0, ratePerS, p, producers, 10_000);
        }
        for (int tick = 0; tick < 10_000; tick++) {
            final Schedule mine = schedules[tick % producers];
            assertEquals(exact(0, ratePerS, tick), mine.dueNs(), "tick " + tick);
            mine.advance();
        }
        for (final Schedule schedule : schedules) {
            assertEquals(Schedule.NEVER, schedule.dueNs());
        }
    }

    @Test
    void shouldCountTicksDueBeforeTheEnd() {
        assertEquals(10_000, Schedule.ticksWithin(NS_PER_S, 10_000));
        assertEquals(1, Schedule.ticksWithin(1, 10_000));
        assertEquals(0, Schedule.ticksWithin(0, 10_000));
        final long seed = new SplittableRandom().nextLong();
        final SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 1_000; i++) {
            final long ratePerS = random.nextLong(1, 2_000_000);
            final long durationNs = random.nextLong(1, 100 * NS_PER_S);
            final long ticks = Schedule.ticksWithin(durationNs, ratePerS);
            assertTrue(exact(0, ratePerS, ticks - 1) < durationNs, "seed " + seed);
            assertTrue(exact(0, ratePerS, ticks) >= durationNs, "seed " + seed);
        }
    }

    @Test
    void shouldShareTicksWithoutLosingOne() {
        long sum = 0;
        for (int p = 0; p < 7; p++) {
            sum += Schedule.ticksOf(1_000_003, p, 7);
        }
        assertEquals(1_000_003, sum);
    }

    @Test
    void shouldRefuseARateItCannotKeepExact() {
        assertThrows(IllegalArgumentException.class, () -> new Schedule(0, 0, 0, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> new Schedule(0, Schedule.MAX_RATE_PER_S + 1, 0, 1, 1));
    }

    private static long exact(final long startNs, final long ratePerS, final long tick) {
        return BigInteger.valueOf(tick).multiply(BigInteger.valueOf(NS_PER_S)).divide(BigInteger.valueOf(ratePerS))
            .add(BigInteger.valueOf(startNs)).longValueExact();
    }
}
