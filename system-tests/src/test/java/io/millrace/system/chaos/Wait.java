package io.millrace.system.chaos;

import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Waits for conditions with a deadline. */
public final class Wait {
    private static final long POLL_INTERVAL_NS = 20_000_000;

    private Wait() {
    }

    /** What was waited for did not come. */
    public static final class TooLateException extends Exception {
        private static final long serialVersionUID = 1;

        TooLateException(final String message, final Throwable cause) {
            super(message, cause);
        }
    }

    /**
     * Waits until something holds; what it throws counts as not yet.
     *
     * @param timeoutS  how long
     * @param missing   what does not hold, for people
     * @param condition asked again and again
     * @throws TooLateException when it does not come to hold in time
     */
    public static void until(final long timeoutS, final Supplier<String> missing, final Callable<Boolean> condition)
        throws TooLateException {
        final long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(timeoutS);
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
        throw new TooLateException("not within " + timeoutS + " s: " + missing.get()
            + (last == null ? "" : " (" + last + ")"), last);
    }

    /** Lets time pass, unless it is stopped. */
    static void pass(final long ms, final StopFlag stop) {
        final long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ms);
        while (System.nanoTime() - deadlineNs < 0 && !stop.isSet()) {
            LockSupport.parkNanos(Math.min(POLL_INTERVAL_NS, deadlineNs - System.nanoTime()));
        }
    }
}
