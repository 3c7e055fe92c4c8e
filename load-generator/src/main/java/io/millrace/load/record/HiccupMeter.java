package io.millrace.load.record;

import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;
import org.agrona.concurrent.NanoClock;

/**
 * Measures stalls of this process and machine: a thread that wants to wake every millisecond and records how late it
 * is, as jHiccup does. A stall longer than the interval also counts for each wake-up it swallowed.
 */
public final class HiccupMeter implements AutoCloseable {
    private static final long INTERVAL_NS = 1_000_000;

    private final NanoClock clock;
    private final SingleWriterRecorder recorder = new SingleWriterRecorder(3);
    private final Thread thread;
    private volatile boolean running = true;

    /**
     * @param clock of the process
     */
    public HiccupMeter(final NanoClock clock) {
        this.clock = clock;
        thread = new Thread(this::measure, "hiccup-meter");
        thread.setDaemon(true);
    }

    /** Starts the thread. */
    public void start() {
        thread.start();
    }

    /** {@return stalls since the last call; sampling thread} */
    public Histogram takeInterval() {
        return recorder.getIntervalHistogram();
    }

    @Override
    public void close() {
        running = false;
        LockSupport.unpark(thread);
    }

    private void measure() {
        long lastNs = clock.nanoTime();
        long shortestNs = Long.MAX_VALUE;
        while (running) {
            LockSupport.parkNanos(INTERVAL_NS);
            final long nowNs = clock.nanoTime();
            final long elapsedNs = nowNs - lastNs;
            lastNs = nowNs;
            // The usual cost of parking is no hiccup: the shortest turn so far is the zero.
            shortestNs = Math.min(shortestNs, elapsedNs);
            recorder.recordValueWithExpectedInterval(elapsedNs - shortestNs, INTERVAL_NS);
        }
    }
}
