package io.millrace.broker.group;

import java.util.TreeSet;
import java.util.function.LongSupplier;

/**
 * What is to happen later. Owned by its coordinator.
 *
 * <p>A timer asks for its time again when it comes up, so that moving it further away costs nothing. One that is
 * cancelled is gone at once, with everything that its action holds.
 */
final class Timers {
    /** One thing to happen. */
    static final class Timer implements Comparable<Timer> {
        private final Timers timers;
        private final LongSupplier dueMs;
        private final Runnable action;
        private final long number;
        private long queuedMs;

        private Timer(final Timers timers, final LongSupplier dueMs, final Runnable action, final long number) {
            this.timers = timers;
            this.dueMs = dueMs;
            this.action = action;
            this.number = number;
        }

        void cancel() {
            timers.queue.remove(this);
        }

        @Override
        public int compareTo(final Timer other) {
            final int order = Long.compare(queuedMs, other.queuedMs);
            return order == 0 ? Long.compare(number, other.number) : order;
        }
    }

    private final TreeSet<Timer> queue = new TreeSet<>();
    private long nextNumber;

    Timer schedule(final LongSupplier dueMs, final Runnable action) {
        final Timer timer = new Timer(this, dueMs, action, nextNumber++);
        timer.queuedMs = dueMs.getAsLong();
        queue.add(timer);
        return timer;
    }

    Timer schedule(final long dueMs, final Runnable action) {
        return schedule(() -> dueMs, action);
    }

    static void cancel(final Timer timer) {
        if (timer != null) {
            timer.cancel();
        }
    }

    /** {@return how many wait for their time} */
    int count() {
        return queue.size();
    }

    /** {@return when to poll next, {@link Long#MAX_VALUE} for never} */
    long nextMs() {
        return queue.isEmpty() ? Long.MAX_VALUE : queue.first().queuedMs;
    }

    /** {@return how many were due and have happened} */
    int poll(final long nowMs, final int limit) {
        int count = 0;
        while (count < limit && !queue.isEmpty() && queue.first().queuedMs <= nowMs) {
            final Timer timer = queue.pollFirst();
            final long dueMs = timer.dueMs.getAsLong();
            if (dueMs > nowMs) {
                timer.queuedMs = dueMs;
                queue.add(timer);
            } else {
                timer.action.run();
                count++;
            }
        }
        return count;
    }
}
