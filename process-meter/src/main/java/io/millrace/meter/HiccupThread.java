package io.millrace.meter;

import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * Measures stalls of this process and machine, as jHiccup does: a thread that wants to wake every millisecond and says
 * how late it is. Started and closed by its owner; the listener is called by the thread itself.
 */
public final class HiccupThread implements AutoCloseable {
    /** How often it wakes. */
    public static final long INTERVAL_NS = 1_000_000;

    private final LongSupplier clockNs;
    private final LongConsumer listener;
    private final Thread thread;
    private volatile boolean isRunning = true;

    /**
     * @param clockNs  monotonic clock
     * @param listener hears after each turn how late it was, nanoseconds
     */
    public HiccupThread(final LongSupplier clockNs, final LongConsumer listener) {
        this.clockNs = clockNs;
        this.listener = listener;
        thread = new Thread(this::measure, "hiccup-meter");
        thread.setDaemon(true);
    }

    /**
     * A thread that records into a meter. A stall longer than the interval also counts for each wake-up that it
     * swallowed.
     *
     * @param file the meter
     * @return the thread, to be started
     */
    public static HiccupThread into(final MeterFile file) {
        file.keeps(Timing.HICCUP);
        return new HiccupThread(System::nanoTime, lateNs -> {
            file.record(Timing.HICCUP, lateNs);
            for (long ns = lateNs - INTERVAL_NS; ns >= INTERVAL_NS; ns -= INTERVAL_NS) {
                file.record(Timing.HICCUP, ns);
            }
        });
    }

    /** Starts it. */
    public void start() {
        thread.start();
    }

    @Override
    public void close() {
        isRunning = false;
        LockSupport.unpark(thread);
    }

    private void measure() {
        long lastNs = clockNs.getAsLong();
        long shortestNs = Long.MAX_VALUE;
        while (isRunning) {
            LockSupport.parkNanos(INTERVAL_NS);
            final long nowNs = clockNs.getAsLong();
            final long elapsedNs = nowNs - lastNs;
            lastNs = nowNs;
            // The usual cost of parking is no hiccup: the shortest turn so far is the zero.
            shortestNs = Math.min(shortestNs, elapsedNs);
            listener.accept(elapsedNs - shortestNs);
        }
    }
}
