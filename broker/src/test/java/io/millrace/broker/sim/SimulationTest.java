package io.millrace.broker.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Writer, replication and commit of a whole cluster under faults, seed by seed, with its invariants checked after every
 * event; see {@link SimOptions} for what a seed may contain and what is left out.
 *
 * <p>To run one seed: {@code mvn -pl broker -am test -Dtest=SimulationTest -Dseed=17
 * -Dsurefire.failIfNoSpecifiedTests=false}; {@code -DseedCount=1000} runs more.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class SimulationTest {
    private static final Long ONLY_SEED = Long.getLong("seed");
    private static final int SEED_COUNT = Integer.getInteger("seedCount", 100);
    private static final int MUTANT_SEED_COUNT = 100;
    private static final int REPEAT_EVERY = 8;

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
                + "; run it alone with -Dtest=SimulationTest -Dseed=" + seed, ex);
        }
    }

    @Test
    void shouldHoldTheInvariantsUnderFaults() {
        final SimCounters sum = new SimCounters();
        if (ONLY_SEED != null) {
            runGood(ONLY_SEED, sum);
            System.out.println("seed " + ONLY_SEED + " " + SimOptions.of(ONLY_SEED, Mutant.NONE) + ": " + sum);
            return;
        }
        for (long seed = 0; seed < SEED_COUNT; seed++) {
            final long trace = runGood(seed, sum);
            if (seed % REPEAT_EVERY == 0) {
                assertEquals(trace, runGood(seed, new SimCounters()), "seed " + seed + " is not deterministic");
            }
        }
        System.out.println("simulation: " + sum);
        assertFaultsHappened(sum);
    }

    private static void assertFaultsHappened(final SimCounters sum) {
        assertHappened("kills", sum.kills);
        assertHappened("power losses", sum.powerLosses);
        assertHappened("power losses that lost something", sum.powerLossesWithLoss);
        assertHappened("pauses", sum.pauses);
        assertHappened("partitions", sum.partitions);
        assertHappened("killed sessions", sum.sessionKills);
        assertHappened("lost messages", sum.messagesLost);
        assertHappened("back pressure", sum.backPressured);
        assertHappened("catch-up", sum.catchUpMessages);
        assertHappened("ISR changes", sum.isrChanges);
        assertHappened("lost proposals", sum.proposalsLost);
        assertHappened("refused proposals", sum.proposalsRefused);
        assertHappened("truncations", sum.truncations);
        assertHappened("retention", sum.retained);
        assertHappened("resets", sum.resets);
        assertHappened("dropped chunks", sum.droppedChunks);
        assertHappened("client retries", sum.clientRetries);
        assertHappened("duplicates answered", sum.duplicatesAnswered);
        assertHappened("acks of all", sum.ackedAll);
        assertHappened("acks of the leader", sum.ackedLeader);
        assertHappened("further segments", sum.segments - sum.runs);
        assertHappened("bit rot", sum.rots);
        assertHappened("quarantine", sum.quarantined);
        assertHappened("repairs", sum.repaired);
        assertHappened("spoiled repairs", sum.wrongRepairBytes);
        assertHappened("fetches of a segment that failed", sum.failedFetches);
        assertHappened("reads", sum.batchesRead);
        assertHappened("damaged batches that a client saw by their CRC", sum.batchesClientRefused);
        assertHappened("reads that met damage", sum.readsRefused);
    }

    private static void assertHappened(final String what, final long count) {
        assertTrue(count > 0, () -> "no " + what + ": the campaign proves nothing about it");
    }

    @ParameterizedTest
    @EnumSource(value = Mutant.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void shouldCatchEachMutant(final Mutant mutant) {
        for (long seed = 0; seed < MUTANT_SEED_COUNT; seed++) {
            try {
                run(seed, mutant, new SimCounters());
            } catch (final Simulation.Violation ex) {
                if (ex.getMessage().startsWith("no convergence")) {
                    continue; // wrong, but not yet harmful
                }
                System.out.println("mutant " + mutant + " caught by seed " + seed + ": " + ex.getMessage());
                return;
            }
        }
        fail(mutant + " survives " + MUTANT_SEED_COUNT + " seeds: the simulation has no teeth there");
    }
}
