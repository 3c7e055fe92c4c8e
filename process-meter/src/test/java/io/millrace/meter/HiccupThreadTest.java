package io.millrace.meter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HiccupThreadTest {
    private static final long MS = 1_000_000L;
    private static final int TURN_COUNT = 5;

    @TempDir
    private Path directory;

    @Test
    void shouldSayHowLateItWasBeyondTheShortestTurnWhenTheClockJumps() throws Exception {
        final long[] turnsNs = {MS + 60_000, MS + 55_000, 31 * MS + 55_000, MS + 55_000, MS + 80_000};
        final AtomicInteger turn = new AtomicInteger(-1);
        final long[] nowNs = {1_000};
        final List<Long> late = new CopyOnWriteArrayList<>();
        final CountDownLatch done = new CountDownLatch(TURN_COUNT);
        try (HiccupThread thread = new HiccupThread(() -> {
            final int n = turn.getAndIncrement();
            nowNs[0] += n < 0 ? 0 : turnsNs[Math.min(n, TURN_COUNT - 1)];
            return nowNs[0];
        }, ns -> {
            late.add(ns);
            done.countDown();
        })) {
            thread.start();
            assertTrue(done.await(60, TimeUnit.SECONDS));
        }
        assertEquals(List.of(0L, 0L, 30 * MS, 0L, 25_000L), List.copyOf(late).subList(0, TURN_COUNT));
    }

    @Test
    void shouldCountTheWakeUpsThatAStallSwallowedWhenItIsLong() throws Exception {
        try (MeterFile file = MeterFile.create(directory);
            HiccupThread thread = HiccupThread.into(file)) {
            final MeterView view = MeterView.ofProcess(ProcessHandle.current().pid());
            assertTrue(view.has(Timing.HICCUP));
            thread.start();
            final long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            while (Arrays.stream(view.counts(Timing.HICCUP)).sum() < 10) {
                assertTrue(System.nanoTime() - deadlineNs < 0, "the thread records");
                LockSupport.parkNanos(MS);
            }
        }
    }
}
