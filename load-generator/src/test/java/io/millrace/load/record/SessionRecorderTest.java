package io.millrace.load.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;

class SessionRecorderTest {
    private final Ledger ledger = new Ledger(2, 3);
    private final SessionRecorder recorder = new SessionRecorder(ledger, true);
    private final SessionRecorder.LatencyTriple triple = new SessionRecorder.LatencyTriple();

    SessionRecorderTest() {
        recorder.measureFrom(1_000);
    }

    @Test
    void shouldKeepResponseServiceAndLagApart() {
        recorder.onSent(0, 0, 0, 2_000, 2_300);
        recorder.onAcked(0, 0, 0, 2_000, 2_300, 3_000);
        recorder.drainInto(true, triple);
        assertEquals(1_000, triple.responseTime().getMaxValue(), 1);
        assertEquals(700, triple.serviceTime().getMaxValue(), 1);
        assertEquals(300, triple.lag().getMaxValue(), 1);
    }

    @Test
    void shouldCountARecordToThePhaseItWasDueIn() {
        recorder.onSent(0, 0, 0, 999, 1_500);
        recorder.onAcked(0, 0, 0, 999, 1_500, 5_000);
        recorder.onSent(0, 0, 1, 1_000, 1_500);
        assertEquals(1, recorder.sentCount(false));
        assertEquals(1, recorder.ackedCount(false));
        assertEquals(1, recorder.sentCount(true));
        assertEquals(0, recorder.ackedCount(true));
        recorder.drainInto(true, triple);
        assertEquals(0, triple.responseTime().getTotalCount());
        assertEquals(1, triple.lag().getTotalCount());
    }

    @Test
    void shouldRecordAnHourWithoutClampingIt() {
        final long hourNs = 3_600_000_000_000L;
        recorder.onSent(0, 0, 0, 1_000, 1_000 + hourNs);
        recorder.onAcked(0, 0, 0, 1_000, 1_000 + hourNs, 1_000 + 2 * hourNs);
        recorder.drainInto(true, triple);
        assertEquals(2.0 * hourNs, triple.responseTime().getMaxValue(), 0.001 * 2 * hourNs);
    }

    @Test
    void shouldGiveEachSampleOnce() {
        recorder.onSent(0, 0, 0, 2_000, 2_000);
        recorder.onAcked(0, 0, 0, 2_000, 2_000, 2_500);
        recorder.drainInto(true, triple);
        recorder.drainInto(true, triple);
        assertEquals(1, triple.responseTime().getTotalCount());
    }

    @Test
    void shouldCountFailuresByNameAndWithTheTimeUntilThey() {
        recorder.onSent(0, 0, 0, 2_000, 2_000);
        recorder.onFailed(0, 0, 0, 2_000, 900_000, "NOT_SENT");
        recorder.drainInto(true, triple);
        assertEquals(1, triple.responseTime().getTotalCount());
        assertEquals(898_000, triple.responseTime().getMaxValue(), 1_000);
        assertEquals(0, triple.serviceTime().getTotalCount());
        assertEquals(Map.of("NOT_SENT", 1L), recorder.errors(true));
        assertEquals(1, recorder.failedCount(true));
        assertFalse(ledger.isAcked(0, 0, 0));
    }

    @Test
    void shouldRememberEachRecordOfManyInTheLedger() {
        final int count = 300_000;
        for (int i = 0; i < count; i++) {
            recorder.onSent(1, 2, i, 2_000, 2_000);
            if (i % 3 != 0) {
                recorder.onAcked(1, 2, i, 2_000, 2_000, 2_001);
            }
        }
        assertEquals(count, ledger.sentCount(1, 2));
        assertEquals(0, ledger.sentCount(0, 2));
        for (int i = 0; i < count; i++) {
            assertEquals(i % 3 != 0, ledger.isAcked(1, 2, i));
        }
        assertEquals(count, ledger.sentCount());
        assertEquals(count - count / 3, ledger.ackedCount());
    }

    @Test
    void shouldTakeNoPromiseFromAnAcknowledgementThatIsNone() {
        final Ledger other = new Ledger(1, 1);
        final SessionRecorder unanswered = new SessionRecorder(other, false);
        unanswered.onSent(0, 0, 0, 5, 5);
        unanswered.onAcked(0, 0, 0, 5, 5, 6);
        assertFalse(other.isAcked(0, 0, 0));
        assertTrue(unanswered.ackedCount() == 1);
    }
}
