package io.millrace.broker.node;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.NanoClock;

/**
 * Parks the thread it belongs to: briefly while there was traffic lately, longer when it is quiet. Another thread that
 * has work for it calls {@link #wakeUp()}. Owned by the idling thread.
 *
 * <p>What counts as traffic the agent says by {@link #noteTraffic()}: heartbeats are work too, but none to stay awake
 * for.
 */
final class ParkingIdleStrategy implements IdleStrategy {
    private static final long QUIET_AFTER_NS = TimeUnit.SECONDS.toNanos(1);
    private static final int SPIN_COUNT = 1;

    private final NanoClock clock;
    private final long busyParkNs;
    private final long quietParkNs;
    private long lastTrafficNs;
    private int idleCount;
    private volatile Thread parked;
    private volatile boolean wakeUpRequested;

    /**
     * Sets the two waits.
     *
     * @param clock       monotonic time
     * @param busyParkNs  longest park while there was traffic in the last second
     * @param quietParkNs longest park otherwise
     */
    ParkingIdleStrategy(final NanoClock clock, final long busyParkNs, final long quietParkNs) {
        this.clock = clock;
        this.busyParkNs = busyParkNs;
        this.quietParkNs = quietParkNs;
        this.lastTrafficNs = clock.nanoTime();
    }

    /** Ends the present park, or keeps the next one from beginning; any thread, cheap when the thread is at work. */
    void wakeUp() {
        wakeUpRequested = true; // stored each time: what was published before must be seen by whoever takes the request
        final Thread thread = parked;
        if (thread != null) {
            LockSupport.unpark(thread);
        }
    }

    @Override
    public void idle(final int workCount) {
        if (workCount > 0) {
            reset();
        } else {
            idle();
        }
    }

    @Override
    public void idle() {
        if (wakeUpRequested) {
            wakeUpRequested = false;
            return;
        }
        if (++idleCount <= SPIN_COUNT) {
            Thread.onSpinWait();
            return;
        }
        final long nowNs = clock.nanoTime();
        final long parkNs = nowNs - lastTrafficNs > QUIET_AFTER_NS ? quietParkNs : busyParkNs;
        parked = Thread.currentThread();
        // asked again after saying that it parks, so that no request falls between
        if (!wakeUpRequested) {
            LockSupport.parkNanos(this, parkNs);
        }
        parked = null;
        wakeUpRequested = false;
    }

    @Override
    public void reset() {
        idleCount = 0;
    }

    /** More may follow soon. */
    void noteTraffic() {
        lastTrafficNs = clock.nanoTime();
    }
}
