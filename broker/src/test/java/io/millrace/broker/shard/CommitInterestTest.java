package io.millrace.broker.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class CommitInterestTest {
    private static final int ROUND_COUNT = 50_000;
    /** On a busy machine with one processor fewer rounds must do. */
    private static final long BUDGET_NS = TimeUnit.SECONDS.toNanos(15);

    private final CommitInterest interest = new CommitInterest();
    private final AtomicLong mark = new AtomicLong();
    private final AtomicLong engineRound = new AtomicLong();
    private final AtomicLong networkRound = new AtomicLong();
    private volatile boolean isSeenByEngine;

    @Test
    void shouldBeWantedWhileSetOnly() {
        assertFalse(interest.isWanted());
        interest.set(true);
        interest.set(true);
        assertTrue(interest.isWanted());
        interest.set(false);
        assertFalse(interest.isWanted());
    }

    /** Both begin a round at about the same time: one publishes a mark and looks, the other sets and looks. */
    @Test
    void shouldBeSeenByOneOfThemWhenBothStoreAndThenLoad() throws InterruptedException {
        final long endNs = System.nanoTime() + BUDGET_NS;
        final Thread engine = new Thread(() -> runEngine(endNs), "engine");
        engine.start();
        int missedCount = 0;
        int round = 0;
        while (round < ROUND_COUNT && System.nanoTime() - endNs < 0) {
            round++;
            interest.set(false);
            networkRound.set(round);
            interest.set(true);
            final boolean isMarkSeen = mark.getAcquire() == round;
            awaitRound(engineRound, round, endNs);
            if (engineRound.get() == round) { // else the time is up
                missedCount += isMarkSeen || isSeenByEngine ? 0 : 1;
            }
        }
        networkRound.set(Long.MAX_VALUE);
        engine.join();
        assertEquals(0, missedCount, "rounds in which nobody would have woken anybody, of " + round);
    }

    private void runEngine(final long endNs) {
        for (long round = 1; round <= ROUND_COUNT && System.nanoTime() - endNs < 0; round++) {
            awaitRound(networkRound, round, endNs);
            mark.setRelease(round);
            isSeenByEngine = interest.isWanted();
            engineRound.set(round);
        }
    }

    private static void awaitRound(final AtomicLong counter, final long round, final long endNs) {
        for (int i = 0; counter.get() < round && System.nanoTime() - endNs < 0; i++) {
            if (i < 100) {
                Thread.onSpinWait();
            } else {
                Thread.yield(); // where there is one processor only, the other thread needs it
            }
        }
    }
}
