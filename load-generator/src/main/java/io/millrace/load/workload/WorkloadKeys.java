package io.millrace.load.workload;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Every setting of a workload: its name, its place in a workload file, Kafka's names for it, its default. */
public final class WorkloadKeys {
    /** Before settings that go to the topic's configuration. */
    public static final String TOPIC_CONFIG_PREFIX = "topic.";
    /** The place of a setting that is an entry of the list of phases. */
    public static final String PHASES = "phases.";

    /**
     * One setting.
     *
     * @param name         as in {@code --set}
     * @param path         in a workload file
     * @param aliases      other names for it
     * @param defaultValue as the user would write it
     * @param summary      for the reader
     */
    public record Key(String name, String path, List<String> aliases, String defaultValue, String summary) {
    }

    private static final List<Key> ALL = List.of(
        key("name", "name", "", "of the workload, for titles"),
        key("seed", "seed", "42", "of everything random"),
        key("target", "target.system", "", "system to start: millrace, or another that is installed; ignored with a "
            + "bootstrap server"),
        key("nodes", "target.nodes", "3", "nodes of the system that is started, where it can have several"),
        key("target-settings", "target.settings", "", "settings of the system that is started, by its own keys: "
            + "appendfsync=always; maxmemory=1gb"),
        key("driver", "target.driver", "lean", "lean, java or null"),
        key("bootstrap", "target.bootstrap", "", "brokers, host:port; without them a local cluster is started",
            "bootstrap.servers"),
        key("topic", "target.topic.name", "", "topic to use; one of the run's own without it"),
        key("topics", "target.topic.count", "1", "topics, each with so many partitions; 1 to 1000"),
        key("partitions", "target.topic.partitions", "6", "of each topic; 1 to 10000, all topics together"),
        key("replication-factor", "target.topic.replication", "3", "replicas of each partition", "replication"),
        key("record-size", "payload.size", "1KiB", "length of a record's value, or a distribution: "
            + "dist:0.7x128B+0.3x1KiB, dist:FILE with a weight and a length a line", "size"),
        key("payload", "payload.source", "random", "filling: random, compressible (words, a third by lz4), or "
            + "file:PATH"),
        key("compressible", "payload.compressible", "0", "part of a random filling that can be compressed away, 0 "
            + "to 1"),
        key("keys", "load.keys", "none", "none, round-robin:N, uniform:N, zipf:N, zipf:N:SKEW; a key's hash chooses "
            + "the partition, as in Kafka's clients"),
        key("arrival", "load.arrival", "uniform", "uniform, poisson, burst:SIZE, step:10s@10k+10s@50k, "
            + "ramp:10k..200k/60s"),
        key("rate", "load.rate", "10k", "records per second of all producers together; -1 for as fast as the window "
            + "allows", "throughput"),
        key("producers", "load.producers", "1", "logical producers, each with its own sequence; 1 to 1000"),
        key("consumers", "load.consumers", "0", "consumers that read while the load runs; 0 to 64"),
        key("threads", "load.threads", "0", "sending threads; 0 for half the processors"),
        key("acks", "load.acks", "all", "whose word a record waits for: none (0), leader (1), all (-1)"),
        key("in-flight", "load.inFlight", "16384", "records sent and not yet answered, of all producers together",
            "in.flight"),
        key("batch-size", "load.batchSize", "64KiB", "largest record batch, up to 1MiB", "batch.size"),
        key("linger", "load.linger", "0ms", "longest wait for a fuller batch, up to 10s", "linger.ms"),
        key("compression", "load.compression", "none", "of a batch: none, gzip, snappy, lz4, zstd",
            "compression.type"),
        key("connections", "load.connections", "1", "per broker and sending thread (lean driver)"),
        key("delivery-timeout", "load.deliveryTimeout", "30s", "after which an unanswered record counts as an error",
            "delivery.timeout.ms"),
        key("wake-interval", "load.wakeInterval", "100us", "shortest rest of a sending thread with nothing to do"),
        key("warmup", PHASES + "warmup", "10s", "load before the measured phase: a time, auto, or steady:MAX to go on "
            + "until the latency is steady"),
        key("duration", PHASES + "measure", "", "of the measured phase (30s unless records are counted)"),
        key("num-records", PHASES + "measure.records", "0", "records of the measured phase, instead of a time"),
        key("backlog", PHASES + "backlog", "0", "after the measured phase: bytes to send while the consumers stand "
            + "still"),
        key("drain", PHASES + "drain", "60s", "longest time for the consumers to catch up with a backlog"),
        key("drain-producers", PHASES + "drain.producers", "0", "what producers do while a backlog drains: 0 or all"),
        key("cooldown", PHASES + "cooldown", "0s", "without load after everything, still sampled"),
        key("faults", "faults", "", "timeline: 20s kill leader; 35s restart last; 45s pause node-2 for 3s"),
        key("verify", "verify", "true", "read everything back: loss, duplicates, order, damage"),
        key("slo", "slo", "", "service levels, each of which must hold: rt.p99<5ms; achieved>=0.99"),
        key("runs", "repeat.runs", "1", "of each cell of a matrix"),
        key("restart-broker", "repeat.restartBroker", "false", "a started cluster is new for every run"),
        key("order", "repeat.order", "interleaved", "of the runs of a matrix: interleaved or random"));

    private static final Map<String, Key> BY_NAME = byName();

    private WorkloadKeys() {
    }

    /** {@return every setting, in the order of the documentation} */
    public static List<Key> all() {
        return ALL;
    }

    /**
     * {@return the setting of that name, place or alias; null if there is none}
     *
     * @param name as the user wrote it
     */
    public static Key find(final String name) {
        return BY_NAME.get(name.trim().toLowerCase(Locale.ROOT));
    }

    /**
     * {@return what of these is spelled most like it, null if nothing is}
     *
     * @param word    that is unknown
     * @param choices that are known
     */
    public static String nearest(final String word, final Iterable<String> choices) {
        String best = null;
        int bestDistance = Math.max(2, word.length() / 3) + 1;
        for (final String choice : choices) {
            final int distance = distance(word.toLowerCase(Locale.ROOT), choice.toLowerCase(Locale.ROOT));
            if (distance < bestDistance) {
                best = choice;
                bestDistance = distance;
            }
        }
        return best;
    }

    /** {@return every name a setting can be given by with {@code --set}} */
    static Iterable<String> names() {
        return BY_NAME.keySet();
    }

    /** {@return the table of the documentation} */
    public static String toMarkdown() {
        final StringBuilder text = new StringBuilder("| setting | in a workload file | default | what it is |\n")
            .append("|---|---|---|---|\n");
        for (final Key key : ALL) {
            text.append("| `").append(key.name()).append("` | `").append(key.path().replace(PHASES, "phases: "))
                .append("` | ").append(key.defaultValue().isEmpty() ? "" : "`" + key.defaultValue() + "`").append(" | ")
                .append(key.summary());
            final List<String> others = key.aliases().stream().filter(a -> !a.equals(key.path())).toList();
            text.append(others.isEmpty() ? "" : "; also " + String.join(", ", others)).append(" |\n");
        }
        return text.toString();
    }

    private static Key key(
        final String name, final String path, final String defaultValue, final String summary, final String... more) {
        final List<String> aliases = new ArrayList<>(List.of(more));
        aliases.add(path);
        return new Key(name, path, List.copyOf(aliases), defaultValue, summary);
    }

    private static Map<String, Key> byName() {
        final Map<String, Key> keys = new LinkedHashMap<>();
        for (final Key key : ALL) {
            keys.put(key.name(), key);
        }
        for (final Key key : ALL) {
            key.aliases().forEach(alias -> keys.putIfAbsent(alias.toLowerCase(Locale.ROOT), key));
        }
        return keys;
    }

    private static int distance(final String a, final String b) {
        int[] before = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            before[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            final int[] row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                final int change = before[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(change, 1 + Math.min(before[j], row[j - 1]));
            }
            before = row;
        }
        return before[b.length()];
    }
}
