package io.millrace.load.run;

import io.millrace.load.driver.DriverSession;
import io.millrace.load.pacing.Schedule;
import io.millrace.load.workload.Workload;
import org.agrona.concurrent.NanoClock;

/**
 * One sending thread with its driver session and its producers; the phases as a loop of duty cycles.
 *
 * <p>It waits rather than spins, since the brokers may share its processors: until the next record is due or the
 * session sees an answer, and not for less than the wake interval: waking costs more than sending.
 */
final class LoadWorker implements Runnable {
    private static final long MAX_PARK_NS = 5_000_000;

    private final long wakeIntervalNs;
    private final RunPlan plan;
    private final DriverSession session;
    private final PacedSender[] senders;
    private final NanoClock clock;
    private final StopSignal stop;
    private volatile Throwable failure;
    private volatile boolean isMeasuringDone;
    private volatile boolean isSendingDone;
    private volatile boolean isDone;

    LoadWorker(
        final Workload workload,
        final RunPlan plan,
        final DriverSession session,
        final int[] producerIds,
        final NanoClock clock,
        final StopSignal stop) {
        this.wakeIntervalNs = workload.wakeIntervalNs();
        this.plan = plan;
        this.session = session;
        this.clock = clock;
        this.stop = stop;
        senders = new PacedSender[producerIds.length];
        for (int i = 0; i < senders.length; i++) {
            senders[i] = new PacedSender(workload, plan, session.producer(i), producerIds[i], clock);
        }
    }

    @Override
    public void run() {
        try {
            TimerSlack.reduceForThisThread();
            warmUp();
            measure();
            loadAfter();
            isSendingDone = true;
            drain();
        } catch (final Throwable ex) {
            failure = ex;
            stop.stop();
        } finally {
            isMeasuringDone = true;
            isSendingDone = true;
            closeSession();
            isDone = true;
        }
    }

    /** {@return what ended this thread, or null} */
    Throwable failure() {
        return failure;
    }

    /** {@return true once no more measured records are sent} */
    boolean isMeasuringDone() {
        return isMeasuringDone;
    }

    /** {@return measured ticks in all, sent or not; to be read when the worker is done} */
    long dueCount() {
        long count = 0;
        for (final PacedSender sender : senders) {
            count += sender.dueCount();
        }
        return count;
    }

    /** {@return true once no more records are sent} */
    boolean isSendingDone() {
        return isSendingDone;
    }

    /** {@return true once the session is closed} */
    boolean isDone() {
        return isDone;
    }

    /** {@return measured ticks that were never sent; to be read when the worker is done} */
    long unsentCount() {
        long count = 0;
        for (final PacedSender sender : senders) {
            count += sender.unsentCount();
        }
        return count;
    }

    /** {@return when the last measured record was sent; to be read when the worker is done} */
    long lastSendNs() {
        long lastNs = plan.measureStartNs();
        for (final PacedSender sender : senders) {
            lastNs = Math.max(lastNs, sender.lastSendNs());
        }
        return lastNs;
    }

    /** {@return when the last measured record that was sent was due; to be read when the worker is done} */
    long lastDueNs() {
        long lastNs = plan.measureStartNs();
        for (final PacedSender sender : senders) {
            lastNs = Math.max(lastNs, sender.lastDueNs());
        }
        return lastNs;
    }

    private void warmUp() {
        while (!stop.isStopped() && clock.nanoTime() - plan.measureStartNs() < 0) {
            idle(dutyCycle(), plan.measureStartNs());
        }
    }

    private void measure() {
        for (final PacedSender sender : senders) {
            sender.startMeasuring();
        }
        // A timed run without a schedule ends on time; late ticks of a schedule are sent for a while longer.
        while (!stop.isStopped() && nextDueNs() != Schedule.NEVER) {
            final long nowNs = clock.nanoTime();
            if (plan.isTimed() && nowNs - plan.measureEndNs() >= (isUnlimited() ? 0 : plan.graceNs())) {
                break;
            }
            idle(dutyCycle(), Long.MAX_VALUE);
        }
    }

    private void loadAfter() {
        for (final PacedSender sender : senders) {
            sender.endMeasuring();
        }
        isMeasuringDone = true;
        if (!plan.hasLoadAfter()) {
            return;
        }
        for (final PacedSender sender : senders) {
            sender.startAfter();
        }
        while (!stop.isStopped() && !plan.isLoadAfterOver()) {
            idle(dutyCycle(), Long.MAX_VALUE);
        }
    }

    private void drain() {
        session.drain();
        final long deadlineNs = clock.nanoTime() + plan.graceNs();
        while (session.inFlightCount() > 0 && clock.nanoTime() - deadlineNs < 0) {
            idle(session.poll(clock.nanoTime()), deadlineNs);
        }
    }

    private int dutyCycle() {
        int workCount = 0;
        for (final PacedSender sender : senders) {
            workCount += sender.sendDue();
        }
        return workCount + session.poll(clock.nanoTime());
    }

    private void idle(final int workCount, final long phaseEndNs) {
        if (workCount > 0) {
            return;
        }
        final long nowNs = clock.nanoTime();
        long parkNs = until(phaseEndNs, nowNs);
        parkNs = Math.min(parkNs, until(session.nextDeadlineNs(nowNs), nowNs));
        final long dueNs = nextDueNs();
        // Already due and yet no work done: the window is full, only an answer helps.
        if (dueNs != Schedule.NEVER && !isPast(dueNs, nowNs)) {
            parkNs = Math.min(parkNs, dueNs - nowNs);
        }
        if (parkNs > 0) {
            session.await(Math.max(parkNs, wakeIntervalNs));
        }
    }

    private static boolean isPast(final long dueNs, final long nowNs) {
        return dueNs == Long.MIN_VALUE || dueNs - nowNs <= 0;
    }

    private static long until(final long timeNs, final long nowNs) {
        return timeNs == Long.MAX_VALUE ? MAX_PARK_NS : Math.min(MAX_PARK_NS, timeNs - nowNs);
    }

    private boolean isUnlimited() {
        return senders[0].nextDueNs() == Long.MIN_VALUE;
    }

    private long nextDueNs() {
        long earliestNs = Schedule.NEVER;
        for (final PacedSender sender : senders) {
            final long dueNs = sender.nextDueNs();
            if (dueNs == Long.MIN_VALUE) {
                return dueNs;
            }
            if (dueNs != Schedule.NEVER && (earliestNs == Schedule.NEVER || dueNs - earliestNs < 0)) {
                earliestNs = dueNs;
            }
        }
        return earliestNs;
    }

    private void closeSession() {
        try {
            session.close();
        } catch (final RuntimeException ex) {
            if (failure == null) {
                failure = ex;
            }
        }
    }
}
