package io.millrace.results.model;

import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.SplittableRandom;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

class QuantilesTest {
    @Test
    void shouldGiveQuantileOnlyWithTenSamplesBeyondIt() {
        assertTrue(Quantiles.isSupported(1000, 0.99));
        assertFalse(Quantiles.isSupported(999, 0.99));
        assertTrue(Quantiles.isSupported(10_000, 0.999));
        assertTrue(Quantiles.isSupported(100_000, 0.9999));
        assertTrue(Quantiles.isSupported(20, 0.5));
        assertNull(Quantiles.value(new Histogram(3), 0.5));
    }

    @Test
    void shouldFindTheKnownRanksOfTheBinomialInterval() {
        // Textbook: the 95 % interval of the median of 100 samples runs from the 40th to the 61st.
        assertArrayEquals(new long[] {40, 61}, Quantiles.ranks95(100, 0.5));
        // And of the median of 20 from the 6th to the 15th.
        assertArrayEquals(new long[] {6, 15}, Quantiles.ranks95(20, 0.5));
    }

    @Test
    void shouldCoverTheTrueQuantileInAboutNinetyFiveOfHundredSamples() {
        final long seed = 7;
        final SplittableRandom random = new SplittableRandom(seed);
        int covered = 0;
        for (int trial = 0; trial < 500; trial++) {
            final double[] sample = random.doubles(2000).sorted().toArray();
            final long[] ranks = Quantiles.ranks95(2000, 0.99);
            if (sample[(int) ranks[0] - 1] <= 0.99 && sample[(int) ranks[1] - 1] >= 0.99) {
                covered++;
            }
        }
        assertTrue(covered >= 465 && covered <= 495, "seed=" + seed + " covered=" + covered);
    }

    @Test
    void shouldAgreeWithSortedSamplesWhenReadFromAHistogram() {
        final long[] samples = new SplittableRandom(3).longs(10_000, 1000, 100_000_000).toArray();
        final Histogram histogram = new Histogram(3);
        Arrays.stream(samples).forEach(histogram::recordValue);
        Arrays.sort(samples);
        assertEquals(samples[9899], Quantiles.value(histogram, 0.99), samples[9899] * 0.002);
        assertEquals(samples[4999], Quantiles.value(histogram, 0.5), samples[4999] * 0.002);
        final long[] interval = Quantiles.interval95(histogram, 0.99);
        assertTrue(interval[0] < samples[9899] && interval[1] > samples[9899], Arrays.toString(interval));
    }
}
