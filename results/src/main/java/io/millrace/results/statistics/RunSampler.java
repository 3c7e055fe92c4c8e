package io.millrace.results.statistics;

import io.millrace.results.model.Quantiles;
import io.millrace.results.store.RunData;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Reads the metrics of one run and resamples it: blocks of 5 seconds are drawn with replacement, their histograms
 * merged, and the quantile read from the merged one. Blocks, because neighbouring seconds resemble each other.
 */
public final class RunSampler {
    static final long BLOCK_MS = 5000;
    static final int MIN_BLOCKS = 4;
    static final int REPLICATE_COUNT = 200;

    private RunSampler() {
    }

    /**
     * Samples every metric of a run.
     *
     * @param run    any run
     * @param random seeded by the caller
     * @return a sample per metric
     */
    public static Map<Metric, RunSample> sample(final RunData run, final SplittableRandom random) {
        final Map<Metric, RunSample> samples = new EnumMap<>(Metric.class);
        final Map<String, List<Metric>> metricsByTag = new TreeMap<>();
        for (final Metric metric : Metric.values()) {
            if (metric.isTime()) {
                metricsByTag.computeIfAbsent(metric.tag(), tag -> new ArrayList<>()).add(metric);
            } else {
                // Of the rate, a stalled second and the one that catches up belong together: resampled, they would
                // feign a spread. A cost is known for the whole run only.
                samples.put(metric, RunSample.of(LegSummary.value(run, metric)));
            }
        }
        metricsByTag.forEach((tag, metrics) ->
            samples.putAll(sample(Blocks.of(run.intervals(tag)), metrics, random.split())));
        samples.replaceAll((metric, sample) ->
            LegSummary.isProven(run, metric) || run.intervals(metric.tag()).isEmpty() ? sample : RunSample.hidden());
        return samples;
    }

    private static Map<Metric, RunSample> sample(
        final Blocks blocks, final List<Metric> metrics, final SplittableRandom random) {
        final int blockCount = blocks.counts.length;
        final double[][] replicates = new double[metrics.size()][blockCount < 2 ? 0 : REPLICATE_COUNT];
        for (int i = 0; blockCount > 1 && i < REPLICATE_COUNT; i++) {
            final long[] counts = blocks.merged(random.ints(blockCount, 0, blockCount).toArray());
            for (int m = 0; m < metrics.size(); m++) {
                replicates[m][i] = blocks.valueAt(metrics.get(m).quantile(), counts);
            }
        }
        final Map<Metric, RunSample> samples = new EnumMap<>(Metric.class);
        for (int m = 0; m < metrics.size(); m++) {
            samples.put(metrics.get(m),
                new RunSample(blocks.quantile(metrics.get(m).quantile(), blocks.every()), replicates[m]));
        }
        return samples;
    }

    /** Seconds a block: five, fewer in a short run so that there are at least four blocks. */
    private static int blockLength(final int seconds) {
        return (int) Math.max(1, Math.min(BLOCK_MS / 1000, seconds / MIN_BLOCKS));
    }

    /** Counts per block over one common list of values. */
    private static final class Blocks {
        private final long[] values;
        private final long[][] counts;

        private Blocks(final long[] values, final long[][] counts) {
            this.values = values;
            this.counts = counts;
        }

        static Blocks of(final List<RunData.Interval> intervals) {
            final int blockLength = blockLength(intervals.size());
            final List<Histogram> merged = new ArrayList<>();
            for (int i = 0; i < intervals.size(); i++) {
                // The rest that does not fill a block goes to the last one: no sample is dropped.
                final int block = Math.min(i / blockLength, Math.max(0, intervals.size() / blockLength - 1));
                if (block == merged.size()) {
                    final Histogram histogram = new Histogram(3);
                    histogram.setAutoResize(true);
                    merged.add(histogram);
                }
                merged.get(block).add(intervals.get(i).histogram());
            }
            final TreeSet<Long> distinct = new TreeSet<>();
            for (final Histogram histogram : merged) {
                for (final HistogramIterationValue step : histogram.recordedValues()) {
                    distinct.add(step.getValueIteratedTo());
                }
            }
            final long[] values = distinct.stream().mapToLong(Long::longValue).toArray();
            final long[][] counts = new long[merged.size()][values.length];
            for (int b = 0; b < counts.length; b++) {
                for (final HistogramIterationValue step : merged.get(b).recordedValues()) {
                    counts[b][Arrays.binarySearch(values, step.getValueIteratedTo())] +=
                        step.getCountAddedInThisIterationStep();
                }
            }
            return new Blocks(values, counts);
        }

        int[] every() {
            final int[] all = new int[counts.length];
            Arrays.setAll(all, i -> i);
            return all;
        }

        double quantile(final double quantile, final int[] draw) {
            final long[] merged = merged(draw);
            final long total = Arrays.stream(merged).sum();
            if (total == 0 || quantile < 1 && !Quantiles.isSupported(total, quantile)) {
                return Double.NaN;
            }
            return valueAt(quantile, merged);
        }

        long[] merged(final int[] draw) {
            final long[] sum = new long[values.length];
            for (final int block : draw) {
                final long[] of = counts[block];
                for (int i = 0; i < sum.length; i++) {
                    sum[i] += of[i];
                }
            }
            return sum;
        }

        double valueAt(final double quantile, final long[] merged) {
            final long total = Arrays.stream(merged).sum();
            if (total == 0) {
                return Double.NaN; // seconds in which nothing was acknowledged may be all that was drawn
            }
            final long rank = Quantiles.rank(total, quantile);
            long seen = 0;
            int last = 0;
            for (int i = 0; i < merged.length; i++) {
                seen += merged[i];
                if (merged[i] > 0) {
                    last = i;
                }
                if (seen >= rank) {
                    return values[i];
                }
            }
            return values[last];
        }
    }
}
