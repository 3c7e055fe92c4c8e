package io.millrace.load.command;

import io.millrace.load.workload.WorkloadBuilder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** The options both commands share; each workload option becomes a setting of the same name. */
final class WorkloadOptions {
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

    @Option(order = 33, names = "--broker-pids", split = ",", paramLabel = "PID[,PID...]",
        description = "Processes of all brokers on this machine, to measure what they use (default: whoever listens "
            + "on the brokers' ports).")
    List<Long> brokerPids = List.of();

    @Option(order = 34, names = {"-q", "--quiet"}, description = "No progress.")
    boolean quiet;

    @Option(order = 35, names = "--json",
        description = "Print the result as JSON to standard output; progress goes to standard error.")
    boolean json;

    @Option(order = 36, names = "--verbose", description = "What each broker and each of its agents used.")
    boolean verbose;

    @Option(order = 29, names = "--set", paramLabel = "KEY=VALUE",
        description = "Any setting by name, Kafka's names included; topic.KEY for the topic's configuration. "
            + "Repeatable.")
    private List<String> assignments = new ArrayList<>();

    private final WorkloadBuilder builder = new WorkloadBuilder();

    /** {@return the settings given, {@code --set} last} */
    WorkloadBuilder settings() {
        final WorkloadBuilder settings = new WorkloadBuilder(builder);
        assignments.forEach(settings::set);
        return settings;
    }

    @Option(order = 10, names = {"-R", "--rate", "--throughput"}, paramLabel = "N",
        description = "Records per second of all producers together, on a fixed schedule: 50000, 50k; -1 for no "
            + "schedule, as fast as the in-flight window allows (default: 10k).")
    private void rate(final String value) {
        builder.set("rate", value);
    }

    @Option(order = 11, names = {"-s", "--record-size"}, paramLabel = "LENGTH",
        description = "Length of a record's value: 100B, 1KiB; at least 32B (default: 1KiB).")
    private void recordSize(final String value) {
        builder.set("record-size", value);
    }

    @Option(order = 13, names = {"-p", "--partitions"}, paramLabel = "N",
        description = "Partitions of the topic (default: 6).")
    private void partitions(final String value) {
        builder.set("partitions", value);
    }

    @Option(order = 14, names = {"-r", "--replication-factor"}, paramLabel = "N",
        description = "Replicas of each partition (default: 3).")
    private void replicationFactor(final String value) {
        builder.set("replication-factor", value);
    }

    @Option(order = 15, names = "--producers", paramLabel = "N",
        description = "Logical producers, each with its own sequence (default: 1).")
    private void producers(final String value) {
        builder.set("producers", value);
    }

    @Option(order = 16, names = "--threads", paramLabel = "N",
        description = "Sending threads that share the producers (default: half the processors).")
    private void threads(final String value) {
        builder.set("threads", value);
    }

    @Option(order = 17, names = {"-d", "--duration"}, paramLabel = "TIME",
        description = "Of the measured phase: 60s, 2m (default: 30s).")
    private void duration(final String value) {
        builder.set("duration", value);
    }

    @Option(order = 18, names = {"-n", "--num-records"}, paramLabel = "N",
        description = "Records of the measured phase, instead of a duration: 100000, 1M.")
    private void numRecords(final String value) {
        builder.set("num-records", value);
    }

    @Option(order = 19, names = {"-w", "--warmup"}, paramLabel = "TIME",
        description = "Load before the measured phase; not in any figure (default: 10s).")
    private void warmup(final String value) {
        builder.set("warmup", value);
    }

    @Option(order = 12, names = "--acks", paramLabel = "WHO",
        description = "Whose word a record waits for: leader (1), all (-1), none (0) (default: all).")
    private void acks(final String value) {
        builder.set("acks", value);
    }

    @Option(order = 20, names = "--batch-size", paramLabel = "LENGTH",
        description = "Largest record batch: 16KiB, up to 1MiB (default: 64KiB).")
    private void batchSize(final String value) {
        builder.set("batch-size", value);
    }

    @Option(order = 21, names = {"-l", "--linger"}, paramLabel = "TIME",
        description = "Longest wait for a fuller batch: 5ms (default: 0ms).")
    private void linger(final String value) {
        builder.set("linger", value);
    }

    @Option(order = 22, names = {"-c", "--compression"}, paramLabel = "CODEC",
        description = "Of a batch: none, lz4 (default: none).")
    private void compression(final String value) {
        builder.set("compression", value);
    }

    @Option(order = 23, names = "--payload", paramLabel = "KIND",
        description = "Filling of a record: random, compressible (default: random).")
    private void payload(final String value) {
        builder.set("payload", value);
    }

    @Option(order = 25, names = "--driver", paramLabel = "NAME",
        description = "lean (ours over the Kafka protocol), java (the official client), null (measures the harness "
            + "itself) (default: lean).")
    private void driver(final String value) {
        builder.set("driver", value);
    }

    @Option(order = 26, names = {"-t", "--topic"}, paramLabel = "NAME",
        description = "Topic to use; created and deleted by the run unless it is there already (default: one of the "
            + "run's own).")
    private void topic(final String value) {
        builder.set("topic", value);
    }

    @Option(order = 24, names = "--in-flight", paramLabel = "N",
        description = "Records sent and not yet answered, of all producers together (default: 16384).")
    private void inFlight(final String value) {
        builder.set("in-flight", value);
    }

    @Option(order = 28, names = "--seed", paramLabel = "N", description = "Of everything random (default: 42).")
    private void seed(final String value) {
        builder.set("seed", value);
    }

    @Option(order = 27, names = "--verify", negatable = true, defaultValue = "true", fallbackValue = "true",
        description = "Read every record back and check for loss, duplicates, order and damage (default: yes).")
    private void verify(final boolean value) {
        builder.set("verify", String.valueOf(value));
    }
}
