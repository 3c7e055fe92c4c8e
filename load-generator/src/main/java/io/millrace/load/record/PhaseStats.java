package io.millrace.load.record;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;

/** Histograms and counts of one session in one phase; the lag group is the sending thread's, the rest the acking's. */
final class PhaseStats {
    private static final int SIGNIFICANT_DIGITS = 3;

    final SingleWriterRecorder lag = new SingleWriterRecorder(SIGNIFICANT_DIGITS);
    final Counter sent = new Counter();

    final SingleWriterRecorder responseTime = new SingleWriterRecorder(SIGNIFICANT_DIGITS);
    final SingleWriterRecorder serviceTime = new SingleWriterRecorder(SIGNIFICANT_DIGITS);
    /** Set before the record is counted as acknowledged: who saw the count sees this. */
    long lastAckNs;
    final Counter acked = new Counter();
    final Counter failed = new Counter();
    final Map<String, LongAdder> errors = new ConcurrentHashMap<>();

    // The sampling thread's: what it took last is used again for what is recorded next.
    private Histogram lastLag;
    private Histogram lastResponseTime;
    private Histogram lastServiceTime;

    Histogram takeLag() {
        lastLag = lag.getIntervalHistogram(lastLag);
        return lastLag;
    }

    Histogram takeResponseTime() {
        lastResponseTime = responseTime.getIntervalHistogram(lastResponseTime);
        return lastResponseTime;
    }

    Histogram takeServiceTime() {
        lastServiceTime = serviceTime.getIntervalHistogram(lastServiceTime);
        return lastServiceTime;
    }
}
