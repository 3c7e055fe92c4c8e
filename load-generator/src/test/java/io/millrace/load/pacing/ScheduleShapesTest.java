package io.millrace.load.pacing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ScheduleShapesTest {
    private static final long S = 1_000_000_000L;

    @Test
    void shouldMakeATickOfABurstDueWithItsFirst() {
        final List<Long> all = new ArrayList<>();
        final long ticks = BurstSchedule.ticksWithin(S, 300, 100);
        assertEquals(300, ticks);
        for (int producer = 0; producer < 3; producer++) {
            all.addAll(dueTimes(new BurstSchedule(5, 300, 100, producer, 3, ticks)));
        }
        assertEquals(300, all.size());
        assertEquals(100, all.stream().filter(due -> due == 5).count());
        assertEquals(100, all.stream().filter(due -> due == 5 + S / 3).count());
        assertEquals(100, all.stream().filter(due -> due == 5 + 2 * S / 3).count());
    }

    @Test
    void shouldFollowARampWithoutDrift() {
        final RateCurve curve = new RateCurve(new long[] {10 * S}, new long[] {1_000}, new long[] {3_000});
        assertEquals(20_000, curve.ticksWithin(10 * S));
        assertEquals(23_000, curve.ticksWithin(11 * S), "the last rate holds");
        assertEquals(7_500, curve.ticksWithin(5 * S));
        assertEquals(5 * S, curve.dueNs(7_500), 1_000);
        assertEquals(10 * S + S / 3, curve.dueNs(21_000), 1_000);
        long before = -1;
        for (long tick = 0; tick < 23_000; tick++) {
            final long due = curve.dueNs(tick);
            assertTrue(due > before, "tick " + tick);
            before = due;
        }
    }

    @Test
    void shouldFollowStepsUpAndDown() {
        final RateCurve curve =
            new RateCurve(new long[] {S, S, S}, new long[] {100, 1_000, 10}, new long[] {100, 1_000, 10});
        assertEquals(1_110, curve.ticksWithin(3 * S));
        assertEquals(S, curve.dueNs(100));
        assertEquals(S + S / 2, curve.dueNs(600));
        assertEquals(2 * S + S / 10, curve.dueNs(1_101));
        final RateCurve down = new RateCurve(new long[] {10 * S}, new long[] {2_000}, new long[] {1_000});
        assertEquals(15_000, down.ticksWithin(10 * S));
        assertEquals(10 * S, down.dueNs(15_000), 1_000);
    }

    @Test
    void shouldShareACurveAmongProducers() {
        final RateCurve curve = new RateCurve(new long[] {S}, new long[] {100}, new long[] {200});
        final List<Long> all = new ArrayList<>();
        for (int producer = 0; producer < 4; producer++) {
            all.addAll(dueTimes(new CurveSchedule(0, curve, producer, 4, 150)));
        }
        all.sort(null);
        for (int tick = 0; tick < 150; tick++) {
            assertEquals(curve.dueNs(tick), all.get(tick));
        }
    }

    @Test
    void shouldDrawExponentialGapsThatDependOnTheTickAlone() {
        final long seed = new SplittableRandom().nextLong();
        final double[] draws = new SplittableRandom(seed).doubles(20_000).toArray();
        final PoissonSchedule schedule =
            new PoissonSchedule(7, 1_000, 2, 10 * S, Long.MAX_VALUE, tick -> draws[(int) tick]);
        final PoissonSchedule same =
            new PoissonSchedule(7, 1_000, 2, 10 * S, Long.MAX_VALUE, tick -> draws[(int) tick]);
        final long expected = same.remainingCount();
        final List<Long> due = dueTimes(schedule);
        assertEquals(expected, due.size(), "seed " + seed);
        assertEquals(5_000, due.size(), 500, "500 a second for 10 s, seed " + seed);
        assertTrue(due.get(due.size() - 1) < 7 + 10 * S);
        double squares = 0;
        for (int i = 1; i < due.size(); i++) {
            final double gap = (due.get(i) - due.get(i - 1)) / 2e6;
            squares += gap * gap;
        }
        assertEquals(2, squares / due.size(), 0.4, "E[gap^2] = 2 mean^2, seed " + seed);
    }

    private static List<Long> dueTimes(final TickSchedule schedule) {
        final List<Long> times = new ArrayList<>();
        while (schedule.dueNs() != Schedule.NEVER) {
            times.add(schedule.dueNs());
            schedule.advance();
        }
        assertEquals(times.size(), schedule.sentCount());
        return times;
    }
}
