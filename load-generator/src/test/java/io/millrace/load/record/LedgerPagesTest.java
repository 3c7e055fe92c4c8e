package io.millrace.load.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LedgerPagesTest {
    private static final int PARTITIONS = 5;

    @Test
    void shouldSayTheSameInPagesOfAnyLength() {
        final long seed = System.nanoTime();
        final SplittableRandom random = new SplittableRandom(seed);
        for (final int pageLength : new int[] {64, 100, 1_000, 1 << 20}) {
            final Ledger all = new Ledger(7, PARTITIONS);
            for (int worker = 0; worker < 2; worker++) {
                final int first = worker == 0 ? 0 : 4;
                final Ledger own = new Ledger(first, worker == 0 ? 4 : 3, PARTITIONS);
                fill(own, random);
                LedgerPages.Cursor next = new LedgerPages.Cursor(0, 0);
                while (next != LedgerPages.END) {
                    final byte[] page = LedgerPages.write(own, next, pageLength);
                    assertTrue(page.length <= pageLength, "seed " + seed);
                    next = LedgerPages.read(page, first, own.producerCount(), all);
                }
                for (int producer = first; producer < first + own.producerCount(); producer++) {
                    for (int partition = 0; partition < PARTITIONS; partition++) {
                        assertEquals(own.sentCount(producer, partition), all.sentCount(producer, partition));
                        for (int i = 0; i < own.sentCount(producer, partition); i++) {
                            assertEquals(own.isAcked(producer, partition, i), all.isAcked(producer, partition, i),
                                "seed " + seed);
                        }
                    }
                }
            }
        }
    }

    @Test
    void shouldRefusePagesThatMakeNoSense() {
        final Ledger into = new Ledger(2, PARTITIONS);
        final byte[] beyond = ByteBuffer.allocate(12).putInt(-1).putInt(0)
            .put(new byte[] {100, 1, 0, 0}).array();
        assertThrows(IllegalArgumentException.class, () -> LedgerPages.read(new byte[3], 0, 2, into));
        assertThrows(IllegalArgumentException.class, () -> LedgerPages.read(beyond, 0, 2, into));
        final byte[] tooMany = ByteBuffer.allocate(13).putInt(-1).putInt(0)
            .put(new byte[] {1, 1, 0, 9, 0}).array();
        assertThrows(IllegalArgumentException.class, () -> LedgerPages.read(tooMany, 0, 2, into));
        final byte[] cut = ByteBuffer.allocate(10).putInt(-1).putInt(0).put(new byte[] {1, 1}).array();
        assertThrows(IllegalArgumentException.class, () -> LedgerPages.read(cut, 0, 2, into));
    }

    private static void fill(final Ledger ledger, final SplittableRandom random) {
        for (int producer = 0; producer < ledger.producerCount(); producer++) {
            for (int partition = 0; partition < PARTITIONS - 1; partition++) {
                final int count = random.nextInt(500);
                for (int i = 0; i < count; i++) {
                    ledger.onSent(ledger.firstProducer() + producer, partition, i);
                    if (random.nextInt(10) > 2) {
                        ledger.onAcked(ledger.firstProducer() + producer, partition, i);
                    }
                }
            }
        }
    }
}
