package io.millrace.results.report;

import io.millrace.results.store.RunData;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;

import java.util.ArrayList;
import java.util.List;

/**
 * Response times of a side by step of time in buckets a sixteenth of a doubling wide: small enough to be embedded in
 * the page, fine enough (2 %) to read quantiles of any stretch of time from. Belongs to the method that draws.
 */
final class LatencySteps {
    /** Buckets for each doubling. */
    static final int PER_DOUBLING = 16;
    private static final int MAX_STEPS = 100_000;

    private final int stepS;
    private final List<long[]> counts = new ArrayList<>();
    private final List<Long> maxNs = new ArrayList<>();
    private final List<Long> countByStep = new ArrayList<>();

    private LatencySteps(final int stepS) {
        this.stepS = stepS;
    }

    static LatencySteps of(final List<RunData> runs, final int stepS) {
        final LatencySteps steps = new LatencySteps(stepS);
        runs.forEach(steps::add);
        return steps;
    }

    private void add(final RunData run) {
        final long startMs = RunSeries.startMs(run);
        for (final RunData.Interval interval : RunSeries.answered(run)) {
            final long step = (interval.startMs() - startMs + 500) / 1000 / stepS;
            if (step >= 0 && step < MAX_STEPS) {
                while (counts.size() <= step) {
                    counts.add(new long[64 * PER_DOUBLING]);
                    maxNs.add(0L);
                    countByStep.add(0L);
                }
                add((int) step, interval.histogram());
            }
        }
    }

    private void add(final int step, final Histogram histogram) {
        for (final HistogramIterationValue value : histogram.recordedValues()) {
            counts.get(step)[bucket(value.getValueIteratedTo())] += value.getCountAddedInThisIterationStep();
        }
        maxNs.set(step, Math.max(maxNs.get(step), histogram.getMaxValue()));
        countByStep.set(step, countByStep.get(step) + histogram.getTotalCount());
    }

    static int bucket(final long ns) {
        return ns <= 1 ? 0 : Math.min(64 * PER_DOUBLING - 1,
            (int) Math.floor(PER_DOUBLING * Math.log(ns) / Math.log(2)));
    }

    /** Lower edge of a bucket, nanoseconds. */
    static double edgeNs(final double bucket) {
        return Math.pow(2, bucket / PER_DOUBLING);
    }

    int stepCount() {
        return counts.size();
    }

    long count(final int step, final int bucket) {
        return counts.get(step)[bucket];
    }

    long total(final int step) {
        return countByStep.get(step);
    }

    /** First bucket with a sample, or the last if there is none. */
    int lowest() {
        for (int bucket = 0; bucket < 64 * PER_DOUBLING; bucket++) {
            final int at = bucket;
            if (counts.stream().anyMatch(step -> step[at] > 0)) {
                return bucket;
            }
        }
        return 64 * PER_DOUBLING - 1;
    }

    /** Last bucket with a sample, or 0 if there is none. */
    int highest() {
        for (int bucket = 64 * PER_DOUBLING - 1; bucket > 0; bucket--) {
            final int at = bucket;
            if (counts.stream().anyMatch(step -> step[at] > 0)) {
                return bucket;
            }
        }
        return 0;
    }

    /** For each step: longest time, first bucket, then counts; a run of zeros is written as minus its length. */
    List<List<Long>> compact() {
        final List<List<Long>> compact = new ArrayList<>();
        for (int step = 0; step < counts.size(); step++) {
            final long[] of = counts.get(step);
            final List<Long> row = new ArrayList<>();
            row.add(maxNs.get(step));
            int first = 0;
            int last = of.length - 1;
            while (first < last && of[first] == 0) {
                first++;
            }
            while (last > first && of[last] == 0) {
                last--;
            }
            row.add((long) first);
            long zeros = 0;
            for (int bucket = first; bucket <= last; bucket++) {
                if (of[bucket] == 0) {
                    zeros++;
                    continue;
                }
                if (zeros > 0) {
                    row.add(-zeros);
                    zeros = 0;
                }
                row.add(of[bucket]);
            }
            compact.add(row);
        }
        return compact;
    }
}
