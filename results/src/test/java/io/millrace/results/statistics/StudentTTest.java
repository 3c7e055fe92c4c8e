package io.millrace.results.statistics;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

class StudentTTest {
    @Test
    void shouldAgreeWithTablesWhenTheConfidenceIsUsual() {
        assertEquals(12.7062, StudentT.critical(0.05, 1), 1e-4);
        assertEquals(4.30265, StudentT.critical(0.05, 2), 1e-5);
        assertEquals(2.22814, StudentT.critical(0.05, 10), 1e-5);
        assertEquals(63.6567, StudentT.critical(0.01, 1), 1e-4);
        assertEquals(9.92484, StudentT.critical(0.01, 2), 1e-5);
        assertEquals(2.04227, StudentT.critical(0.05, 30), 1e-5);
        assertEquals(1.95996, StudentT.critical(0.05, 1e7), 1e-5);
    }

    @Test
    void shouldGiveBothTailsWhenAskedForAProbability() {
        assertEquals(1, StudentT.twoSided(0, 4), 1e-12);
        assertEquals(0.5, StudentT.twoSided(1, 1), 1e-12);
        assertEquals(StudentT.twoSided(2.5, 3.7), StudentT.twoSided(-2.5, 3.7), 0);
        assertEquals(0, StudentT.twoSided(Double.POSITIVE_INFINITY, 2), 0);
        for (final double degrees : new double[] {1, 2, 2.6, 7, 40, 200}) {
            for (final double share : new double[] {0.5, 0.05, 0.005, 1e-4}) {
                assertEquals(share, StudentT.twoSided(StudentT.critical(share, degrees), degrees), share * 1e-6);
            }
        }
    }
}
