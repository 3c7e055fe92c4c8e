package io.millrace.results.statistics;

import io.millrace.results.model.Quantiles;
import io.millrace.results.model.RunDocument;
import io.millrace.results.model.RunHeader;
import io.millrace.results.model.Tags;
import io.millrace.results.model.TimelineRow;
import io.millrace.results.store.RunData;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class RunSamplerTest {
    @Test
    void shouldReadTheQuantilesOfTheMergedHistogram() {
        final RunData run = run(23, 1000);
        final Map<Metric, RunSample> samples = RunSampler.sample(run, new SplittableRandom(1));
        final Histogram merged = run.merged(Tags.ACK_RT);
        assertEquals(Quantiles.value(merged, 0.5), samples.get(Metric.RT_P50).value(), 1);
        assertEquals(Quantiles.value(merged, 0.99), samples.get(Metric.RT_P99).value(), 1);
        assertEquals(merged.getMaxValue(), samples.get(Metric.RT_MAX).value(), merged.getMaxValue() * 0.001);
        assertEquals(1000, samples.get(Metric.RATE).value(), 1e-9);
    }

    @Test
    void shouldSpreadTheReplicatesAroundTheValue() {
        final RunSample p99 = RunSampler.sample(run(40, 1000), new SplittableRandom(2)).get(Metric.RT_P99);
        assertEquals(RunSampler.REPLICATE_COUNT, p99.replicates().length);
        final double median = Medians.of(p99.replicates());
        assertEquals(p99.value(), median, p99.value() * 0.1);
        assertTrue(Arrays.stream(p99.replicates()).distinct().count() > 10);
    }

    @Test
    void shouldHaveNoFigureWithTooFewSamplesOrNone() {
        final Map<Metric, RunSample> few = RunSampler.sample(run(5, 100), new SplittableRandom(3));
        assertFalse(few.get(Metric.RT_P99).isUsable());
        assertTrue(few.get(Metric.RT_P50).isUsable());
        final Map<Metric, RunSample> none = RunSampler.sample(run(0, 0), new SplittableRandom(3));
        assertFalse(none.get(Metric.RT_MAX).isUsable());
        assertFalse(none.get(Metric.RATE).isUsable());
    }

    @Test
    void shouldHaveNoReplicatesWhenThereIsOnlyOneBlock() {
        assertEquals(0, RunSampler.sample(run(1, 1000), new SplittableRandom(4)).get(Metric.RT_P50)
            .replicates().length);
    }

    private static RunData run(final int seconds, final int perSecond) {
        final SplittableRandom random = new SplittableRandom(17);
        final List<RunData.Interval> intervals = new ArrayList<>();
        final List<TimelineRow> timeline = new ArrayList<>();
        for (int s = 0; s < seconds; s++) {
            final Histogram histogram = new Histogram(3);
            final double mood = Math.exp(random.nextGaussian() * 0.1);
            for (int i = 0; i < perSecond; i++) {
                histogram.recordValue((long) (500_000 * mood * Math.exp(random.nextGaussian() * 0.5)));
            }
            intervals.add(RunData.Interval.of(s * 1000L, s * 1000L + 1000, histogram));
            timeline.add(new TimelineRow(s * 1000L, "measure", perSecond, perSecond, 0, 0, 0, 0, 0));
        }
        final RunHeader header = new RunHeader("r", null, null, null, 0, Instant.EPOCH, List.of(), null, null, Map.of(),
            null);
        return new RunData(Path.of("r"), RunDocument.running(header), Map.of(Tags.ACK_RT, intervals), timeline,
            List.of(), List.of());
    }
}
