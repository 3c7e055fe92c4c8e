package io.millrace.broker.sim;

import java.util.SplittableRandom;

/**
 * What a seed means: which faults are on and how large things are (a random subset each, so that one fault's effect is
 * not always hidden by another's).
 *
 * <p>In the replicated profile acks are given from the page cache, so a power cut of a leader may lose what it has
 * acked, and without an election it would lead again: there the power is cut only on brokers that lead nothing. In the
 * durable profile any broker, or all at once, may lose power.
 */
record SimOptions(
    long seed, Mutant mutant, boolean durable, int shardCount, boolean kills, boolean powerLosses, boolean pauses,
    boolean partitions, boolean sessionKills, boolean backPressure, boolean quorumTrouble, boolean retention,
    boolean bitRot, long maxDelayNs, int maxChunkMessageLength, int windowLength, int segmentLength,
    int maxRecordsLength, long durationNs) {

    /** Brokers lead in turns; in the replicated profile the last one leads nothing. */
    static final int BROKER_COUNT = 3;
    static final int MIN_ISR = 2;

    static SimOptions of(final long seed, final Mutant mutant) {
        final SplittableRandom random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + 7);
        final boolean quiet = random.nextInt(8) == 0;
        final boolean durable = random.nextBoolean();
        // a power cut may take an index along, and a start then sets a damaged segment aside with all behind it
        final boolean bitRot = mutant == Mutant.NONE && Math.floorMod(seed, 3) == 1;
        return new SimOptions(
            seed, mutant, durable, 1 + random.nextInt(durable ? 3 : 2),
            !quiet && random.nextInt(3) > 0, !quiet && random.nextInt(3) > 0 & !bitRot,
            !quiet && random.nextBoolean(),
            !quiet && random.nextBoolean(), !quiet && random.nextBoolean(), !quiet && random.nextBoolean(),
            !quiet && random.nextBoolean(), random.nextInt(3) == 0, bitRot,
            pick(random, 100_000L, 1_000_000L, 10_000_000L), (int) pick(random, 128, 1024, 4096, 16384),
            (int) pick(random, 32 << 10, 128 << 10), (int) pick(random, 32 << 10, 128 << 10),
            (int) pick(random, 200, 1_000, 3_500), 3_000_000_000L);
    }

    private static long pick(final SplittableRandom random, final long... values) {
        return values[random.nextInt(values.length)];
    }

    boolean mayLosePower(final int brokerId) {
        return durable || brokerId > shardCount;
    }
}
