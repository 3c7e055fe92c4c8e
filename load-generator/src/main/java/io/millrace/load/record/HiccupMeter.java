package io.millrace.load.record;

import io.millrace.meter.HiccupThread;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;
import org.agrona.concurrent.NanoClock;

/**
 * Measures stalls of this process and machine, as jHiccup does, and keeps them for the sampling thread. A stall longer
 * than a turn also counts for each wake-up it swallowed. Started and closed by its owner.
 */
public final class HiccupMeter implements AutoCloseable {
    private final SingleWriterRecorder recorder = new SingleWriterRecorder(3);
    private final HiccupThread thread;

    /**
     * @param clock of the process
     */
    public HiccupMeter(final NanoClock clock) {
        thread = new HiccupThread(clock::nanoTime,
            lateNs -> recorder.recordValueWithExpectedInterval(lateNs, HiccupThread.INTERVAL_NS));
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
        thread.close();
    }
}
