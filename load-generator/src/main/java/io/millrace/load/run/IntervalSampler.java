package io.millrace.load.run;

import io.millrace.load.record.HiccupMeter;
import io.millrace.load.record.MeasuredStalls;
import io.millrace.load.record.SessionRecorder;
import io.millrace.load.workload.Workload;
import io.millrace.results.model.RunEvent;
import io.millrace.results.model.Tags;
import io.millrace.results.model.TimelineRow;
import io.millrace.results.store.RunWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.agrona.concurrent.EpochClock;

/** Takes what all sessions recorded since the last time and writes it as one interval; owned by the run's thread. */
final class IntervalSampler {
    private static final String OWN = "This process itself";
    /** What follows the measured phase is left out of every figure, too. */
    private static final String AFTER_PREFIX = Tags.WARMUP_PREFIX + "after.";

    private final List<SessionRecorder> recorders;
    private final HiccupMeter hiccups;
    private final List<NodeMeter> brokers;
    private final RunWriter writer;
    private final EpochClock clock;
    private final Workload workload;
    private final Consumers consumers;
    private final ShareLink share;
    private final List<Second> seconds = new ArrayList<>();
    private final Histogram endToEnd = new Histogram(3);
    private final SessionRecorder.LatencyTriple warmup = new SessionRecorder.LatencyTriple();
    private final SessionRecorder.LatencyTriple measured = new SessionRecorder.LatencyTriple();
    private final List<Double> measuredP50Ns = new ArrayList<>();

    private final MeasuredStalls ownStalls = new MeasuredStalls();
    private final MeasuredStalls brokerStalls = new MeasuredStalls();

    private long startMs;
    private long lastSent;
    private long lastAcked;
    private long lastFailed;
    private Snapshot last = new Snapshot(0, 0, 0, 0, -1, -1, 0, 0);

    IntervalSampler(
        final List<SessionRecorder> recorders,
        final Consumers consumers,
        final HiccupMeter hiccups,
        final List<NodeMeter> brokers,
        final RunWriter writer,
        final EpochClock clock,
        final Workload workload,
        final ShareLink share) {
        this.recorders = recorders;
        this.consumers = consumers;
        this.share = share;
        this.hiccups = hiccups;
        this.brokers = brokers;
        this.writer = writer;
        this.clock = clock;
        this.workload = workload;
        this.startMs = clock.time();
    }

    /** The first interval begins now. */
    void begin() {
        startMs = clock.time();
    }

    /**
     * Writes the interval since the last call.
     *
     * @param phase  it belongs to: "warmup", "measure", "backlog", "drain" or "cooldown"
     */
    void sample(final String phase) {
        final long endMs = clock.time();
        if (share != null) {
            share.onTick(phase);
        }
        if (endMs <= startMs) {
            return;
        }
        final boolean isWarmup = "warmup".equals(phase);
        warmup.reset();
        measured.reset();
        for (final SessionRecorder recorder : recorders) {
            takeEvents(recorder);
            recorder.drainInto(false, warmup);
            recorder.drainInto(true, measured);
        }
        write(warmup, isWarmup ? Tags.WARMUP_PREFIX : AFTER_PREFIX, !isWarmup, endMs);
        write(measured, "", isWarmup, endMs);
        writeEndToEnd(isWarmup, endMs);
        final Histogram hiccup = hiccups.takeInterval();
        put(isWarmup ? Tags.WARMUP_PREFIX + Tags.HICCUP_CLIENT : Tags.HICCUP_CLIENT, hiccup, endMs);
        for (final NodeMeter broker : brokers) {
            if (!broker.hasHiccups()) {
                continue;
            }
            final Histogram ofBroker = broker.takeHiccups();
            put((isWarmup ? Tags.WARMUP_PREFIX : "") + Tags.HICCUP_PREFIX + broker.name(), ofBroker, endMs);
            brokerStalls.add(phase, broker.name(), ofBroker);
        }
        final boolean isMeasured = measured.responseTime().getTotalCount() > 0 || "measure".equals(phase);
        final Histogram shown = isMeasured ? measured.responseTime() : warmup.responseTime();
        if ("measure".equals(phase) && shown.getTotalCount() > 0) {
            measuredP50Ns.add((double) shown.getValueAtPercentile(50));
        }
        ownStalls.add(phase, OWN, hiccup);
        final long failedBefore = lastFailed;
        count(phase, endMs, shown);
        if (!workload.faults().isEmpty() && "measure".equals(phase)) {
            seconds.add(new Second(startMs, endMs, shown.getTotalCount() == 0 ? -1 : shown.getValueAtPercentile(99),
                lastFailed - failedBefore, shown.copy()));
        }
        startMs = endMs;
    }

    /** {@return what the last interval showed} */
    Snapshot last() {
        return last;
    }

    /** {@return median response time of each measured interval so far} */
    List<Double> measuredP50Ns() {
        return measuredP50Ns;
    }

    /** {@return each measured interval, if the workload has faults} */
    List<Second> seconds() {
        return seconds;
    }

    /** {@return stalls of this process within the measured phase} */
    Map<String, Histogram> ownStalls() {
        return ownStalls.byProcess();
    }

    /** {@return stalls inside each broker that measures them within the measured phase, by its name} */
    Map<String, Histogram> brokerStalls() {
        return brokerStalls.byProcess();
    }

    private void takeEvents(final SessionRecorder recorder) {
        SessionRecorder.Event event = recorder.takeEvent();
        while (event != null) {
            final RunEvent written = new RunEvent(event.atMs(), "client", event.name(), event.detail(), null);
            writer.event(written);
            if (share != null) {
                share.onEvent(written);
            }
            event = recorder.takeEvent();
        }
    }

    private void write(
        final SessionRecorder.LatencyTriple triple, final String prefix, final boolean isOptional, final long endMs) {
        // An interval without answers is worth writing in its own phase, where it may be an outage.
        if (isOptional && triple.responseTime().getTotalCount() == 0 && triple.lag().getTotalCount() == 0) {
            return;
        }
        put(prefix + Tags.ACK_RT, triple.responseTime(), endMs);
        put(prefix + Tags.ACK_SERVICE, triple.serviceTime(), endMs);
        put(prefix + Tags.SCHED_LAG, triple.lag(), endMs);
    }

    private void writeEndToEnd(final boolean isWarmup, final long endMs) {
        if (consumers.isEmpty()) {
            return;
        }
        for (final boolean isMeasured : new boolean[] {false, true}) {
            endToEnd.reset();
            consumers.drainInto(isMeasured, endToEnd);
            if (endToEnd.getTotalCount() > 0) {
                put((isMeasured ? "" : isWarmup ? Tags.WARMUP_PREFIX : AFTER_PREFIX) + Tags.E2E_RT, endToEnd, endMs);
            }
        }
    }

    private void put(final String tag, final Histogram histogram, final long endMs) {
        writer.interval(tag, histogram, startMs, endMs);
        if (share != null) {
            share.onHistogram(tag, histogram);
        }
    }

    private void count(final String phase, final long endMs, final Histogram shown) {
        long sent = 0;
        long acked = 0;
        long failed = 0;
        for (final SessionRecorder recorder : recorders) {
            acked += recorder.ackedCount();
            failed += recorder.failedCount();
            sent += recorder.sentCount();
        }
        final boolean isEmpty = shown.getTotalCount() == 0;
        final long p50Ns = isEmpty ? -1 : shown.getValueAtPercentile(50);
        final long p99Ns = isEmpty ? -1 : shown.getValueAtPercentile(99);
        writer.timeline(new TimelineRow(startMs, phase, sent - lastSent, acked - lastAcked, failed - lastFailed,
            Math.round((acked - lastAcked) * workload.lengths().meanLength()), p50Ns, p99Ns,
            isEmpty ? -1 : shown.getMaxValue()));
        if (share != null) {
            share.onInterval(startMs, endMs, sent - lastSent, acked - lastAcked, failed - lastFailed);
        }
        final double seconds = (endMs - startMs) / 1000.0;
        last = new Snapshot((sent - lastSent) / seconds, (acked - lastAcked) / seconds, failed,
            sent - acked - failed, p50Ns, p99Ns, sent, acked);
        lastSent = sent;
        lastAcked = acked;
        lastFailed = failed;
    }

    /**
     * One measured interval of a run with faults.
     *
     * @param startMs      wall-clock start
     * @param endMs        wall-clock end
     * @param p99Ns        response time, -1 without answers
     * @param errors       in it
     * @param responseTime all of it
     */
    record Second(long startMs, long endMs, long p99Ns, long errors, Histogram responseTime) {
    }

    /**
     * One interval for the progress line.
     *
     * @param sentPerS  records sent per second
     * @param ackedPerS records acknowledged per second
     * @param failed    records failed since the start
     * @param inFlight  records not yet answered
     * @param p50Ns     median response time, -1 without answers
     * @param p99Ns     99th percentile, -1 without answers
     * @param sent      records sent since the start
     * @param acked     records acknowledged since the start
     */
    record Snapshot(
        double sentPerS, double ackedPerS, long failed, long inFlight, long p50Ns, long p99Ns, long sent, long acked) {
    }
}
