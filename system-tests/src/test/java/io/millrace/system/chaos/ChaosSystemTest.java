package io.millrace.system.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.system.history.Anomaly;
import io.millrace.system.history.Guarantee;
import io.millrace.system.history.HistoryChecker;
import io.millrace.system.history.HistoryEvent;
import io.millrace.system.history.HistoryLog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The short set of faults on real processes. What cannot be done here is listed, or fails with peers=required. */
@Timeout(2400)
class ChaosSystemTest {
    private static final long SEED = Long.getLong("millrace.test.seed", 1);
    private static final int RATE_PER_S = 150;
    private static final int CALM_MS = 500;

    /** {@return the faults that can be done here, in order} */
    private static List<FaultPlan> plans() {
        final List<FaultPlan> plans = new ArrayList<>();
        add(plans, FaultKind.KILL, "leader", 2_500);
        add(plans, FaultKind.PAUSE, "short-leader", 600);
        add(plans, FaultKind.KILL, "follower", 500);
        add(plans, FaultKind.PARTITION, "isolated-leader", 4_500);
        add(plans, FaultKind.KILL, "metadata-leader", 1_000);
        add(plans, FaultKind.PAUSE, "long-leader", 4_000);
        add(plans, FaultKind.LOSS, "all", 3_000);
        add(plans, FaultKind.DISK_FULL, "disk", 500);
        add(plans, FaultKind.IO_ERROR, "leader", 500);
        add(plans, FaultKind.KILL_ALL, "all", 500);
        return plans;
    }

    private static void add(final List<FaultPlan> plans, final FaultKind kind, final String variant,
        final long holdMs) {
        final String whyNot = kind.whyNot();
        if (whyNot == null) {
            plans.add(new FaultPlan(plans.size(), kind, variant, CALM_MS, holdMs, 10, (int) SEED + plans.size()));
        } else if ("required".equals(System.getProperty("peers"))) {
            Assertions.fail("a fault cannot be done here: " + kind.commandName() + ", " + whyNot);
        } else {
            System.out.println("[chaos] left out: " + kind.commandName() + ", " + whyNot);
        }
    }

    @Test
    void shouldLoseNothingWhenProcessesNetworksAndDisksFail() throws Exception {
        final Path project = projectRoot();
        final Path parent = Files.createDirectories(project.resolve("system-tests/target/chaos"));
        final Path directory = Files.createTempDirectory(parent, "round-");
        final List<FaultPlan> plans = plans();
        System.out.println("[chaos] seed=" + SEED + " in " + directory);
        final RoundOptions options = new RoundOptions(SEED, plans.stream().map(FaultPlan::kind).distinct().toList(),
            RATE_PER_S, project.resolve("cli/target/app/bin/millrace"), Map.of());
        final RoundResult result;
        try (Leftovers leftovers = Leftovers.open(parent.resolve("outside-" + directory.getFileName() + ".txt"))) {
            result = new ChaosRound(options, plans::get, 0, directory, leftovers, new StopFlag(),
                line -> System.out.println("[chaos] " + line)).run(0, plans.size());
        }
        for (final CycleResult cycle : result.cycles()) {
            assertEquals(CycleResult.OK, cycle.status(), cycle::describe);
            assertFalse(cycle.evidence().isEmpty());
        }
        assertEquals(List.of(), result.problems());
        assertEquals(Map.of(), result.clientFaults());
        assertTrue(result.verdict().isGood(), result.verdict().describe() + "\n" + result.verdict().findings());
        System.out.println("[chaos] " + result.verdict().describe() + "; replicas the same in "
            + result.comparedBytes() + " bytes; " + result.lengthMs() + " ms");
        assertEquals(plans.size(), result.cycles().size());
        assertTrue(result.verdict().acked() > 0 && result.verdict().failed() > 0 && result.comparedBytes() > 0);
        requireTeeth(directory.resolve(ChaosRound.HISTORY_FILE), result.verdict().lostByLeader());
        removeData(directory);
    }

    /** The same history must fail when one thing in it is other than it was. */
    private static void requireTeeth(final Path history, final long lostByLeader) throws Exception {
        final HistoryChecker strict = new HistoryChecker();
        HistoryLog.read(history, event -> strict.append(event instanceof HistoryEvent.Lane lane
            ? new HistoryEvent.Lane(lane.lane(), lane.process(), lane.partition(), Guarantee.COMMITTED) : event));
        final Map<Anomaly, Long> found = strict.conclude().anomalies();
        assertTrue(found.getOrDefault(Anomaly.LOST_WRITE, 0L) + found.getOrDefault(Anomaly.UNSEEN, 0L)
            >= lostByLeader, "lost with acks=1: " + lostByLeader + ", found when they are taken for more: " + found);
        final HistoryChecker forgetful = new HistoryChecker();
        final long[] seen = new long[1];
        HistoryLog.read(history, event -> {
            final boolean isForgotten =
                event instanceof HistoryEvent.Poll poll && poll.isDrain() && ++seen[0] == 1_000;
            if (!isForgotten) {
                forgetful.append(event);
            }
        });
        assertTrue(seen[0] > 1_000 && !forgetful.conclude().isGood(), "a forgotten record was not missed");
    }

    private static void removeData(final Path directory) throws Exception {
        Files.delete(directory.resolve(ChaosRound.HISTORY_FILE));
        for (int id = 1; id <= ChaosCluster.NODE_COUNT; id++) {
            Leftovers.delete(directory.resolve("node-" + id).resolve("data"));
        }
    }

    private static Path projectRoot() {
        Path directory = Path.of("").toAbsolutePath();
        while (!Files.isRegularFile(directory.resolve("millrace"))) {
            directory = directory.getParent();
        }
        return directory;
    }
}
