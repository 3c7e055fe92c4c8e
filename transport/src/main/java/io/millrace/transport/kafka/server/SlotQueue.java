package io.millrace.transport.kafka.server;

/** Slots of one connection in the order of their requests. Owned by the network thread. */
final class SlotQueue {
    private static final int INITIAL_CAPACITY = 4;

    private final int maxCount;
    private PooledSlot[] slots;
    private int head;
    private int tail;

    SlotQueue(final int maxCount) {
        this.maxCount = maxCount;
        this.slots = new PooledSlot[Math.min(INITIAL_CAPACITY, maxCount)];
    }

    int count() {
        return tail - head;
    }

    boolean isEmpty() {
        return tail == head;
    }

    PooledSlot peek() {
        return tail == head ? null : slots[head & slots.length - 1];
    }

    /** {@return bytes of replies that are ready but not handed to the socket} */
    long unsentLength() {
        long length = 0;
        for (int i = head; i != tail; i++) {
            final PooledSlot slot = slots[i & slots.length - 1];
            length += slot.state() == PooledSlot.State.READY ? slot.length() - slot.sentIndex : 0;
        }
        return length;
    }

    /** {@return bytes of memory that the slots hold} */
    long heldLength() {
        long length = 0;
        for (int i = head; i != tail; i++) {
            length += slots[i & slots.length - 1].heldLength();
        }
        return length;
    }

    void add(final PooledSlot slot) {
        if (tail - head == slots.length) {
            grow();
        }
        slots[tail++ & slots.length - 1] = slot;
    }

    PooledSlot poll() {
        final int at = head++ & slots.length - 1;
        final PooledSlot slot = slots[at];
        slots[at] = null;
        return slot;
    }

    void removeLast(final PooledSlot slot) {
        final int at = tail - 1 & slots.length - 1;
        if (slots[at] != slot) {
            throw new IllegalStateException("not the last slot");
        }
        slots[at] = null;
        tail--;
    }

    private void grow() {
        if (slots.length >= maxCount) {
            throw new IllegalStateException("too many requests in work: limit=" + maxCount);
        }
        final PooledSlot[] larger = new PooledSlot[slots.length * 2];
        final int count = count();
        for (int i = 0; i < count; i++) {
            larger[i] = slots[head + i & slots.length - 1];
        }
        slots = larger;
        head = 0;
        tail = count;
    }
}
