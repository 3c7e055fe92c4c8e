package io.millrace.load.command;

import io.millrace.load.profile.ProfileKind;
import io.millrace.load.profile.Profiling;
import io.millrace.load.workload.Arrival;
import io.millrace.load.workload.Units;
import io.millrace.load.workload.WorkloadBuilder;
import io.millrace.load.workload.WorkloadException;
import io.millrace.load.workload.WorkloadFile;
import io.millrace.load.workload.WorkloadKeys;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The options both commands share; each workload option becomes a setting of the same name. */
final class WorkloadOptions {
    private static final long MIN_WORKER_TIMEOUT_NS = 3_000_000_000L;

    @Option(order = 30, names = "--bootstrap-server", paramLabel = "H:P[,H:P...]",
        description = "Cluster to measure. Without it a local cluster of three brokers is started for the run and "
            + "stopped after it.")
    String bootstrapServer;

    @Option(order = 33, names = {"-o", "--out"}, paramLabel = "DIR",
        description = "Directory of the result, new or empty (default: bench-results/<time>).")
    Path out;

    @Option(order = 31, names = "--data", paramLabel = "DIR",
        description = "Data directory of the local cluster; kept afterwards (default: a new one, deleted at the end). "
            + "With --bootstrap-server on this machine: where its brokers keep their data, to check the free disk.")
    Path data;

    @Option(order = 32, names = "--base-port", paramLabel = "PORT",
        description = "First Kafka port of the local cluster (default: a free one).")
    int basePort;

    @Option(order = 33, names = "--broker-pids", split = ",", paramLabel = "PID",
        description = "Processes of all brokers on this machine, to measure what they use (default: whoever listens "
            + "on the brokers' ports).")
    List<Long> brokerPids = List.of();

    @Option(order = 34, names = {"-q", "--quiet"}, description = "No progress.")
    boolean quiet;

    @Option(order = 35, names = "--json",
        description = "Print the result as JSON to standard output; progress goes to standard error.")
    boolean json;

    @Option(order = 36, names = "--verbose", description = "Print also what each broker and each of its agents used.")
    boolean verbose;

    @Option(order = 31, names = "--workers", split = ",", paramLabel = "H:P",
        description = "Processes that send and consume the load together ('millrace bench worker'), instead of this "
            + "one; each takes its share of producers and consumers, all begin at one moment.")
    private List<String> workers = List.of();

    @Option(order = 31, names = "--workers-file", paramLabel = "FILE",
        description = "The same from a file: an address a line, or OpenMessaging Benchmark's 'workers:' list.")
    private Path workersFile;

    @Option(order = 31, names = "--workers-clock", paramLabel = "HOW", defaultValue = "own",
        description = "End-to-end times of workers on several hosts: own, each worker consumes what it sent itself; "
            + "measured, each consumes its share of the partitions, and clocks are compared, which the result states "
            + "with its bound (default: ${DEFAULT-VALUE}). Workers on one host share its clock.")
    private String workersClock = "own";

    @Option(order = 31, names = "--worker-timeout", paramLabel = "TIME", defaultValue = "15s",
        description = "A worker that has not answered for so long is lost, and the run invalid (default: "
            + "${DEFAULT-VALUE}).")
    private String workerTimeout = "15s";

    @Option(order = 29, names = "--set", paramLabel = "KEY=VALUE",
        description = {"Any setting by name, Kafka's names included;",
            "topic.KEY for the topic's configuration. Repeatable."})
    private List<String> assignments = new ArrayList<>();

    @Parameters(arity = "0..1", paramLabel = "WORKLOAD",
        description = "Workload file, or name of a preset ('millrace bench list'); options and --set override it.")
    private String workload;

    @Option(order = 37, names = "--jfr",
        description = "Flight recordings of this process and of the brokers, in jfr/ of the result; those of brokers "
            + "that are started for the run begin with their JVMs.")
    private boolean isJfr;

    @Option(order = 38, names = "--profile", paramLabel = "EVENT",
        description = "Flame graphs of this process and of the brokers over the measured phase, in flame/ of the "
            + "result: cpu, alloc or lock; made from flight recordings, which are kept, too.")
    private String profile;

    private final Map<String, String> flags = new LinkedHashMap<>();
    private WorkloadFile file;

    /** {@return the settings given: defaults, workload file, options, {@code --set} last} */
    WorkloadBuilder settings() {
        final WorkloadBuilder settings = new WorkloadBuilder();
        if (file() != null) {
            file().applyTo(settings);
        }
        final Map<String, String> given = new LinkedHashMap<>(flags);
        for (final String assignment : assignments) {
            final int equals = assignment.indexOf('=');
            if (equals < 1) {
                settings.set(assignment); // says how it is to be written
            }
            given.put(assignment.substring(0, equals), assignment.substring(equals + 1));
        }
        final List<String> names = given.keySet().stream().map(WorkloadKeys::find).filter(Objects::nonNull)
            .map(WorkloadKeys.Key::name).toList();
        // What ends the run in the file gives way to what ends it here.
        if (names.contains("num-records") && !names.contains("duration")) {
            settings.set("duration", "");
        } else if (names.contains("duration") && !names.contains("num-records")) {
            settings.set("num-records", "0");
        }
        given.forEach(settings::set);
        if (names.contains("rate") && Arrival.of(settings.get("arrival")).isCurve()) {
            throw new WorkloadException("rate: value=" + settings.get("rate") + " says nothing, since arrival="
                + settings.get("arrival") + " has rates of its own; set arrival instead");
        }
        return settings;
    }

    /**
     * {@return true if the command line itself gives a setting, by an option or by {@code --set}}
     *
     * @param setting its name
     */
    boolean isGiven(final String setting) {
        return flags.containsKey(setting) || assignments.stream().map(words -> words.split("=", 2)[0])
            .map(WorkloadKeys::find).filter(Objects::nonNull).anyMatch(key -> key.name().equals(setting));
    }

    /** {@return the workload file, or null} */
    WorkloadFile file() {
        if (file == null && workload != null) {
            file = WorkloadFile.read(workload);
        }
        return file;
    }

    /** {@return addresses of the processes that send the load, none for this one} */
    List<String> workers() {
        final List<String> all = new ArrayList<>(workers);
        if (workersFile != null) {
            all.addAll(Addresses.inFile(workersFile));
        }
        all.forEach(address -> Addresses.check("workers", address, "127.0.0.1:9410"));
        return all;
    }

    boolean isWorkersClockMeasured() {
        if (!List.of("own", "measured").contains(workersClock)) {
            throw new WorkloadException("workers-clock: value=" + workersClock + " is none of own, measured");
        }
        return "measured".equals(workersClock);
    }

    long workerTimeoutNs() {
        final long ns = Units.durationNsOf("worker-timeout", workerTimeout);
        if (ns < MIN_WORKER_TIMEOUT_NS) {
            throw new WorkloadException("worker-timeout: value=" + workerTimeout + " is shorter than 3s; a worker "
                + "that is only busy would count as lost");
        }
        return ns;
    }

    /** {@return what is recorded beside each run, or null} */
    Profiling profiling() {
        return isJfr || profile != null ? new Profiling(profile == null ? null : ProfileKind.of(profile)) : null;
    }

    @Option(order = 10, names = {"-R", "--rate", "--throughput"}, paramLabel = "N",
        description = "Records per second of all producers together, on a fixed schedule: 50000, 50k; -1 for no "
            + "schedule, as fast as the in-flight window allows (default: 10k).")
    private void rate(final String value) {
        flags.put("rate", value);
    }

    @Option(order = 11, names = {"-s", "--record-size"}, paramLabel = "LENGTH",
        description = "Length of a record's value: 100B, 1KiB, dist:0.7x128B+0.3x1KiB or dist:FILE; at least 32B "
            + "(default: 1KiB).")
    private void recordSize(final String value) {
        flags.put("record-size", value);
    }

    @Option(order = 13, names = {"-p", "--partitions"}, paramLabel = "N",
        description = "Partitions of the topic (default: 6).")
    private void partitions(final String value) {
        flags.put("partitions", value);
    }

    @Option(order = 14, names = {"-r", "--replication-factor"}, paramLabel = "N",
        description = "Replicas of each partition (default: 3).")
    private void replicationFactor(final String value) {
        flags.put("replication-factor", value);
    }

    @Option(order = 15, names = "--producers", paramLabel = "N",
        description = "Logical producers, each with its own sequence (default: 1).")
    private void producers(final String value) {
        flags.put("producers", value);
    }

    @Option(order = 16, names = "--threads", paramLabel = "N",
        description = "Sending threads that share the producers (default: half the processors).")
    private void threads(final String value) {
        flags.put("threads", value);
    }

    @Option(order = 17, names = {"-d", "--duration"}, paramLabel = "TIME",
        description = "Of the measured phase: 60s, 2m (default: 30s).")
    private void duration(final String value) {
        flags.put("duration", value);
    }

    @Option(order = 18, names = {"-n", "--num-records"}, paramLabel = "N",
        description = "Records of the measured phase, instead of a duration: 100000, 1M.")
    private void numRecords(final String value) {
        flags.put("num-records", value);
    }

    @Option(order = 19, names = {"-w", "--warmup"}, paramLabel = "TIME",
        description = "Load before the measured phase, not in any figure: a time, or steady:60s (auto) to go on until "
            + "the latency is steady, for that long at most (default: 10s).")
    private void warmup(final String value) {
        flags.put("warmup", value);
    }

    @Option(order = 12, names = "--acks", paramLabel = "WHO",
        description = "Whose word a record waits for: leader (1), all (-1), none (0) (default: all).")
    private void acks(final String value) {
        flags.put("acks", value);
    }

    @Option(order = 20, names = "--batch-size", paramLabel = "LENGTH",
        description = "Largest record batch: 16KiB, up to 1MiB (default: 64KiB).")
    private void batchSize(final String value) {
        flags.put("batch-size", value);
    }

    @Option(order = 21, names = {"-l", "--linger"}, paramLabel = "TIME",
        description = "Longest wait for a fuller batch: 5ms (default: 0ms).")
    private void linger(final String value) {
        flags.put("linger", value);
    }

    @Option(order = 22, names = {"-c", "--compression"}, paramLabel = "CODEC",
        description = "Of a batch: none, gzip, snappy, lz4, zstd (default: none).")
    private void compression(final String value) {
        flags.put("compression", value);
    }

    @Option(order = 23, names = "--payload", paramLabel = "KIND",
        description = "Filling of a record: random, compressible, file:PATH (default: random).")
    private void payload(final String value) {
        flags.put("payload", value);
    }

    @Option(order = 25, names = "--driver", paramLabel = "NAME",
        description = "lean (ours over the Kafka protocol), java (the official client), null (measures the harness "
            + "itself) (default: lean).")
    private void driver(final String value) {
        flags.put("driver", value);
    }

    @Option(order = 26, names = {"-t", "--topic"}, paramLabel = "NAME",
        description = "Topic to use; created and deleted by the run unless it is there already (default: one of the "
            + "run's own).")
    private void topic(final String value) {
        flags.put("topic", value);
    }

    @Option(order = 24, names = "--in-flight", paramLabel = "N",
        description = "Records sent and not yet answered, of all producers together (default: 16384).")
    private void inFlight(final String value) {
        flags.put("in-flight", value);
    }

    @Option(order = 28, names = "--seed", paramLabel = "N", description = "Of everything random (default: 42).")
    private void seed(final String value) {
        flags.put("seed", value);
    }

    @Option(order = 27, names = "--verify", negatable = true, fallbackValue = "true",
        description = "Read every record back and check for loss, duplicates, order and damage (default: yes).")
    private void verify(final boolean value) {
        flags.put("verify", String.valueOf(value));
    }

    @Option(order = 25, names = "--target", paramLabel = "SYSTEM",
        description = "System to start for the run, without --bootstrap-server: millrace, or another that is installed "
            + "(default: millrace).")
    private void target(final String value) {
        flags.put("target", value);
    }

    @Option(order = 10, names = "--arrival", paramLabel = "SHAPE",
        description = "When records are due: uniform, poisson, burst:SIZE, step:10s@10k+10s@50k, ramp:10k..200k/60s "
            + "(default: uniform).")
    private void arrival(final String value) {
        flags.put("arrival", value);
    }

    @Option(order = 14, names = "--topics", paramLabel = "N",
        description = "Topics, each with so many partitions (default: 1).")
    private void topics(final String value) {
        flags.put("topics", value);
    }

    @Option(order = 15, names = "--consumers", paramLabel = "N",
        description = "Consumers that read while the load runs, for end-to-end latency (default: 0).")
    private void consumers(final String value) {
        flags.put("consumers", value);
    }

    @Option(order = 23, names = "--compressible", paramLabel = "FRACTION",
        description = "Part of a random filling that can be compressed away, 0 to 1 (default: 0).")
    private void compressible(final String value) {
        flags.put("compressible", value);
    }

    @Option(order = 23, names = "--keys", paramLabel = "KIND",
        description = "none, round-robin:N, uniform:N, zipf:N, zipf:N:SKEW (default: none).")
    private void keys(final String value) {
        flags.put("keys", value);
    }

    @Option(order = 27, names = "--faults", paramLabel = "TIMELINE",
        description = "On a timeline from the start of the measured phase: '20s kill leader; 35s restart last; 45s "
            + "pause node-2 for 3s'.")
    private void faults(final String value) {
        flags.put("faults", value);
    }

    @Option(order = 27, names = "--slo", paramLabel = "EXPRESSION",
        description = "A service level that must hold: 'rt.p99<5ms', 'achieved>=0.99'. Repeatable.")
    private void slo(final String value) {
        flags.merge("slo", value, (before, more) -> before + "; " + more);
    }
}
