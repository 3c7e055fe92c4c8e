package io.millrace.system;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Waits for conditions, with a deadline and a word on what was missing. */
final class Await {
    private static final long POLL_INTERVAL_NS = 20_000_000;

    private Await() {
    }

    static void until(final Duration timeout, final Supplier<String> missing, final Callable<Boolean> condition) {
        final long deadlineNs = System.nanoTime() + timeout.toNanos();
        Exception last = null;
        do {
            try {
                if (condition.call()) {
                    return;
                }
                last = null;
            } catch (final Exception ex) {
                last = ex;
            }
            LockSupport.parkNanos(POLL_INTERVAL_NS);
        } while (System.nanoTime() - deadlineNs < 0);
        throw new AssertionError("not within " + timeout.toSeconds() + " s: " + missing.get(), last);
    }
}
