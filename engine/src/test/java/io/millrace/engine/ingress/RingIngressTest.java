package io.millrace.engine.ingress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.engine.ShardIngress;
import io.millrace.engine.format.FrameDescriptor;
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
    void shouldRefuseAnOddCapacity() {
        assertThrows(IllegalArgumentException.class, () -> new RingIngress(5_000, 1 << 20));
        assertThrows(IllegalArgumentException.class, () -> new RingIngress(1_024, 1 << 20));
    }
}
