package io.millrace.system.chaos;

import io.millrace.system.history.HistoryChecker;
import io.millrace.system.history.HistoryLog;
import io.millrace.system.history.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.apache.kafka.common.TopicPartition;

/**
 * One life of a cluster: it is started, loaded, broken some times, and everything is read back and compared. Owned by
 * the main thread.
 */
final class ChaosRound {
    static final String HISTORY_FILE = "history.bin";

    private static final long START_TIMEOUT_S = 300;
    private static final long RECOVERY_TIMEOUT_S = 120;
    private static final long DRAIN_TIMEOUT_S = 300;
    /** A quarter of the time nothing is broken: faults without a pause hide what comes after one. */
    private static final int QUIET_DIVISOR = 3;
    private static final long QUIET_LIMIT_MS = 10_000;
    private static final long BEYOND_TIMEOUT_S = 10;

    private final RoundOptions options;
    private final IntFunction<FaultPlan> schedule;
    private final int round;
    private final Path directory;
    private final Leftovers leftovers;
    private final StopFlag stop;
    private final Consumer<String> console;
    private final List<CycleResult> cycles = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();
    private final String startedAt = now();
    private final long startNs = System.nanoTime();
    private long comparedBytes;

    ChaosRound(final RoundOptions options, final IntFunction<FaultPlan> schedule, final int round, final Path directory,
        final Leftovers leftovers, final StopFlag stop, final Consumer<String> console) {
        this.options = options;
        this.schedule = schedule;
        this.round = round;
        this.directory = directory;
        this.leftovers = leftovers;
        this.stop = stop;
        this.console = console;
    }

    private static String now() {
        return Instant.now().truncatedTo(ChronoUnit.MILLIS).toString();
    }

    RoundResult run(final int firstCycle, final int cycleCount) throws IOException, InterruptedException {
        Files.createDirectories(directory);
        final Path historyFile = directory.resolve(HISTORY_FILE);
        Load load = null;
        try (ChaosCluster cluster = new ChaosCluster(setup(), leftovers); HistoryLog history =
            new HistoryLog(historyFile)) {
            cluster.startMissing();
            cluster.awaitWhole(START_TIMEOUT_S);
            Load.createTopics(cluster.bootstrapServers());
            load = new Load(cluster, history, options.seed() + round, options.ratePerS());
            load.start();
            load.awaitAcksEverywhere(START_TIMEOUT_S);
            breakIt(cluster, load, firstCycle, cycleCount);
            finish(cluster, load);
        } catch (final Wait.TooLateException ex) {
            problems.add(ex.getMessage());
        } catch (final IOException | InterruptedException | RuntimeException ex) {
            throw ex;
        } catch (final Exception ex) {
            problems.add(ex.toString());
        } finally {
            if (load != null) {
                load.requestEnd();
            }
        }
        final Verdict verdict = check(historyFile);
        return new RoundResult(round, firstCycle, List.copyOf(cycles), startedAt,
            TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs), verdict,
            load == null ? java.util.Map.of() : load.errors().counts(),
            load == null ? java.util.Map.of() : load.errors().faults(), comparedBytes, List.copyOf(problems));
    }

    private ClusterSetup setup() throws IOException {
        return new ClusterSetup(directory, options.launcher(),
            options.has(FaultKind.PARTITION) || options.has(FaultKind.LOSS),
            options.has(FaultKind.DISK_FULL) ? 1 + round % ChaosCluster.NODE_COUNT : 0,
            options.has(FaultKind.IO_ERROR) ? ShimLibrary.build(directory) : null, options.overrides());
    }

    private void breakIt(final ChaosCluster cluster, final Load load, final int firstCycle, final int cycleCount)
        throws Wait.TooLateException {
        long previousMs = 0;
        for (int i = firstCycle; i < firstCycle + cycleCount && !stop.isSet(); i++) {
            final long cycleNs = System.nanoTime();
            final FaultPlan plan = schedule.apply(i);
            Wait.pass(plan.calmMs() + Math.min(QUIET_LIMIT_MS, previousMs / QUIET_DIVISOR), stop);
            if (stop.isSet()) {
                return;
            }
            final CycleResult result = cycle(plan, cluster, load);
            cycles.add(result);
            console.accept(result.describe());
            if (CycleResult.FAILED.equals(result.status())) {
                rescue(cluster);
                return;
            }
            previousMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - cycleNs);
        }
    }

    private CycleResult cycle(final FaultPlan plan, final ChaosCluster cluster, final Load load) {
        final String at = now();
        final CycleNotes notes = new CycleNotes();
        Fault fault = null;
        try {
            fault = Faults.of(plan, cluster);
            final ChaosNode metadataLeader = cluster.metadataLeader();
            final List<ChaosNode> victims = fault.victims();
            // nobody leads the metadata for a while after each fault
            notes.hadMetadataLeader = metadataLeader != null && victims.contains(metadataLeader);
            final List<Integer> ids = victims.stream().map(ChaosNode::id).toList();
            notes.victims = ids;
            notes.led = (int) cluster.view().partitions().stream()
                .filter(partition -> ids.contains(partition.leader())).count();
            load.gaps(LoadTopic.IDEMPOTENT).begin();
            final long faultNs = System.nanoTime();
            fault.inject();
            notes.evidence = fault.prove();
            Wait.pass(plan.holdMs() - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - faultNs), stop);
        } catch (final IOException | Wait.TooLateException | RuntimeException ex) {
            notes.spoil(CycleResult.INVALID, ex);
        }
        recover(plan, fault, cluster, load, notes);
        for (final ChaosNode node : cluster.nodes()) {
            for (final String end : node.takeUnexpectedEnds()) {
                notes.spoil(CycleResult.FAILED, new IOException(end));
            }
        }
        final List<Long> standstills = Arrays.stream(load.gaps(LoadTopic.IDEMPOTENT).longestNs())
            .mapToObj(TimeUnit.NANOSECONDS::toMillis).toList();
        return new CycleResult(plan.cycle(), plan.kind().commandName(),
            plan.variant() + (plan.kind() == FaultKind.LOSS ? " " + plan.percent() + " %" : ""), notes.victims,
            notes.led, notes.hadMetadataLeader, at, plan.holdMs(), notes.evidence, notes.healing, notes.recoveryMs,
            standstills.stream().mapToLong(Long::longValue).max().orElse(0), standstills, notes.status,
            notes.problem);
    }

    private void recover(final FaultPlan plan, final Fault fault, final ChaosCluster cluster, final Load load,
        final CycleNotes notes) {
        final long healNs = System.nanoTime();
        try {
            if (fault != null) {
                final int restarts = restarts(fault.victims());
                notes.healing = fault.heal();
                if (plan.variant().startsWith("beyond") && restarted(fault.victims(), restarts)) {
                    notes.healing += ", ended with " + ChaosNode.RESTART_EXIT_CODE + " and was started again";
                }
            }
            cluster.awaitWhole(RECOVERY_TIMEOUT_S);
            load.awaitAcksEverywhere(RECOVERY_TIMEOUT_S);
            notes.recoveryMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - healNs);
        } catch (final IOException | Wait.TooLateException | RuntimeException ex) {
            notes.spoil(CycleResult.FAILED, ex);
        }
    }

    private static int restarts(final List<ChaosNode> nodes) {
        return nodes.stream().mapToInt(ChaosNode::restartCount).sum();
    }

    private static boolean restarted(final List<ChaosNode> nodes, final int before) {
        try {
            Wait.until(BEYOND_TIMEOUT_S, () -> "restart", () -> restarts(nodes) > before);
            return true;
        } catch (final Wait.TooLateException survived) {
            return false;
        }
    }

    /** What a cycle comes to, while it lasts. */
    private static final class CycleNotes {
        private List<Integer> victims = List.of();
        private int led;
        private boolean hadMetadataLeader;
        private String evidence;
        private String healing;
        private long recoveryMs = -1;
        private String status = CycleResult.OK;
        private String problem;

        void spoil(final String worse, final Exception why) {
            status = worse;
            problem = (problem == null ? "" : problem + "; ")
                + (why.getMessage() == null ? why.toString() : why.getMessage());
        }
    }

    /** A cluster that did not come back by itself is started anew, so that what it has can be read. */
    private void rescue(final ChaosCluster cluster) throws Wait.TooLateException {
        console.accept("the cluster did not come back; everything is taken away and all brokers are started anew");
        try {
            for (final ChaosNode node : cluster.nodes()) {
                if (cluster.networks() != null) {
                    cluster.networks().heal(node.id());
                }
                if (cluster.shim(node.id()) != null) {
                    cluster.shim(node.id()).disarm();
                }
            }
            cluster.killAll();
            cluster.startMissing();
        } catch (final IOException ex) {
            problems.add("after a failed cycle: " + ex.getMessage());
        }
        cluster.awaitWhole(START_TIMEOUT_S);
    }

    private void finish(final ChaosCluster cluster, final Load load)
        throws IOException, InterruptedException, Wait.TooLateException {
        load.end();
        cluster.awaitWhole(RECOVERY_TIMEOUT_S);
        final Set<TopicPartition> left = load.drain(DRAIN_TIMEOUT_S);
        if (!left.isEmpty()) {
            problems.add("not read to the end within " + DRAIN_TIMEOUT_S + " s: " + left);
        }
        final List<String> ends = cluster.stopAll();
        if (!ends.stream().allMatch(end -> end.contains("exit code 0 "))) {
            problems.add("not all nodes ended in order: " + ends);
        }
        comparedBytes = ReplicaComparison.compare(cluster.nodes(), problems);
    }

    private static Verdict check(final Path historyFile) throws IOException {
        final HistoryChecker checker = new HistoryChecker();
        HistoryLog.read(historyFile, checker);
        return checker.conclude();
    }
}
