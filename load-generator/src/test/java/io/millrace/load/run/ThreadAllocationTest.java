package io.millrace.load.run;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(600)
class ThreadAllocationTest {
    private static final int LENGTH = 8 << 20;

    @Test
    void shouldKeepWhatAThreadAllocatedWhenItHasEnded() throws InterruptedException {
        final ThreadAllocation allocation = new ThreadAllocation();
        final long before = allocation.length();
        final CountDownLatch allocated = new CountDownLatch(1);
        final CountDownLatch seen = new CountDownLatch(1);
        final byte[][] kept = new byte[1][];
        final Thread thread = new Thread(() -> {
            kept[0] = new byte[LENGTH];
            allocated.countDown();
            try {
                seen.await(120, TimeUnit.SECONDS);
            } catch (final InterruptedException ex) {
                Thread.currentThread().interrupt();
            }
        });
        thread.start();
        assertTrue(allocated.await(120, TimeUnit.SECONDS));
        final long during = allocation.length();
        seen.countDown();
        thread.join(120_000);
        assertTrue(kept[0].length == LENGTH && during - before >= LENGTH, "allocated " + (during - before));
        assertTrue(allocation.length() >= during);
    }
}
