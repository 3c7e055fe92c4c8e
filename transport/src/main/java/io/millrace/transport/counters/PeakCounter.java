package io.millrace.transport.counters;

import org.agrona.BitUtil;
import org.agrona.concurrent.AtomicBuffer;
import org.agrona.concurrent.status.AtomicCounter;

/** A maximum since the start, and the maxima of the last seconds. Owned by the one thread that records. */
public final class PeakCounter {
    private static final long NS_PER_MS = 1_000_000L;

    static {
        if (!BitUtil.isPowerOfTwo(CountersDescriptor.SLOT_COUNT)) {
            throw new AssertionError("slots are found by a mask: count=" + CountersDescriptor.SLOT_COUNT);
        }
    }

    private final AtomicCounter counter;
    private final AtomicBuffer slots;
    private final long originNs;
    private long slotEndNs;
    private int slotIndex;
    private long slotMax = Long.MAX_VALUE;
    private long max;

    PeakCounter(final AtomicCounter counter, final AtomicBuffer slots, final long originNs) {
        this.counter = counter;
        this.slots = slots;
        this.originNs = originNs;
        slotEndNs = originNs;
        for (int i = 0; i < CountersDescriptor.SLOT_COUNT; i++) {
            slots.putLong(i * CountersDescriptor.SLOT_LENGTH, CountersDescriptor.NO_TIME);
        }
    }

    /**
     * Takes one value into account; a store only when it is the largest of its quarter of a second.
     *
     * @param nowNs of the node's monotonic clock
     * @param value zero or more
     */
    public void record(final long nowNs, final long value) {
        if (nowNs - slotEndNs >= 0) {
            beginSlot(nowNs);
        }
        if (value > slotMax) {
            raise(nowNs, value);
        }
    }

    private void beginSlot(final long nowNs) {
        final long slot = (nowNs - originNs) / CountersDescriptor.SLOT_NS;
        slotEndNs = originNs + (slot + 1) * CountersDescriptor.SLOT_NS;
        slotIndex = (int) (slot & CountersDescriptor.SLOT_COUNT - 1) * CountersDescriptor.SLOT_LENGTH;
        slotMax = 0;
    }

    private void raise(final long nowNs, final long value) {
        slotMax = value;
        // each store is a release; a reader that sees the same time before and after the value has a pair
        slots.putLongRelease(slotIndex + CountersDescriptor.SLOT_TIME_OFFSET, CountersDescriptor.NO_TIME);
        slots.putLongRelease(slotIndex + CountersDescriptor.SLOT_VALUE_OFFSET, value);
        slots.putLongRelease(slotIndex + CountersDescriptor.SLOT_TIME_OFFSET, (nowNs - originNs) / NS_PER_MS);
        if (value > max) {
            max = value;
            counter.setRelease(value);
        }
    }
}
