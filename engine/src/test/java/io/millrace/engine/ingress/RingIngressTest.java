package io.millrace.engine.ingress;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.engine.ShardIngress;
import io.millrace.engine.format.FrameDescriptor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.agrona.concurrent.ringbuffer.RecordDescriptor;
import org.junit.jupiter.api.Test;

class RingIngressTest {
    private static final int CAPACITY = 8 * 1024;
    private final RingIngress ingress = new RingIngress(CAPACITY, 1 << 20);

    @Test
    void shouldTakeNothingWhileClosed() {
        assertEquals(ShardIngress.NOT_LEADING, ingress.tryClaim(1, 100, 1, 1));
        assertEquals(0, ingress.occupiedLength());
        ingress.open();
        assertTrue(ingress.tryClaim(1, 100, 1, 1) > 0);
        ingress.close();
        assertEquals(ShardIngress.NOT_LEADING, ingress.tryClaim(1, 100, 1, 1));
    }

    @Test
    void shouldLayOutAClaimAsAFrame() {
        ingress.open();
        final int index = ingress.tryClaim(17, 100, 0x1122334455667788L, -1);
        final int frame = index - FrameDescriptor.HEADER_LENGTH;
        ingress.commit(index);

        assertEquals(132, FrameDescriptor.length(ingress.buffer(), frame));
        assertEquals(FrameDescriptor.TYPE_BATCH, FrameDescriptor.type(ingress.buffer(), frame));
        assertEquals(0x1122334455667788L, FrameDescriptor.position(ingress.buffer(), frame));
        assertEquals(-1, FrameDescriptor.leaderEpoch(ingress.buffer(), frame));
        assertEquals(17, FrameDescriptor.partitionId(ingress.buffer(), frame));
        assertEquals(136, ingress.occupiedLength());
    }

    @Test
    void shouldBeFullWhenTheRingHasNoRoom() {
        ingress.open();
        final int first = ingress.tryClaim(1, ingress.maxBatchLength(), 1, 1);
        for (int i = 1; i < CAPACITY / (8 + CAPACITY / 8); i++) {
            assertTrue(ingress.tryClaim(1, ingress.maxBatchLength(), 1, 1) > 0);
        }
        assertEquals(ShardIngress.FULL, ingress.tryClaim(1, ingress.maxBatchLength(), 1, 1));
        ingress.abort(first);
        ingress.ring().read((type, buffer, index, length) -> {
            throw new AssertionError("aborted");
        });
        assertTrue(ingress.tryClaim(1, ingress.maxBatchLength(), 1, 1) > 0);
    }

    @Test
    void shouldRefuseBatchesThatNeverFit() {
        ingress.open();
        assertEquals(CAPACITY / 8 - 24, ingress.maxBatchLength());
        assertThrows(IllegalArgumentException.class,
            () -> ingress.tryClaim(1, ingress.maxBatchLength() + 1, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> ingress.tryClaim(1, 60, 1, 1));
        assertEquals(500 - 32, new RingIngress(CAPACITY, 500).maxBatchLength());
    }

    @Test
    void shouldGiveItsRingBackOnceNobodyHoldsAClaimAndAllIsDrained() {
        final RingPool pool = new RingPool(CAPACITY, CAPACITY);
        final RingIngress first = new RingIngress(pool, 1 << 20);
        final RingIngress second = new RingIngress(pool, 1 << 20);
        first.open();
        final int index = first.tryClaim(1, 100, 1, 1);
        assertFalse(first.release(), "open");
        first.close();
        assertFalse(first.release(), "claimed");
        assertFalse(second.prepare(), "the budget is one ring");
        first.commit(index);
        assertFalse(first.release(), "not drained");
        assertEquals(1, first.ring().read((type, buffer, at, length) -> { }));
        assertTrue(first.release());
        assertEquals(0, pool.liveCount());
        assertEquals(0, first.occupiedLength());
        assertTrue(second.prepare());
        second.open();
        assertTrue(second.tryClaim(1, 100, 1, 1) > 0);
        assertEquals(ShardIngress.NOT_LEADING, first.tryClaim(1, 100, 1, 1));
    }

    /** Two shards hand one ring to and fro under a claimer that knows nothing of it. */
    @Test
    void shouldNeverLetAClaimIntoARingThatAnotherShardHas() throws InterruptedException {
        final RingPool pool = new RingPool(CAPACITY, CAPACITY);
        final RingIngress[] shards = {new RingIngress(pool, 1 << 20), new RingIngress(pool, 1 << 20)};
        final AtomicBoolean running = new AtomicBoolean(true);
        final long[] claimedCounts = new long[2];
        final Thread claimer = new Thread(() -> {
            for (int i = 0; running.get(); i++) {
                final int shard = i & 1;
                final int index = shards[shard].tryClaim(shard, 100, 1, 1);
                if (index > 0) {
                    claimedCounts[shard]++;
                    shards[shard].commit(index);
                }
            }
        });
        claimer.start();
        final long[] readCounts = new long[2];
        final int[] wrongCount = new int[1];
        for (int turn = 0; turn < 20_000; turn++) {
            final int shard = turn & 1;
            final RingIngress ingress = shards[shard];
            assertTrue(ingress.prepare());
            ingress.open();
            drain(ingress, shard, readCounts, wrongCount);
            ingress.close();
            while (!ingress.release()) {
                drain(ingress, shard, readCounts, wrongCount);
            }
        }
        running.set(false);
        claimer.join();
        assertEquals(0, wrongCount[0]);
        assertArrayEquals(claimedCounts, readCounts);
    }

    private static void drain(
        final RingIngress ingress, final int shard, final long[] readCounts, final int[] wrongCount) {
        ingress.ring().read((type, buffer, index, length) -> {
            readCounts[shard]++;
            final int frame = index - RecordDescriptor.HEADER_LENGTH;
            wrongCount[0] += FrameDescriptor.partitionId(buffer, frame) == shard ? 0 : 1;
        });
    }

    @Test
    void shouldRefuseAnOddCapacity() {
        assertThrows(IllegalArgumentException.class, () -> new RingIngress(5_000, 1 << 20));
        assertThrows(IllegalArgumentException.class, () -> new RingIngress(1_024, 1 << 20));
    }
}
