package io.millrace.transport.kafka.server;

import java.util.ArrayList;
import java.util.concurrent.TimeUnit;
import org.agrona.DeadlineTimerWheel;
import org.agrona.collections.Long2ObjectHashMap;

/** The slots' deadlines, to about a millisecond. Owned by the network thread. */
final class SlotTimers {
    static final long NO_TIMER = -1;
    private static final long TICK_NS = 1 << 20;
    private static final int TICKS_PER_WHEEL = 1024;

    private final DeadlineTimerWheel wheel;
    private final Long2ObjectHashMap<PooledSlot> slots = new Long2ObjectHashMap<>();
    private final ArrayList<PooledSlot> expired = new ArrayList<>();
    private final DeadlineTimerWheel.TimerHandler onExpiry = this::onExpiry;
    private final DeadlineTimerWheel.TimerConsumer findEarliest = this::findEarliest;
    private long earliestNs = Long.MAX_VALUE;

    SlotTimers(final long startNs) {
        wheel = new DeadlineTimerWheel(TimeUnit.NANOSECONDS, startNs, TICK_NS, TICKS_PER_WHEEL);
    }

    void schedule(final PooledSlot slot, final long deadlineNs) {
        cancel(slot);
        slot.expired = false;
        slot.timerId = wheel.scheduleTimer(deadlineNs);
        slots.put(slot.timerId, slot);
        earliestNs = Math.min(earliestNs, deadlineNs);
    }

    void cancel(final PooledSlot slot) {
        if (slot.timerId != NO_TIMER) {
            wheel.cancelTimer(slot.timerId);
            slots.remove(slot.timerId);
            slot.timerId = NO_TIMER;
        }
    }

    /** {@return how many slots expired} */
    int poll(final long nowNs, final RequestHandler handler) {
        if (wheel.timerCount() == 0) {
            wheel.currentTickTime(nowNs);
            earliestNs = Long.MAX_VALUE;
            return 0;
        }
        // a poll moves on by one tick at most
        while (wheel.currentTickTime() <= nowNs && wheel.timerCount() > 0) {
            wheel.poll(nowNs, onExpiry, Integer.MAX_VALUE);
        }
        final int count = expired.size();
        for (int i = 0; i < count; i++) {
            final PooledSlot slot = expired.get(i);
            if (slot.expired && slot.state() == PooledSlot.State.WORKING) {
                slot.expired = false;
                expire(slot, handler);
            }
        }
        expired.clear();
        return count;
    }

    private static void expire(final PooledSlot slot, final RequestHandler handler) {
        try {
            handler.onExpired(slot);
        } catch (final RuntimeException | StackOverflowError e) {
            if (!slot.isCold()) {
                throw e;
            }
            slot.crash(e);
        }
    }

    /** {@return time until the earliest deadline, at most so long} */
    long untilNextNs(final long nowNs, final long maxNs) {
        if (wheel.timerCount() == 0) {
            return maxNs;
        }
        if (earliestNs <= nowNs) {
            earliestNs = Long.MAX_VALUE;
            wheel.forEach(findEarliest);
        }
        return Math.max(0, Math.min(maxNs, earliestNs + TICK_NS - nowNs));
    }

    private void findEarliest(final long deadlineNs, final long timerId) {
        earliestNs = Math.min(earliestNs, deadlineNs);
    }

    private boolean onExpiry(final TimeUnit unit, final long nowNs, final long timerId) {
        final PooledSlot slot = slots.remove(timerId);
        if (slot != null) {
            slot.timerId = NO_TIMER;
            slot.expired = true;
            expired.add(slot);
        }
        return true;
    }
}
