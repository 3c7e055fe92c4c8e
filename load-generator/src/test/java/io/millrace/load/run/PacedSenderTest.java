package io.millrace.load.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.load.pacing.Schedule;
import io.millrace.load.workload.Workload;
import io.millrace.load.workload.WorkloadBuilder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PacedSenderTest {
    private static final long START_NS = 1_000_000;
    private static final long MS = 1_000_000;

    private final List<long[]> taken = new ArrayList<>();
    private long nowNs = START_NS;
    private int room = Integer.MAX_VALUE;

    @Test
    void shouldSendNothingBeforeItIsDue() {
        final PacedSender sender = measuring("1000");
        assertEquals(1, sender.sendDue());
        nowNs = START_NS + MS - 1;
        assertEquals(0, sender.sendDue());
        nowNs = START_NS + MS;
        assertEquals(1, sender.sendDue());
    }

    @Test
    void shouldSendLateTicksAtOnceWithTheirDueTimes() {
        final PacedSender sender = measuring("1000");
        nowNs = START_NS + 10 * MS;
        assertEquals(11, sender.sendDue());
        for (int i = 0; i < taken.size(); i++) {
            assertEquals(START_NS + i * MS, taken.get(i)[0], "due time of tick " + i);
            assertEquals(nowNs, taken.get(i)[1], "send time of tick " + i);
        }
    }

    @Test
    void shouldKeepCountingLagWhileTheWindowIsFull() {
        final PacedSender sender = measuring("1000");
        room = 2;
        nowNs = START_NS + 5 * MS;
        assertEquals(2, sender.sendDue());
        nowNs = START_NS + 50 * MS;
        assertEquals(0, sender.sendDue());
        room = Integer.MAX_VALUE;
        nowNs = START_NS + 60 * MS;
        assertEquals(59, sender.sendDue(), "every tick that became due is sent, none is skipped");
        assertEquals(START_NS + 2 * MS, taken.get(2)[0], "the refused tick kept its due time");
        assertEquals(58 * MS, taken.get(2)[1] - taken.get(2)[0], "its lag is what it waited");
        room = 1;
        nowNs = START_NS + 70 * MS;
        assertEquals(1, sender.sendDue());
        assertEquals(START_NS + 61 * MS, sender.lastDueNs());
        assertEquals(START_NS + 70 * MS, sender.lastSendNs());
    }

    @Test
    void shouldBoundABurstSoThatAnswersAreSeen() {
        final PacedSender sender = measuring("100k");
        nowNs = START_NS + 1_000 * MS;
        assertTrue(sender.sendDue() <= 64);
    }

    @Test
    void shouldEndAfterTheLastTickOfThePhase() {
        final PacedSender sender = measuring("1000");
        nowNs = START_NS + 10_000 * MS;
        while (sender.sendDue() > 0) {
            assertTrue(taken.size() <= 1_000);
        }
        assertEquals(1_000, taken.size());
        assertEquals(Schedule.NEVER, sender.nextDueNs());
        assertEquals(0, sender.unsentCount());
    }

    @Test
    void shouldNotOweWarmUpTicksToTheMeasuredPhase() {
        final Workload workload = workload("1000", "1s");
        final RunPlan plan = RunPlan.of(workload, START_NS);
        final PacedSender sender = new PacedSender(workload, plan, this::take, 0, () -> nowNs);
        room = 0;
        nowNs = plan.measureStartNs();
        assertEquals(0, sender.sendDue());
        sender.startMeasuring();
        room = Integer.MAX_VALUE;
        assertEquals(1, sender.sendDue());
        assertEquals(plan.measureStartNs(), taken.get(0)[0]);
    }

    @Test
    void shouldTakeTheWindowForItsPaceWithoutARate() {
        final PacedSender sender = measuring("-1");
        room = 5;
        assertEquals(5, sender.sendDue());
        assertEquals(taken.get(4)[0], taken.get(4)[1], "due when there was room");
        assertEquals(0, sender.sendDue());
    }

    @Test
    void shouldTakeAWarmUpThatEndsEarlyForTheStartWhenItSendsNothing() {
        final Workload workload = workload("1000", "20s");
        final RunPlan plan = RunPlan.of(workload, START_NS);
        final PacedSender sender = new PacedSender(workload, plan, this::take, 0, () -> nowNs);
        plan.measureFrom(START_NS + 5_000 * MS);
        nowNs = plan.measureStartNs();
        sender.startMeasuring();
        assertEquals(START_NS + 5_000 * MS, sender.lastSendNs(), "not when the warm-up was planned to end");
    }

    private PacedSender measuring(final String rate) {
        final Workload workload = workload(rate, "0s");
        final PacedSender sender =
            new PacedSender(workload, RunPlan.of(workload, START_NS), this::take, 0, () -> nowNs);
        sender.startMeasuring();
        return sender;
    }

    private static Workload workload(final String rate, final String warmup) {
        return new WorkloadBuilder().set("rate", rate).set("warmup", warmup).set("duration", "1s").build();
    }

    private boolean take(final long dueNs, final long sentNs) {
        if (room == 0) {
            return false;
        }
        room--;
        taken.add(new long[] {dueNs, sentNs});
        return true;
    }
}
