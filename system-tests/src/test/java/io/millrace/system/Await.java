package io.millrace.system;

import io.millrace.system.chaos.Wait;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.Supplier;

/** Waits for conditions in tests: what does not come to hold fails the test. */
final class Await {
    private Await() {
    }

    static void until(final Duration timeout, final Supplier<String> missing, final Callable<Boolean> condition) {
        try {
            Wait.until(timeout.toSeconds(), missing, condition);
        } catch (final Wait.TooLateException ex) {
            throw new AssertionError(ex.getMessage(), ex);
        }
    }
}
