package io.millrace.load.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.load.record.SessionRecorder;
import io.millrace.load.workload.Workload;
import io.millrace.load.workload.WorkloadBuilder;
import java.util.ArrayDeque;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A target that stands still for a known time, on a clock that only the test moves: the whole tail must be there. */
class CoordinatedOmissionTest {
    private static final long MS = 1_000_000L;
    private static final long STEP_NS = MS / 10;
    private static final long SERVICE_NS = 2 * MS;
    private static final long STALL_FROM_NS = 4_000 * MS;
    private static final long STALL_TO_NS = 5_000 * MS;

    private final ArrayDeque<long[]> inFlight = new ArrayDeque<>();
    private final SessionRecorder recorder = new SessionRecorder(null, true);
    private long nowNs;
    private int window;

    @ParameterizedTest
    @ValueSource(ints = {8, 16, 100_000})
    void shouldChargeTheStallToEveryRecordThatWasDueInIt(final int inFlightCount) {
        window = inFlightCount;
        final Histogram rt = run().responseTime();
        assertEquals(10_000, rt.getTotalCount(), "every tick is answered, none is left out");
        assertTrue(rt.getMaxValue() >= 990 * MS && rt.getMaxValue() <= 1_300 * MS, "the first one waits for all of it: "
            + rt.getMaxValue());
        // Of the records due in the stall those of its first half wait for 500 ms and longer.
        final long slow = rt.getCountBetweenValues(500 * MS, 2_000 * MS);
        assertTrue(slow >= 495, "only " + slow + " of 500 records show what they waited");
        assertTrue(rt.getValueAtPercentile(96) > 480 * MS, "p96 " + rt.getValueAtPercentile(96));
        assertTrue(rt.getValueAtPercentile(50) < 10 * MS);
    }

    @Test
    void shouldShowInTheServiceTimeOnlyWhatWasInFlight() {
        window = 16;
        final SessionRecorder.LatencyTriple found = run();
        assertTrue(found.serviceTime().getCountBetweenValues(500 * MS, 2_000 * MS) <= 16,
            "what a client that waits for its window would take for the whole truth");
        assertTrue(found.lag().getCountBetweenValues(400 * MS, 2_000 * MS) > 450, "the rest is in the lag");
    }

    private SessionRecorder.LatencyTriple run() {
        final Workload workload =
            new WorkloadBuilder().set("rate", "1000").set("warmup", "0s").set("duration", "10s").build();
        recorder.measureFrom(0);
        final PacedSender sender = new PacedSender(workload, RunPlan.of(workload, 0), this::take, 0, () -> nowNs);
        sender.startMeasuring();
        while (nowNs < 15_000 * MS) {
            answer();
            sender.sendDue();
            nowNs += STEP_NS;
        }
        final SessionRecorder.LatencyTriple found = new SessionRecorder.LatencyTriple();
        recorder.drainInto(true, found);
        return found;
    }

    private boolean take(final long dueNs, final long sentNs) {
        if (inFlight.size() >= window) {
            return false;
        }
        recorder.onSent(0, 0, 0, dueNs, sentNs);
        inFlight.add(new long[] {dueNs, sentNs});
        return true;
    }

    private void answer() {
        final boolean isStalled = nowNs >= STALL_FROM_NS && nowNs < STALL_TO_NS;
        while (!isStalled && !inFlight.isEmpty() && nowNs - inFlight.peek()[1] >= SERVICE_NS) {
            final long[] record = inFlight.poll();
            recorder.onAcked(0, 0, 0, record[0], record[1], nowNs);
        }
    }
}
