package io.millrace.transport.kafka.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ReplySlotsTest {
    @Test
    void shouldNeverGiveAReplyIdOfZeroAlsoWhenGenerationsStartOver() {
        final ReplySlots slots = new ReplySlots(null, new SlotTimers(0), 1024, (slot, failure) -> { });
        int maxGeneration = 0;
        int generation = 0;
        for (int i = 0; i <= 1 << PooledSlot.GENERATION_BITS; i++) {
            final PooledSlot slot = slots.take();
            assertTrue(slot.replyId(0) > 0, () -> "replyId=" + slot.replyId(0));
            generation = slot.generation();
            maxGeneration = Math.max(maxGeneration, generation);
            slot.recycle();
        }
        assertEquals((1 << PooledSlot.GENERATION_BITS) - 1, maxGeneration);
        assertEquals(2, generation, "generations did not start over");
    }
}
