package io.millrace.engine.damage;

import java.util.Map;

/** A numbered set of cases: seed and index decide everything about one. An instance is used by one thread. */
public interface DamageCases {
    /**
     * Runs one case.
     *
     * @param seed  of the campaign
     * @param index of the case
     * @return what was damaged and what came of it, for the counts
     * @throws Exception or an AssertionError when the outcome is not the right one
     */
    String run(long seed, long index) throws Exception;

    /** {@return what else happened in the cases run since the last time, for the counts} */
    default Map<String, Long> observed() {
        return Map.of();
    }

    /** {@return a seed of its own for each number} */
    static long mix(final long seed, final long number) {
        long z = seed * 0x9E3779B97F4A7C15L + (number + 1) * 0xD1B54A32D192ED03L;
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }
}
