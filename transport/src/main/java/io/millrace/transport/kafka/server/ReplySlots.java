package io.millrace.transport.kafka.server;

import java.util.ArrayList;
import java.util.function.BiConsumer;

/** All slots of one server, by index, and the free ones among them. Owned by the network thread. */
final class ReplySlots {
    private static final int INDEX_MASK = (1 << PooledSlot.INDEX_BITS) - 1;

    private final ArrayList<PooledSlot> all = new ArrayList<>();
    private final ArrayList<PooledSlot> free = new ArrayList<>();
    private final BufferPool replyPool;
    private final SlotTimers timers;
    private final int maxReplyLength;
    private final BiConsumer<PooledSlot, Throwable> crashes;

    ReplySlots(final BufferPool replyPool, final SlotTimers timers, final int maxReplyLength,
        final BiConsumer<PooledSlot, Throwable> crashes) {
        this.replyPool = replyPool;
        this.timers = timers;
        this.maxReplyLength = maxReplyLength;
        this.crashes = crashes;
    }

    /** {@return a slot to open, null when there are too many} */
    PooledSlot take() {
        if (!free.isEmpty()) {
            return free.remove(free.size() - 1);
        }
        if (all.size() > INDEX_MASK) {
            return null;
        }
        final PooledSlot slot = new PooledSlot(all.size(), this);
        all.add(slot);
        return slot;
    }

    void free(final PooledSlot slot) {
        free.add(slot);
    }

    /** Puts a new slot in the place of one that somebody may still know. */
    void replace(final PooledSlot retired) {
        final PooledSlot successor = retired.successor();
        all.set(retired.index(), successor);
        free.add(successor);
    }

    void onCrash(final PooledSlot slot, final Throwable failure) {
        crashes.accept(slot, failure);
    }

    /** {@return the slot in work that a reply id names, null when the id is stale} */
    PooledSlot find(final long replyId) {
        final int index = (int) (replyId >>> ReplySlot.ENTRY_BITS) & INDEX_MASK;
        if (replyId < 0 || index >= all.size()) {
            return null;
        }
        final PooledSlot slot = all.get(index);
        final int generation = (int) (replyId >>> ReplySlot.ENTRY_BITS + PooledSlot.INDEX_BITS);
        return slot.state() == PooledSlot.State.WORKING && slot.generation() == generation ? slot : null;
    }

    int maxReplyLength() {
        return maxReplyLength;
    }

    BufferPool replyPool() {
        return replyPool;
    }

    void schedule(final PooledSlot slot, final long deadlineNs) {
        timers.schedule(slot, deadlineNs);
    }

    void cancelTimer(final PooledSlot slot) {
        timers.cancel(slot);
    }
}
