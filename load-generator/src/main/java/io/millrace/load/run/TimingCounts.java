package io.millrace.load.run;

import io.millrace.meter.Buckets;
import io.millrace.meter.MeterView;
import io.millrace.meter.Timing;
import org.HdrHistogram.Histogram;

/**
 * A timing of another process between two looks at it. Owned by the run's thread.
 *
 * <p>Every time counts as the highest of its bucket, at most 1.6 % more than it was.
 */
final class TimingCounts {
    private final MeterView view;
    private final Timing timing;
    private long[] last;

    TimingCounts(final MeterView view, final Timing timing) {
        this.view = view;
        this.timing = timing;
        last = view.counts(timing);
    }

    /** Goes back to the beginning of the process: the next call takes everything since. */
    void restartAtBirth() {
        last = new long[last.length];
    }

    /** {@return what was timed since the last call, or since this object was made} */
    Histogram take() {
        final long[] now = view.counts(timing);
        final Histogram histogram = new Histogram(3);
        histogram.setAutoResize(true);
        for (int i = 0; i < now.length; i++) {
            if (now[i] > last[i]) {
                histogram.recordValueWithCount(Buckets.highestNs(i), now[i] - last[i]);
            }
        }
        last = now;
        return histogram;
    }
}
