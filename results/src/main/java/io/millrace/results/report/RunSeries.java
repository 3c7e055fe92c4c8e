package io.millrace.results.report;

import io.millrace.results.model.Quantiles;
import io.millrace.results.model.RunEvent;
import io.millrace.results.model.Tags;
import io.millrace.results.model.TimelineRow;
import io.millrace.results.store.RunData;
import org.HdrHistogram.Histogram;

import java.util.ArrayList;
import java.util.List;

/**
 * The measured phase of one run, or of several laid over each other, in steps of one or more seconds. Steps merge
 * histograms and read the quantile anew.
 */
final class RunSeries {
    private final int stepS;
    private final List<List<RunData.Interval>> intervalsByStep = new ArrayList<>();
    private final List<Long> ackedByStep = new ArrayList<>();
    private final List<Long> durationMsByStep = new ArrayList<>();
    private final List<Long> waitingByStep = new ArrayList<>();
    private int runCount;
    private final List<Step> steps = new ArrayList<>();

    private RunSeries(final int stepS) {
        this.stepS = stepS;
    }

    static RunSeries of(final List<RunData> runs, final int stepS) {
        final RunSeries series = new RunSeries(stepS);
        runs.forEach(series::add);
        series.intervalsByStep.forEach(intervals -> series.steps.add(Step.of(intervals)));
        series.intervalsByStep.clear();
        return series;
    }

    /** Start of the measured phase, milliseconds since the epoch. */
    static long startMs(final RunData run) {
        final List<TimelineRow> seconds = run.measuredSeconds();
        final List<RunData.Interval> intervals = run.intervals(Tags.ACK_RT);
        final long fromTimeline = seconds.isEmpty() ? Long.MAX_VALUE : seconds.get(0).startMs();
        final long fromIntervals = intervals.isEmpty() ? Long.MAX_VALUE : intervals.get(0).startMs();
        final long start = Math.min(fromTimeline, fromIntervals);
        return start == Long.MAX_VALUE ? run.document().started().toEpochMilli() : start;
    }

    /** Length of the measured phase in whole seconds. */
    static int lengthS(final RunData run) {
        final List<RunData.Interval> intervals = answered(run);
        final long endMs = intervals.isEmpty() ? startMs(run) : intervals.get(intervals.size() - 1).endMs();
        return (int) Math.min(Integer.MAX_VALUE / 2, Math.max(run.measuredSeconds().size(),
            Math.round((endMs - startMs(run)) / 1000.0)));
    }

    /**
     * The response times of the measured phase: those after its seconds only as long as records due in it are still
     * answered. A backlog and a drain have intervals without any, which are not part of what was measured.
     */
    static List<RunData.Interval> answered(final RunData run) {
        final List<RunData.Interval> all = run.intervals(Tags.ACK_RT);
        final long measuredEndMs = run.measuredSeconds().stream().mapToLong(row -> row.startMs() + run.durationMs(row))
            .max().orElse(Long.MAX_VALUE);
        int count = all.size();
        while (count > 0 && all.get(count - 1).startMs() >= measuredEndMs
            && all.get(count - 1).histogram().getTotalCount() == 0) {
            count--;
        }
        return all.subList(0, count);
    }

    /** Events that are worth a mark. */
    static List<RunEvent> marked(final RunData run) {
        final long startMs = startMs(run);
        final long endMs = startMs + lengthS(run) * 1000L;
        return run.events().stream().filter(event -> !"phase".equals(event.type()))
            .filter(event -> event.atMs() >= startMs && event.atMs() <= endMs).toList();
    }

    private void add(final RunData run) {
        final long startMs = startMs(run);
        for (final RunData.Interval interval : answered(run)) {
            final int step = step(interval.startMs() - startMs);
            if (step >= 0) {
                intervalsByStep.get(step).add(interval);
            }
        }
        runCount++;
        long waiting = 0;
        for (final TimelineRow row : run.measuredSeconds()) {
            waiting = Math.max(0, waiting + row.sent() - row.acked() - row.errors());
            add(row, row.startMs() - startMs, run.durationMs(row), waiting);
        }
    }

    /** A second that was looked at late is long: what it counted belongs to all steps that it covers. */
    private void add(final TimelineRow row, final long sinceMs, final long durationMs, final long waiting) {
        final int first = step(sinceMs);
        final int last = Math.max(first, step(sinceMs + Math.max(0, durationMs - 1000)));
        final int count = last - first + 1;
        for (int i = 0; first >= 0 && i < count; i++) {
            final int step = first + i;
            ackedByStep.set(step, ackedByStep.get(step) + row.acked() * (i + 1) / count - row.acked() * i / count);
            durationMsByStep.set(step, durationMsByStep.get(step) + durationMs * (i + 1) / count
                - durationMs * i / count);
            waitingByStep.set(step, waitingByStep.get(step) + waiting);
        }
    }

    private int step(final long sinceMs) {
        final long step = (sinceMs + 500) / 1000 / stepS;
        if (step < 0 || step > 100_000) {
            return -1; // a stamp that makes no sense must not cost memory
        }
        while (intervalsByStep.size() <= step) {
            intervalsByStep.add(new ArrayList<>());
            ackedByStep.add(0L);
            durationMsByStep.add(0L);
            waitingByStep.add(0L);
        }
        return (int) step;
    }

    int count() {
        return steps.size();
    }

    /** Middle of a step, seconds since the start. */
    double middleS(final int step) {
        return (step + 0.5) * stepS;
    }

    /** Acknowledged records per second, averaged over the runs laid over each other. */
    double ratePerS(final int step) {
        final long durationMs = durationMsByStep.get(step);
        return durationMs == 0 ? Double.NaN : ackedByStep.get(step) * 1000.0 / durationMs;
    }

    /** Records sent and not answered at the end of a step's seconds, on average over its seconds and the runs. */
    double waiting(final int step) {
        return (double) waitingByStep.get(step) / Math.max(1, runCount) / stepS;
    }

    double p50Ns(final int step) {
        return steps.get(step).p50Ns;
    }

    double p99Ns(final int step) {
        return steps.get(step).p99Ns;
    }

    double maxNs(final int step) {
        return steps.get(step).maxNs;
    }

    /** Quantiles of a step; NaN where too few samples support them. */
    private record Step(double p50Ns, double p99Ns, double maxNs) {
        static Step of(final List<RunData.Interval> intervals) {
            final Histogram histogram = new Histogram(3);
            histogram.setAutoResize(true);
            intervals.forEach(interval -> histogram.add(interval.histogram()));
            return new Step(
                orNaN(Quantiles.value(histogram, 0.5)),
                orNaN(Quantiles.value(histogram, 0.99)),
                histogram.getTotalCount() == 0 ? Double.NaN : histogram.getMaxValue());
        }

        private static double orNaN(final Long value) {
            return value == null ? Double.NaN : value;
        }
    }
}
