package io.millrace.results.model;

import org.junit.jupiter.api.Test;

import java.util.Map;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class MeasuredTest {
    @Test
    void shouldNotProveAQuantileWhenFailedOrUnsentRecordsReachIntoIt() {
        final Measured failed = measured(990_000, 10_000);
        assertTrue(failed.isProven(Tags.ACK_RT, 0.99), "just one per cent");
        assertFalse(failed.isProven(Tags.ACK_RT, 0.999));
        assertFalse(failed.isProven(Tags.ACK_RT, 1));
        assertTrue(failed.isProven(Tags.SCHED_LAG, 1), "when it was sent is known");
        final Measured unsent = failed.withMissing(1_000, 0, 0.99);
        assertFalse(unsent.isProven(Tags.ACK_RT, 0.99));
        assertFalse(unsent.isProven(Tags.ACK_SERVICE, 0.99));
        assertTrue(unsent.isProven(Tags.ACK_RT, 0.9));
        assertEquals(10_000, unsent.failedCount());
    }

    @Test
    void shouldNotProveAnEndToEndTimeWhenRecordsWereNeverReceived() {
        final Measured unreceived = measured(1_000_000, 0).withMissing(0, 1_500, 1);
        assertFalse(unreceived.isProven(Tags.E2E_RT, 0.999));
        assertTrue(unreceived.isProven(Tags.E2E_RT, 0.99));
        assertTrue(unreceived.isProven(Tags.ACK_RT, 1));
    }

    @Test
    void shouldProveEverythingWhenNothingIsMissing() {
        assertTrue(measured(10, 0).isProven(Tags.ACK_RT, 1));
        assertTrue(measured(0, 0).isProven(Tags.E2E_RT, 0.5));
    }

    private static Measured measured(final long acked, final long failed) {
        return new Measured(1, acked + failed, acked, acked, failed == 0 ? Map.of() : Map.of("X", failed), 1, 1, null,
            null);
    }
}
