package io.millrace.broker.sim;

import java.util.EnumSet;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * What a seed means: which faults are on and how large things are (a random subset each, so that one fault's effect is
 * not always hidden by another's).
 *
 * @param seed                  decides everything else
 * @param mutant                what is wrong on purpose
 * @param durable               which profile
 * @param partitionCount        of the one topic
 * @param faults                kinds of faults to draw from, none in a quiet run
 * @param retention             whether old segments are given back
 * @param maxDelayNs            of the network
 * @param maxChunkMessageLength of a replication stream
 * @param windowLength          of a replication stream
 * @param segmentLength         of the logs
 * @param maxRecordsLength      of a batch, about
 * @param sessionTimeoutNs      of the quorum
 * @param maxDriftPpm           of the clocks, each against true time
 * @param durationNs            how long faults go on
 */
record SimOptions(
    long seed, Mutant mutant, boolean durable, int partitionCount, Set<FaultKind> faults, boolean retention,
    long maxDelayNs, int maxChunkMessageLength, int windowLength, int segmentLength, int maxRecordsLength,
    long sessionTimeoutNs, int maxDriftPpm, long durationNs) {

    static final int BROKER_COUNT = 3;
    static final int MIN_ISR = 2;
    /** Faults begin when the topic is there. */
    static final long WARM_UP_NS = 300_000_000L;

    /** Which runs are asked for. */
    enum Profile { ANY, REPLICATED, DURABLE }

    static SimOptions of(final long seed, final Mutant mutant) {
        return of(seed, mutant, Profile.ANY);
    }

    static SimOptions of(final long seed, final Mutant mutant, final Profile profile) {
        final SplittableRandom random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + 7);
        final boolean drawn = random.nextBoolean();
        final boolean durable = mutant.needsDurable() || (profile == Profile.ANY ? drawn : profile == Profile.DURABLE);
        return new SimOptions(
            seed, mutant, durable, (int) pick(random, 1, 2, 3, 4, 6), faults(random, mutant), random.nextInt(3) == 0,
            pick(random, 100_000L, 1_000_000L, 10_000_000L), (int) pick(random, 128, 1024, 4096, 16384),
            (int) pick(random, 32 << 10, 128 << 10), (int) pick(random, 32 << 10, 128 << 10),
            (int) pick(random, 200, 1_000, 3_500), pick(random, 300_000_000L, 500_000_000L),
            (int) pick(random, 0, 1_000), 3_000_000_000L);
    }

    private static Set<FaultKind> faults(final SplittableRandom random, final Mutant mutant) {
        final EnumSet<FaultKind> faults = EnumSet.noneOf(FaultKind.class);
        final boolean quiet = random.nextInt(10) == 0;
        // a power cut may take an index along, and a start then sets a damaged segment aside with all behind it
        final boolean rots = random.nextInt(5) == 0;
        final boolean operator = random.nextInt(12) == 0;
        final boolean badDisk = random.nextInt(6) == 0;
        for (final FaultKind kind : FaultKind.values()) {
            if (random.nextBoolean() && !quiet) {
                faults.add(kind);
            }
        }
        if (rots && mutant == Mutant.NONE) {
            faults.removeAll(EnumSet.of(FaultKind.POWER_CUT, FaultKind.POWER_CUT_ALL, FaultKind.SYNC_ERROR));
        } else {
            faults.remove(FaultKind.ROT);
        }
        if (!operator || mutant != Mutant.NONE) {
            faults.remove(FaultKind.UNCLEAN_ELECTION);
        }
        if (!badDisk) {
            faults.remove(FaultKind.SYNC_ERROR);
        }
        faults.addAll(mutant.favours());
        return faults;
    }

    /** Each broker leads one shard at first, as long as there are partitions. */
    int shardCount() {
        return Math.min(BROKER_COUNT, partitionCount);
    }

    boolean has(final FaultKind kind) {
        return faults.contains(kind);
    }

    boolean bitRot() {
        return has(FaultKind.ROT);
    }

    private static long pick(final SplittableRandom random, final long... values) {
        return values[random.nextInt(values.length)];
    }
}
