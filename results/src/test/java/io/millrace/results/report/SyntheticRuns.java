package io.millrace.results.report;

import io.millrace.results.model.AgentCost;
import io.millrace.results.model.BrokerCost;
import io.millrace.results.model.Cost;
import io.millrace.results.model.Environment;
import io.millrace.results.model.Experiment;
import io.millrace.results.model.GitRevision;
import io.millrace.results.model.Measured;
import io.millrace.results.model.Phases;
import io.millrace.results.model.RunEvent;
import io.millrace.results.model.RunFindings;
import io.millrace.results.model.RunHeader;
import io.millrace.results.model.RunOutcome;
import io.millrace.results.model.RunStatus;
import io.millrace.results.model.Tags;
import io.millrace.results.model.TimelineRow;
import io.millrace.results.model.Verification;
import io.millrace.results.store.EnvironmentProbe;
import io.millrace.results.store.ExperimentStore;
import io.millrace.results.store.RunWriter;
import org.HdrHistogram.Histogram;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Made-up experiments for tests: log-normal times with a slow tail, a seed for each. */
public final class SyntheticRuns {
    private static final long START_MS = 1_790_000_000_000L;

    private final Path dir;
    private final String experimentId;
    private final SplittableRandom random;
    private final int seconds;
    private int perSecond;
    private int stallCount;
    private boolean hasWorkers;
    private final List<String> names = new ArrayList<>();

    private SyntheticRuns(final Path dir, final long seed, final int seconds, final int perSecond) {
        this.dir = dir;
        this.experimentId = "synthetic-" + seed;
        this.random = new SplittableRandom(seed);
        this.seconds = seconds;
        this.perSecond = perSecond;
    }

    /** An A/B experiment in which the second side's times are longer by a factor. */
    public static Path experiment(
        final Path dir, final long seed, final int pairs, final double factor, final int seconds, final int perSecond) {
        final SyntheticRuns runs = new SyntheticRuns(dir, seed, seconds, perSecond);
        for (int pair = 1; pair <= pairs; pair++) {
            final boolean isBaseFirst = pair % 2 == 1;
            runs.run(isBaseFirst ? "A" : "B", pair, isBaseFirst ? 1 : factor, RunStatus.OK);
            runs.run(isBaseFirst ? "B" : "A", pair, isBaseFirst ? factor : 1, RunStatus.OK);
        }
        runs.finish(pairs);
        return dir;
    }

    /** As {@link #experiment}, with every kind of run that is not valid. */
    public static Path troubled(final Path dir, final long seed) {
        final SyntheticRuns runs = new SyntheticRuns(dir, seed, 8, 1200);
        for (int pair = 1; pair <= 4; pair++) {
            runs.run("A", pair, 1, pair == 2 ? RunStatus.FAILED : RunStatus.OK);
            runs.run("B", pair, 1.6, pair == 3 ? RunStatus.INVALID : pair == 4 ? RunStatus.INTERRUPTED : RunStatus.OK);
        }
        runs.finish(4);
        return dir;
    }

    /** As {@link #experiment}, on a machine that stalls all the time, so that marks lie on marks. */
    public static Path busy(final Path dir, final long seed) {
        final SyntheticRuns runs = new SyntheticRuns(dir, seed, 40, 400);
        runs.stallCount = 150;
        for (int pair = 1; pair <= 3; pair++) {
            runs.run("A", pair, 1, RunStatus.OK);
            runs.run("B", pair, 1.4, RunStatus.OK);
        }
        runs.finish(3);
        return dir;
    }

    /**
     * Both acks at several rates, three runs each; the highest rates are too much, and one run has a fault. As the
     * command writes it: each cell is a side.
     */
    public static Path matrix(final Path dir, final long seed, final int seconds) {
        return matrix(dir, seed, seconds, true);
    }

    /** The same as two sides, each with several rates: runs that were named one by one. */
    static Path twoSidesOfManyRates(final Path dir, final long seed, final int seconds) {
        return matrix(dir, seed, seconds, false);
    }

    private static Path matrix(final Path dir, final long seed, final int seconds, final boolean isCellASide) {
        final SyntheticRuns runs = new SyntheticRuns(dir, seed, seconds, 400);
        final Map<String, Experiment.Leg> legs = new LinkedHashMap<>();
        for (int repeat = 1; repeat <= 3; repeat++) {
            for (final boolean isAll : new boolean[] {false, true}) {
                for (final int rate : new int[] {200, 400, 600, 800, 900}) {
                    final String label = "acks=" + (isAll ? "all" : "leader") + (isCellASide ? " rate=" + rate : "");
                    legs.putIfAbsent(label, new Experiment.Leg(
                        isCellASide ? "C" + (legs.size() + 1) : isAll ? "B" : "A", label));
                    runs.perSecond = rate;
                    final double load = 1 / (1 - rate / 1000.0); // as a queue fills
                    runs.run(legs.get(label), isAll, repeat, (isAll ? 1.7 : 1) * load,
                        isAll && rate == 900 ? RunStatus.INVALID : RunStatus.OK);
                }
            }
        }
        runs.finish(Experiment.MATRIX, isCellASide ? List.copyOf(legs.values()) : List.of());
        return dir;
    }

    /** One setting at several rates, as a sweep writes it; the runs of one rate are not valid. */
    static Path sweep(final Path dir, final long seed, final int invalidRate) {
        final SyntheticRuns runs = new SyntheticRuns(dir, seed, 6, 400);
        for (final int rate : new int[] {200, 400, 600}) {
            runs.perSecond = rate;
            runs.run(new Experiment.Leg("R" + rate, "rate=" + rate), false, runs.names.size() + 1, 1,
                rate == invalidRate ? RunStatus.INVALID : RunStatus.OK);
        }
        runs.finish(Experiment.SWEEP, List.of());
        return dir;
    }

    /**
     * Runs of one side that build up a backlog of six seconds and drain it while the producers go on.
     *
     * @param isCut true if the last one ends while it drains
     */
    static Path backlog(final Path dir, final long seed, final int count, final boolean isCut) {
        final SyntheticRuns runs = new SyntheticRuns(dir, seed, 8, 2000);
        for (int run = 1; run <= count; run++) {
            runs.backlog(run, isCut && run == count);
        }
        runs.finish("run", List.of(new Experiment.Leg("A", "acks=all")));
        return dir;
    }

    /** One run whose load came from three workers, two of them on a host of their own. */
    static Path workers(final Path dir, final long seed) {
        final SyntheticRuns runs = new SyntheticRuns(dir, seed, 8, 2000);
        runs.hasWorkers = true;
        runs.run("B", 1, 1, RunStatus.OK);
        runs.finish("run", List.of(new Experiment.Leg("B", "acks=all")));
        return dir;
    }

    private static Environment other(final Environment e) {
        return new Environment("another", "load-2.example", "Another Processor <9>", 16, false, "performance",
            64L << 30, e.kernel(), e.os(), null, e.jdk(), List.of(), null, e.clocksource(), null, null, null, 0.1,
            null);
    }

    private void backlog(final int pair, final boolean isCut) {
        final String name = String.format("run-%02d-A", names.size() + 1);
        names.add(name);
        final long startMs = START_MS + names.size() * 60_000L;
        final RunHeader header = header(new Experiment.Leg("A", "acks=all"), true, pair, startMs);
        final int drainPerS = 5 * perSecond + random.nextInt(perSecond);
        long waiting = 0;
        try (RunWriter writer = RunWriter.create(dir.resolve(name), header)) {
            writer.event(RunEvent.at(startMs, "phase", "measure"));
            for (int s = 0; s < 2 * seconds + 6; s++) {
                final long nowMs = startMs + s * 1000L;
                final boolean isPause = s >= seconds && s < seconds + 6;
                final String phase = s < seconds ? "measure" : isPause ? "backlog" : "drain";
                if (s == seconds) {
                    writer.event(RunEvent.at(nowMs, "phase", Phases.CONSUMERS_PAUSE));
                } else if (s == seconds + 6) {
                    writer.event(RunEvent.at(nowMs, "phase", Phases.CONSUMERS_GO_ON));
                }
                final long received = isPause ? 0 : Math.min(waiting + perSecond, drainPerS);
                waiting += perSecond - received;
                if (s < seconds) {
                    second(writer, nowMs, 1, perSecond);
                } else {
                    writer.timeline(new TimelineRow(nowMs, phase, perSecond, perSecond, 0, perSecond * 1024L, -1, -1,
                        -1));
                    writer.interval(Tags.HICCUP_CLIENT, new Histogram(3), nowMs, nowMs + 1000);
                    writer.interval(Tags.ACK_RT, new Histogram(3), nowMs, nowMs + 1000); // as the commands do
                }
                final Histogram endToEnd = new Histogram(3);
                endToEnd.recordValueWithCount(2_000_000, Math.max(1, received));
                if (received > 0) {
                    writer.interval((s < seconds ? "" : Tags.WARMUP_PREFIX + "after.") + Tags.E2E_RT, endToEnd, nowMs,
                        nowMs + 1000);
                }
                if (!isPause && s > seconds && (waiting == 0 || isCut)) {
                    break;
                }
            }
            if (!isCut) {
                writer.event(RunEvent.at(startMs + (seconds + 8) * 1000L, "phase", Phases.BACKLOG_DRAINED));
                writer.finish(backlogOutcome(drainPerS));
            }
        }
    }

    private RunOutcome backlogOutcome(final int drainPerS) {
        final RunOutcome plain = outcome(RunStatus.OK, true, seconds);
        return new RunOutcome(RunStatus.OK, List.of(), List.of(), plain.measured(), plain.verification(),
            new RunFindings(List.of(), null, new RunFindings.BacklogResult(6L * perSecond, 6L * perSecond * 1024,
                6_000_000_000L, 2_000_000_000L, drainPerS, true), List.of(), List.of(), null));
    }

    private void finish(final String kind, final List<Experiment.Leg> legs) {
        ExperimentStore.write(dir, new Experiment(Experiment.SCHEMA, experimentId, kind,
            Instant.ofEpochMilli(START_MS), command(), legs, 3, 0.05, names, List.of()));
    }

    /**
     * Writes one of each kind, to be looked at.
     *
     * @param args a directory
     */
    public static void main(final String[] args) {
        busy(Path.of(args[0], "busy"), 4);
        matrix(Path.of(args[0], "matrix"), 1, 30);
        troubled(Path.of(args[0], "troubled"), 2);
        backlog(Path.of(args[0], "backlog"), 5, 1, false);
        backlog(Path.of(args[0], "backlogs"), 6, 4, true);
        workers(Path.of(args[0], "workers"), 7);
        sweep(Path.of(args[0], "sweep"), 8, 400);
        experiment(Path.of(args[0], "ab"), 3, 5, 1.4, 40, 2000);
    }

    private void finish(final int pairs) {
        ExperimentStore.write(dir, new Experiment(Experiment.SCHEMA, experimentId, "ab",
            Instant.ofEpochMilli(START_MS), command(), List.of(new Experiment.Leg("A", "acks=leader"),
            new Experiment.Leg("B", "acks=all")), pairs, 0.05, names, List.of()));
    }

    private static List<String> command() {
        return List.of("millrace", "bench", "ab", "--a", "acks=leader", "--b", "acks=all", "--throughput", "20k",
            "--record-size", "1024", "--pairs", "5", "--warmup", "10s", "--duration", "30s");
    }

    private void run(final String leg, final int pair, final double factor, final RunStatus status) {
        final boolean isAll = "B".equals(leg);
        run(new Experiment.Leg(leg, isAll ? "acks=all" : "acks=leader"), isAll, pair, factor, status);
    }

    private void run(
        final Experiment.Leg leg, final boolean isAll, final int pair, final double factor, final RunStatus status) {
        final String name = String.format("run-%02d-%s", names.size() + 1, leg.name());
        names.add(name);
        final long startMs = START_MS + names.size() * 60_000L;
        final RunHeader header = header(leg, isAll, pair, startMs);
        final double level = factor * Math.exp(random.nextGaussian() * 0.06);
        try (RunWriter writer = RunWriter.create(dir.resolve(name), header)) {
            writer.event(RunEvent.at(startMs, "phase", "measure"));
            if (hasWorkers) {
                writer.environment("worker-127.0.0.1:9410", header.env());
                writer.environment("worker-192.0.2.7:9410", other(header.env()));
                writer.environment("worker-192.0.2.7:9411", other(header.env()));
            }
            final int count = status == RunStatus.INTERRUPTED ? seconds / 2 : seconds;
            for (int s = 0; s < count; s++) {
                final boolean isDown = pair == 3 && seconds > 20 && s >= 12 && s < 15;
                second(writer, startMs + s * 1000L, level * (isDown ? 60 : 1), isDown ? perSecond / 20 : perSecond);
            }
            for (int i = 0; i < stallCount; i++) {
                writer.event(new RunEvent(startMs + random.nextInt(1000 * count), "stall", "node " + (1 + i % 3)
                    + " engine " + (i % 2 == 0 ? "write call" : "duty cycle"), null,
                    10_000_000L + random.nextInt(90_000_000)));
            }
            if (pair == 2) {
                writer.event(new RunEvent(startMs + 7300, "stall", "duty cycle of broker 2", null, 41_000_000L));
            }
            if (pair == 3 && seconds > 20) {
                writer.event(
                    RunEvent.at(startMs + 12_300, "fault", "kill node 2 (leader of partition 0), process 4711"));
                writer.event(RunEvent.at(startMs + 16_400, "fault", "restart over: the nodes that do not run"));
            }
            if (status != RunStatus.INTERRUPTED) {
                writer.finish(outcome(status, isAll, count));
            }
        }
    }

    private RunHeader header(final Experiment.Leg leg, final boolean isAll, final int pair, final long startMs) {
        final Map<String, Object> params = new LinkedHashMap<>();
        params.put("target", "local cluster of 3 brokers, replication factor 3");
        params.put("driver", "lean");
        params.put("acks", isAll ? "all" : "leader");
        params.put("profile", "replicated");
        params.put("rate_per_s", perSecond);
        params.put("record_bytes", 1024);
        params.put("partitions", 6);
        params.put("producers", 2);
        params.put("warmup_s", 10);
        params.put("slo", List.of("rt.p99 < 8ms"));
        params.put("replication_factor", 3);
        params.put("batch_bytes", 65536);
        params.put("linger_ns", 5_000_000L);
        params.put("durability", promise(isAll));
        params.put("cluster", experimentId + " start " + names.size());
        return new RunHeader(experimentId + "-" + names.size(), experimentId,
            leg.name(), leg.label(), pair, Instant.ofEpochMilli(startMs), command(),
            new GitRevision("4f5a1c9b2d7e", false), "abc", params, EnvironmentProbe.capture(Path.of("target")));
    }

    private void second(final RunWriter writer, final long startMs, final double level, final int acked) {
        final Histogram rt = new Histogram(3);
        final Histogram service = new Histogram(3);
        final Histogram lag = new Histogram(3);
        final Histogram hiccup = new Histogram(3);
        final double mood = Math.exp(random.nextGaussian() * 0.08);
        for (int i = 0; i < acked; i++) {
            final double tail = random.nextInt(300) == 0 ? 1 + random.nextDouble() * 25 : 1;
            final double serviceNs = 420_000 * level * mood * tail * Math.exp(random.nextGaussian() * 0.45);
            final double lagNs = 18_000 * Math.exp(random.nextGaussian() * 0.8);
            service.recordValue((long) serviceNs);
            lag.recordValue((long) lagNs);
            rt.recordValue((long) (serviceNs + lagNs));
        }
        for (int i = 0; i < 300; i++) {
            hiccup.recordValue((long) (60_000 * Math.exp(random.nextGaussian() * 0.7)));
        }
        writer.interval(Tags.ACK_RT, rt, startMs, startMs + 1000);
        writer.interval(Tags.ACK_SERVICE, service, startMs, startMs + 1000);
        writer.interval(Tags.SCHED_LAG, lag, startMs, startMs + 1000);
        writer.interval(Tags.HICCUP_CLIENT, hiccup, startMs, startMs + 1000);
        writer.timeline(new TimelineRow(startMs, "measure", perSecond, acked, 0, acked * 1024L,
            rt.getValueAtPercentile(50), rt.getValueAtPercentile(99), rt.getMaxValue()));
    }

    private static BrokerCost broker(final int node) {
        return new BrokerCost(4700 + node, node, node * 1_000_000_000L, 3_000_000L, 40_000_000L, 1L, 2_000_000L, 0L,
            65_536L, List.of(new AgentCost("engine", node * 200_000_000L, null, 3_500_000L * node, 0L, 100L, 3_000_000L,
            3_100_000L, 4L, 25_000_000L)), "broker-" + node, null, null, node == 2 ? BrokerCost.GONE : null);
    }

    private static RunFindings findings(final boolean isAll) {
        return new RunFindings(List.of(new RunFindings.SloResult("rt.p99 < 8ms", 6.1e6, !isAll)),
            new RunFindings.FaultVerdict(List.of(new RunFindings.Fault(START_MS, "kill", "node 2 <leader>", true,
                "gone", 2_900_000_000L, 3_400_000_000L)), true, 2_900_000_000L, 3_400_000_000L, 0L, null),
            new RunFindings.BacklogResult(100_000, 102_400_000, 5_000_000_000L, 9_000_000_000L, 31_000, true),
            List.of("rt.p50"), List.of(), isAll ? "in the cache of every in-sync replica"
            : "in the leader's cache");
    }

    private static Map<String, String> promise(final boolean isOther) {
        final Map<String, String> promise = new LinkedHashMap<>();
        promise.put("system", isOther ? "Other <1.2>" : "Millrace");
        promise.put("nodes", "3, on this machine");
        promise.put("replicas", "the run's replication factor");
        promise.put("acks_leader", "in the leader's page cache");
        promise.put("acks_all", "in the page caches of all in-sync replicas");
        promise.put("waits_for", "all in-sync replicas");
        promise.put("waits_for_leader", "the leader");
        promise.put("synced", isOther ? "yes" : "by profile");
        promise.put("sync", isOther ? "none before the answer" : "before the answer");
        promise.put("setting some.key", "7");
        return promise;
    }

    private RunOutcome outcome(final RunStatus status, final boolean isAll, final int count) {
        final long records = (long) count * perSecond;
        final boolean isInvalid = status == RunStatus.INVALID;
        return new RunOutcome(status, isInvalid ? List.of("rate", "hiccup") : List.of(),
            isInvalid ? List.of("achieved 91.2 % of the target rate; the machine stalled for 212 ms.")
                : status == RunStatus.FAILED ? List.of("broker 3 closed the connection <script>alert(1)</script>")
                : List.of(),
            new Measured(count * 1_000_000_000L, records, records, records,
                status == RunStatus.FAILED ? Map.of("NOT_ENOUGH_REPLICAS", 17L) : Map.of(),
                isInvalid ? perSecond * 0.912 : perSecond * (1 - random.nextDouble() * 0.001), perSecond * 1024.0, null,
                new Cost(2100.0 + random.nextInt(200), isAll ? 9.1 : 6.2, 1.2, 3_000_000L, records * 3072, 12L, 3.01,
                    isAll ? 40.5 : 33.1, 2_000_000L, 3_100_000L, 25_000_000L, 4_200_000L, List.of(broker(1), broker(2)),
                    List.of("Nothing is missing here but a <sentence>."))),
            new Verification(records, status == RunStatus.FAILED ? 3 : 0, 0, 0, 0, 0, 0),
            count > 20 ? findings(isAll) : null);
    }
}
