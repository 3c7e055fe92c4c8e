package io.millrace.broker.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A whole cluster under faults, seed by seed, with its invariants checked after every event;
 * {@code ./millrace simulate} runs many more seeds and shortens what fails.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class SimulationTest {
    private static final int SEED_COUNT = Integer.getInteger("seedCount", 100);
    private static final int MUTANT_SEED_COUNT = 1_000;

    /** Where each was last seen to be caught first; a change of anything moves that. */
    private static final Map<Mutant, Integer> KILLING_SEEDS = new EnumMap<>(Map.ofEntries(
        Map.entry(Mutant.ACK_BEFORE_APPEND, 0), Map.entry(Mutant.TRUNCATE_TO_COMMITTED, 4),
        Map.entry(Mutant.ACCEPT_OLD_SESSION_ACKS, 211), Map.entry(Mutant.COMMIT_BELOW_MIN_ISR, 0),
        Map.entry(Mutant.SHRINK_BEFORE_ACCEPTED, 1), Map.entry(Mutant.DURABLE_ACK_BEFORE_SYNC, 0),
        Map.entry(Mutant.SKIP_CHECKSUM_ON_RECOVERY, 4), Map.entry(Mutant.FORGET_PRODUCERS_ON_FAILOVER, 0),
        Map.entry(Mutant.RETRY_SYNC_AFTER_ERROR, 33),
        Map.entry(Mutant.HIDE_POWER_CUT, 12), Map.entry(Mutant.NOTE_BOOT_AT_START, 15),
        Map.entry(Mutant.IGNORE_LEASE, 8), Map.entry(Mutant.LEASE_FROM_RECEIPT, 8),
        Map.entry(Mutant.ACK_DUPLICATE_BEFORE_COMMITTED, 0), Map.entry(Mutant.LEAD_BEFORE_REGISTERED, 5)));

    /** What a campaign of this length has to have seen at least once. */
    private static final List<String> EXPECTED = List.of(
        "kills", "power cuts", "power cuts that lost bytes", "pauses", "shutdowns in order", "partitions",
        "brokers cut from the quorum", "times without a quorum", "replication sessions ended", "sync errors",
        "processes ended by a failed sync", "replication messages lost", "messages refused by a link",
        "catch-up messages", "commands lost", "late copies of commands",
        "answers of the quorum lost", "answers to clients lost",
        "sessions timed out", "elections", "epochs without a leader", "elections after a power cut of all",
        "elections that lost committed bytes", "leaderships moved by an operator", "duty cycles without a lease",
        "ISR proposals", "ISR proposals refused", "truncations", "resets", "chunks dropped", "acks ignored",
        "segments given back", "requests sent again", "requests timed out", "duplicates answered", "acks of all",
        "acks of the leader", "acked by the leader only and lost", "batches read", "bits flipped on a disk");

    private static long run(final long seed, final Mutant mutant, final SimCounters sum) {
        final Simulation simulation = new Simulation(SimOptions.of(seed, mutant));
        try {
            return simulation.run();
        } finally {
            sum.add(simulation.counters());
        }
    }

    private static long runGood(final long seed, final SimCounters sum) {
        try {
            return run(seed, Mutant.NONE, sum);
        } catch (final AssertionError | RuntimeException ex) {
            throw new AssertionError("seed " + seed + " fails: " + ex.getMessage()
                + "; the shortest schedule of it: ./millrace simulate --seed " + seed, ex);
        }
    }

    @Test
    void shouldHoldTheInvariantsUnderFaults() {
        final SimCounters sum = new SimCounters();
        for (long seed = 0; seed < SEED_COUNT; seed++) {
            assertEquals(runGood(seed, sum), runGood(seed, new SimCounters()),
                "seed " + seed + " is not deterministic");
        }
        System.out.println("simulation: " + sum);
        EXPECTED.forEach(what -> assertTrue(
            sum.get(what) > 0, () -> "none of '" + what + "': the campaign proves nothing about it"));
    }

    @ParameterizedTest
    @EnumSource(value = Mutant.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void shouldCatchEachMutant(final Mutant mutant) {
        final int known = KILLING_SEEDS.get(mutant);
        for (long seed = known; seed < known + MUTANT_SEED_COUNT; seed++) {
            try {
                run(seed % MUTANT_SEED_COUNT, mutant, new SimCounters());
            } catch (final AssertionError ex) {
                if (!ex.getMessage().startsWith(Simulation.NO_CONVERGENCE)) { // wrong, but not yet harmful
                    System.out.println("mutant " + mutant + " caught by seed " + seed % MUTANT_SEED_COUNT + ": "
                        + ex.getMessage());
                    return;
                }
            }
        }
        fail(mutant + " survives " + MUTANT_SEED_COUNT + " seeds: the simulation has no teeth there");
    }
}
