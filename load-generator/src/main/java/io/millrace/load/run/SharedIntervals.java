package io.millrace.load.run;

import io.millrace.load.record.MeasuredStalls;
import io.millrace.load.workload.Workload;
import io.millrace.results.model.Tags;
import io.millrace.results.model.TimelineRow;
import io.millrace.results.store.RunWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** Writes what several processes recorded together, second by second; owned by the run's thread. */
final class SharedIntervals {
    private final Workload workload;
    private final RunWriter writer;
    private final List<IntervalSampler.Second> seconds = new ArrayList<>();
    private final List<Double> measuredP50Ns = new ArrayList<>();
    private final MeasuredStalls brokerStalls = new MeasuredStalls();
    private long brokersTakenMs;
    private long sentInAll;
    private long ackedInAll;
    private long failedInAll;
    private IntervalSampler.Snapshot last = new IntervalSampler.Snapshot(0, 0, 0, 0, -1, -1, 0, 0);

    SharedIntervals(final Workload workload, final RunWriter writer) {
        this.workload = workload;
        this.writer = writer;
    }

    /**
     * Writes an interval.
     *
     * @param second of all processes
     */
    void add(final Crew.Second second) {
        final boolean isMeasure = "measure".equals(second.phase());
        if (isMeasure) {
            second.byTag().computeIfAbsent(Tags.ACK_RT, tag -> new Histogram(3)); // an outage is worth a line
        }
        second.byTag().forEach((tag, histogram) ->
            writer.interval(tag, histogram, second.startMs(), second.endMs()));
        final Histogram measured = second.byTag().get(Tags.ACK_RT);
        Histogram shown = measured != null && (isMeasure || measured.getTotalCount() > 0) ? measured : null;
        if (shown == null) {
            shown = second.byTag().getOrDefault(Tags.WARMUP_PREFIX + Tags.ACK_RT,
                second.byTag().getOrDefault(Tags.WARMUP_PREFIX + "after." + Tags.ACK_RT, new Histogram(3)));
        }
        final boolean isEmpty = shown.getTotalCount() == 0;
        final long p50Ns = isEmpty ? -1 : shown.getValueAtPercentile(50);
        final long p99Ns = isEmpty ? -1 : shown.getValueAtPercentile(99);
        writer.timeline(new TimelineRow(second.startMs(), second.phase(), second.sent(), second.acked(),
            second.failed(), Math.round(second.acked() * workload.lengths().meanLength()), p50Ns, p99Ns,
            isEmpty ? -1 : shown.getMaxValue()));
        if (isMeasure && !isEmpty) {
            measuredP50Ns.add((double) p50Ns);
        }
        if (isMeasure && !workload.faults().isEmpty()) {
            seconds.add(new IntervalSampler.Second(second.startMs(), second.endMs(), p99Ns, second.failed(),
                shown.copy()));
        }
        count(second, p50Ns, p99Ns);
    }

    /**
     * Writes how brokers that measure it themselves were stalled since the last call.
     *
     * @param brokers  of the cluster, as far as they run here
     * @param phase    that was since then
     * @param nowMs    wall-clock time
     */
    void addBrokers(final List<NodeMeter> brokers, final String phase, final long nowMs) {
        final long fromMs = brokersTakenMs == 0 ? nowMs - 1_000 : brokersTakenMs;
        brokersTakenMs = nowMs;
        for (final NodeMeter broker : brokers) {
            if (broker.hasHiccups() && nowMs > fromMs) {
                final Histogram stalls = broker.takeHiccups();
                writer.interval(("warmup".equals(phase) ? Tags.WARMUP_PREFIX : "") + Tags.HICCUP_PREFIX
                    + broker.name(), stalls, fromMs, nowMs);
                brokerStalls.add(phase, broker.name(), stalls);
            }
        }
    }

    /** {@return stalls inside each broker that measures them within the measured phase, by its name} */
    Map<String, Histogram> brokerStalls() {
        return brokerStalls.byProcess();
    }

    private void count(final Crew.Second second, final long p50Ns, final long p99Ns) {
        sentInAll += second.sent();
        ackedInAll += second.acked();
        failedInAll += second.failed();
        final double lengthS = Math.max(1, second.endMs() - second.startMs()) / 1000.0;
        last = new IntervalSampler.Snapshot(second.sent() / lengthS, second.acked() / lengthS, failedInAll,
            sentInAll - ackedInAll - failedInAll, p50Ns, p99Ns, sentInAll, ackedInAll);
    }

    /** {@return what the last interval showed} */
    IntervalSampler.Snapshot last() {
        return last;
    }

    /** {@return median response time of each measured interval} */
    List<Double> measuredP50Ns() {
        return measuredP50Ns;
    }

    /** {@return each measured interval, if the workload has faults} */
    List<IntervalSampler.Second> seconds() {
        return seconds;
    }
}
