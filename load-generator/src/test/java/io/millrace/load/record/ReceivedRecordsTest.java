package io.millrace.load.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ReceivedRecordsTest {
    private final ReceivedRecords received = new ReceivedRecords();

    @Test
    void shouldCountEachRecordOnceWhateverComesAgainOrLate() {
        final long seed = System.nanoTime();
        final SplittableRandom random = new SplittableRandom(seed);
        final Set<Long> seen = new HashSet<>();
        for (int i = 0; i < 300_000; i++) {
            final int producer = random.nextInt(3);
            final int partition = random.nextInt(4);
            // forward in general, up to 2,000 back, a tenth never
            final int sequence = Math.max(0, i / 12 - random.nextInt(2_000));
            if (sequence % 10 != 3) {
                assertEquals(seen.add((long) producer << 60 | (long) partition << 40 | sequence),
                    received.isFirst(producer, partition, sequence), () -> "seed " + seed + " sequence " + sequence);
            }
        }
    }

    @Test
    void shouldKnowTheRecordThatComesNext() {
        assertTrue(received.isNext(0, 0, 0));
        assertTrue(received.isFirst(0, 0, 0));
        assertTrue(received.isNext(0, 0, 1));
        assertFalse(received.isNext(0, 0, 7));
        assertTrue(received.isFirst(0, 0, 7));
        assertTrue(received.isNext(0, 0, 8));
        assertTrue(received.isFirst(0, 0, 3), "late");
        assertTrue(received.isNext(0, 0, 8));
        assertTrue(received.isNext(0, 1, 0), "another partition");
        assertTrue(received.isFirst(0, 0, Integer.MAX_VALUE));
        assertFalse(received.isNext(0, 0, 0), "nothing is behind the last there is");
    }

    @Test
    void shouldCountNothingTwiceWhenAGapIsGivenUp() {
        assertTrue(received.isFirst(0, 0, 0));
        assertTrue(received.isFirst(0, 0, ReceivedRecords.MAX_WINDOW - 1));
        assertTrue(received.isFirst(0, 0, 5), "still remembered");
        assertFalse(received.isFirst(0, 0, 5));
        assertTrue(received.isFirst(0, 0, 2 * ReceivedRecords.MAX_WINDOW));
        assertFalse(received.isFirst(0, 0, 6), "too far back to know");
        assertFalse(received.isFirst(0, 0, 2 * ReceivedRecords.MAX_WINDOW));
        assertTrue(received.isFirst(0, 0, Integer.MAX_VALUE - 64));
        assertTrue(received.isFirst(0, 0, Integer.MAX_VALUE));
        assertFalse(received.isFirst(0, 0, Integer.MAX_VALUE));
        assertTrue(received.isFirst(1, 0, 0), "another producer's");
        assertTrue(received.isFirst(0, 1, 0), "in another partition");
    }
}
