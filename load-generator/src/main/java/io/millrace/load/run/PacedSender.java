package io.millrace.load.run;

import io.millrace.load.driver.DriverProducer;
import io.millrace.load.pacing.Schedule;
import io.millrace.load.pacing.TickSchedule;
import io.millrace.load.workload.Workload;
import org.agrona.concurrent.NanoClock;

/**
 * Sends one producer's ticks when they are due; owned by the sending thread.
 *
 * <p>A late tick is sent at once with the due time it always had. While the in-flight window is full nothing is sent
 * and the lag of what waits grows; no tick is skipped inside a phase. Without a rate the window alone paces: each
 * record is due when there is room for it.
 */
final class PacedSender {
    /** Ticks per call, so that a sender far behind still lets answers in. */
    private static final int MAX_BURST = 64;

    private final Workload workload;
    private final RunPlan plan;
    private final DriverProducer producer;
    private final int producerId;
    private final NanoClock clock;

    private TickSchedule schedule;
    private long unlimitedRemaining;
    private boolean isMeasuring;
    private boolean isEnded;
    private long unsentCount;
    private long dueCount;
    private long lastSendNs;
    private long lastDueNs;

    PacedSender(
        final Workload workload,
        final RunPlan plan,
        final DriverProducer producer,
        final int producerId,
        final NanoClock clock) {
        this.workload = workload;
        this.plan = plan;
        this.producer = producer;
        this.producerId = producerId;
        this.clock = clock;
        this.lastSendNs = plan.measureStartNs();
        this.lastDueNs = lastSendNs;
        if (workload.isUnlimited()) {
            unlimitedRemaining = Long.MAX_VALUE;
        } else {
            // The end of the warm-up is its clock: what was not sent by then is not owed to the measured phase.
            schedule = Schedules.warmup(workload, plan, producerId);
        }
    }

    /** Begins the measured phase: a schedule of its own from its start on. */
    void startMeasuring() {
        isMeasuring = true;
        lastSendNs = plan.measureStartNs(); // it may have been moved
        lastDueNs = lastSendNs;
        if (workload.isUnlimited()) {
            unlimitedRemaining = plan.measureTicks() == Long.MAX_VALUE
                ? Long.MAX_VALUE
                : Schedule.ticksOf(plan.measureTicks(), producerId, plan.allProducers());
        } else {
            schedule = Schedules.measure(workload, plan, producerId);
        }
    }

    /**
     * Sends what is due.
     *
     * @return number of records sent
     */
    int sendDue() {
        return workload.isUnlimited() ? sendUnlimited() : sendScheduled();
    }

    /** {@return when the next record is due, {@link Schedule#NEVER} after the last of the phase} */
    long nextDueNs() {
        if (workload.isUnlimited()) {
            return unlimitedRemaining == 0 ? Schedule.NEVER : Long.MIN_VALUE;
        }
        return schedule.dueNs();
    }

    /** Ends the measured phase: what was not sent of it is counted, and never will be. */
    void endMeasuring() {
        unsentCount = workload.isUnlimited() ? 0 : schedule.remainingCount();
        dueCount = workload.isUnlimited() ? 0 : schedule.sentCount() + unsentCount;
        isEnded = true;
    }

    /** Goes on after the measured phase, with a schedule of its own, or without one if there was none. */
    void startAfter() {
        if (workload.isUnlimited()) {
            unlimitedRemaining = Long.MAX_VALUE;
        } else {
            schedule = Schedules.after(workload, plan, producerId);
        }
    }

    /** {@return measured ticks not sent} */
    long unsentCount() {
        return isEnded ? unsentCount : workload.isUnlimited() ? 0 : schedule.remainingCount();
    }

    /** {@return measured ticks in all, 0 without a schedule; to be read when the phase has ended} */
    long dueCount() {
        return dueCount;
    }

    /** {@return when the last measured record was sent, the start of the phase if none was} */
    long lastSendNs() {
        return lastSendNs;
    }

    /** {@return when the last measured record that was sent was due, the start of the phase if none was} */
    long lastDueNs() {
        return lastDueNs;
    }

    private int sendScheduled() {
        int count = 0;
        while (count < MAX_BURST) {
            final long dueNs = schedule.dueNs();
            if (dueNs == Schedule.NEVER) {
                break;
            }
            final long nowNs = clock.nanoTime();
            if (dueNs - nowNs > 0 || !isMeasuring && dueNs - plan.measureStartNs() >= 0
                || !producer.offer(dueNs, nowNs)) {
                break;
            }
            schedule.advance();
            sent(dueNs, nowNs);
            count++;
        }
        return count;
    }

    private int sendUnlimited() {
        int count = 0;
        while (count < MAX_BURST && unlimitedRemaining > 0) {
            final long nowNs = clock.nanoTime();
            final boolean isMeasureTime = nowNs - plan.measureStartNs() >= 0;
            if (isMeasureTime != isMeasuring || !producer.offer(nowNs, nowNs)) {
                break;
            }
            unlimitedRemaining--;
            sent(nowNs, nowNs);
            count++;
        }
        return count;
    }

    private void sent(final long dueNs, final long nowNs) {
        if (isMeasuring && !isEnded) {
            lastDueNs = dueNs;
            lastSendNs = nowNs;
        }
    }
}
