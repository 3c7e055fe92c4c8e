package io.millrace.meter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BucketsTest {
    @Test
    void shouldCountEachTimeOnceWhenGoingThroughAllBuckets() {
        long nextNs = 0;
        for (int i = 0; i < Buckets.COUNT; i++) {
            assertEquals(i, Buckets.indexOf(nextNs), "first of bucket " + i);
            assertEquals(i, Buckets.indexOf(Buckets.highestNs(i)), "last of bucket " + i);
            assertTrue(Buckets.highestNs(i) >= nextNs);
            nextNs = Buckets.highestNs(i) + 1;
        }
        assertEquals(1L << 37, nextNs);
    }

    @Test
    void shouldBeWithinTheStatedErrorWhenTimesAreRandom() {
        final SplittableRandom random = new SplittableRandom(42);
        for (int i = 0; i < 100_000; i++) {
            final long ns = random.nextLong(1L << random.nextInt(1, 37));
            final long highestNs = Buckets.highestNs(Buckets.indexOf(ns));
            assertTrue(highestNs >= ns && highestNs <= Math.max(ns + 256, ns * 1.016), "seed=42 ns=" + ns);
        }
    }

    @Test
    void shouldCountAtTheEndsWhenATimeIsOutOfBounds() {
        assertEquals(0, Buckets.indexOf(-5));
        assertEquals(Buckets.COUNT - 1, Buckets.indexOf(Long.MAX_VALUE));
    }
}
