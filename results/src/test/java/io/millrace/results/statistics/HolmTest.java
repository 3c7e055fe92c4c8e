package io.millrace.results.statistics;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

class HolmTest {
    @Test
    void shouldStepDownWhenSeveralAreAdjusted() {
        assertArrayEquals(new double[] {0.03, 0.06, 0.06, 0.02},
            Holm.adjust(new double[] {0.01, 0.04, 0.03, 0.005}), 1e-12);
    }

    @Test
    void shouldLeaveOutOfTheFamilyWhatHasNoProbability() {
        assertArrayEquals(new double[] {Double.NaN, 0.02, 0.5},
            Holm.adjust(new double[] {Double.NaN, 0.01, 0.5}), 1e-12);
        assertArrayEquals(new double[] {1, 1}, Holm.adjust(new double[] {0.9, 0.8}), 1e-12);
        assertArrayEquals(new double[0], Holm.adjust(new double[0]), 0);
    }
}
