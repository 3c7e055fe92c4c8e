package io.millrace.broker.node;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.SystemNanoClock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class ParkingIdleStrategyTest {
    private static final long VERY_LONG_NS = TimeUnit.HOURS.toNanos(1);

    @Test
    void shouldNotSleepThroughAnyWakeUp() throws InterruptedException {
        final ParkingIdleStrategy idle =
            new ParkingIdleStrategy(SystemNanoClock.INSTANCE, VERY_LONG_NS, VERY_LONG_NS);
        final AtomicLong asked = new AtomicLong();
        final AtomicLong done = new AtomicLong();
        final AtomicBoolean running = new AtomicBoolean(true);
        final CountDownLatch ended = new CountDownLatch(1);
        final Thread sleeper = new Thread(() -> {
            while (running.get()) {
                final long due = asked.get();
                final int work = due > done.get() ? 1 : 0;
                done.set(due);
                idle.idle(work);
            }
            ended.countDown();
        });
        sleeper.start();
        // on a busy machine each takes a turn of the scheduler: then fewer must do
        final long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        for (int i = 1; i <= 20_000 && System.nanoTime() - endNs < 0; i++) {
            final long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            asked.set(i);
            idle.wakeUp();
            while (done.get() < i) {
                Thread.yield(); // where there is one processor only, the sleeper needs it
                assertTrue(System.nanoTime() - deadlineNs < 0, "wake-up " + i + " was lost, or nothing runs");
            }
        }
        running.set(false);
        idle.wakeUp();
        assertTrue(ended.await(60, TimeUnit.SECONDS), "the sleeper did not end");
    }
}
