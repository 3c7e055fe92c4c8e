package io.millrace.broker.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutcomeQueueTest {
    private final OutcomeQueue queue = new OutcomeQueue();
    private final List<String> seen = new ArrayList<>();

    private int drain() {
        return queue.drain((replyId, error, base, start) -> seen.add(replyId + ":" + error + ":" + base + ":" + start));
    }

    @Test
    void shouldHandOverOutcomesInOrder() {
        queue.onOutcome(7, (short)0, 100, 5);
        queue.onOutcome(8, (short)-1, -1, -1);
        assertTrue(queue.isStaged());
        assertEquals(0, drain(), "decided, not yet published");
        queue.publish();
        assertFalse(queue.isStaged());
        assertTrue(queue.takePublished());
        assertFalse(queue.takePublished());
        assertEquals(2, drain());
        assertEquals(List.of("7:0:100:5", "8:-1:-1:-1"), seen);
    }

    @Test
    void shouldLeaveOutWhatNobodyWaitsFor() {
        queue.onOutcome(OutcomeQueue.NOBODY, (short)0, 100, 5);
        queue.publish();
        assertFalse(queue.takePublished());
        assertEquals(0, drain());
    }

    @Test
    void shouldTakeBackAcceptancesAndKeepRefusalsWhenTheLeaseEndedMeanwhile() {
        queue.onOutcome(7, (short)0, 100, 5);
        queue.onOutcome(8, (short)45, -1, -1);
        queue.publishRefused();
        assertEquals(2, drain());
        assertEquals(List.of("7:6:-1:-1", "8:45:-1:-1"), seen);
    }

    @Test
    void shouldHoldAsManyOutcomesAsBatchesMayBeInFlightWhereverTheRingStands() {
        for (int round = 0; round < 5; round++) {
            for (int i = 0; i < OutcomeQueue.ENTRY_LIMIT; i++) {
                queue.onOutcome(i + 1, (short)0, i, 0);
            }
            queue.publish();
            int drained = 0;
            while (drained < OutcomeQueue.ENTRY_LIMIT) {
                drained += drain();
            }
            queue.onOutcome(1, (short)0, 1, 0); // shifts the ring for the next round
            queue.publish();
            drain();
        }
    }

    @Test
    void shouldFailLoudlyWhenTheLimitIsBroken() {
        assertThrows(IllegalStateException.class, () -> {
            for (int i = 0; i < 4 * OutcomeQueue.ENTRY_LIMIT; i++) {
                queue.onOutcome(i + 1, (short)0, i, 0);
            }
        });
    }
}
