package io.millrace.load.convert;

import io.millrace.load.workload.FlatYaml;
import io.millrace.load.workload.WorkloadException;
import io.millrace.load.workload.WorkloadKeys;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads workload and driver files of the OpenMessaging Benchmark; no state. */
public final class OmbImport {
    private static final List<String> WORKLOAD_KEYS = List.of("name", "topics", "partitionsPerTopic", "keyDistributor",
        "messageSize", "useRandomizedPayloads", "randomBytesRatio", "randomizedPayloadPoolSize", "payloadFile",
        "subscriptionsPerTopic", "producersPerTopic", "consumerPerSubscription", "producerRate",
        "consumerBacklogSizeGB", "backlogDrainRatio", "testDurationMinutes", "warmupDurationMinutes");
    private static final List<String> DRIVER_KEYS = List.of("name", "driverClass", "replicationFactor", "topicConfig",
        "commonConfig", "producerConfig", "consumerConfig", "reset");
    private static final int MAX_LANES = 10_000;
    private static final int MAX_PRODUCER_LANES = 1_000_000;
    private static final int UNIQUE_KEYS = 10_000;

    private final Map<String, String> file;
    private final Conversion to;

    private OmbImport(final Map<String, String> file, final Conversion to) {
        this.file = file;
        this.to = to;
    }

    /**
     * Converts.
     *
     * @param workload   text of the workload file
     * @param name       of that file
     * @param directory  in which payload files are looked for, or null
     * @param driver     text of the driver file, or null
     * @param driverName of that file
     * @return what it says in our words
     */
    public static Conversion convert(
        final String workload, final String name, final Path directory, final String driver, final String driverName) {
        final Conversion to = new Conversion("OpenMessaging Benchmark: " + name
            + (driver == null ? "" : " with " + driverName));
        final OmbImport from = new OmbImport(read(workload, name, WORKLOAD_KEYS), to);
        if (driver != null) {
            driver(read(driver, driverName, DRIVER_KEYS), to);
        } else {
            to.remark("driver file", "none was named (--driver-file): replicas, acks, batches and addresses are this "
                + "tool's defaults.");
        }
        from.lanes();
        from.load();
        from.payload(directory);
        from.phases();
        return to;
    }

    private static Map<String, String> read(final String text, final String name, final List<String> known) {
        final Map<String, String> entries = new LinkedHashMap<>(FlatYaml.parse(text, name));
        for (final String key : entries.keySet()) {
            if (!known.contains(key)) {
                final String nearest = WorkloadKeys.nearest(key, known);
                throw new WorkloadException("convert: " + name + ": " + key + " is no key of the OpenMessaging "
                    + "Benchmark" + (nearest == null ? "; it has " + known : "; did you mean " + nearest + "?"));
            }
        }
        return entries;
    }

    private long number(final String key, final long otherwise) {
        final String text = file.get(key);
        return text == null || text.isBlank() ? otherwise : Conversion.number(key, text);
    }

    private double fraction(final String key, final double otherwise) {
        final String text = file.get(key);
        try {
            return text == null || text.isBlank() ? otherwise : Double.parseDouble(text.trim());
        } catch (final NumberFormatException ex) {
            throw new WorkloadException("convert: " + key + "=" + text + " is no number; mend the file");
        }
    }

    private void lanes() {
        if (file.get("name") != null) {
            to.set("name", file.get("name").replaceAll("\\s+", " ").trim());
        }
        final long topics = to.bounded("topics", number("topics", 1), 1, 1_000);
        final long partitions = to.bounded("partitionsPerTopic", number("partitionsPerTopic", 1), 1,
            MAX_LANES / topics);
        final long producers = number("producersPerTopic", 1) * number("topics", 1);
        final long most = Math.min(1_000, MAX_PRODUCER_LANES / (topics * partitions));
        to.set("topics", String.valueOf(topics));
        to.set("partitions", String.valueOf(partitions));
        to.set("producers", String.valueOf(to.bounded("producersPerTopic x topics", producers, 1, most)));
        if (topics > 1) {
            to.remark("producersPerTopic", "a producer belongs to one topic there; here each sends to all topics in "
                + "turn, and the rate is the same in all.");
        }
        consumers(topics * partitions);
    }

    private void consumers(final long laneCount) {
        final long subscriptions = number("subscriptionsPerTopic", 1);
        final long consumers = subscriptions == 0 ? 0 : number("consumerPerSubscription", 1) * number("topics", 1);
        to.set("consumers", String.valueOf(to.bounded("consumerPerSubscription x topics", consumers, 0,
            Math.min(64, laneCount))));
        if (subscriptions > 1) {
            to.remark("subscriptionsPerTopic: " + subscriptions, "each record is read once here; there is no second "
                + "subscription.");
        }
        if (consumers > 0) {
            to.remark("consumerPerSubscription", "consumers have their partitions assigned here; there is no group, "
                + "and nothing is committed.");
        }
    }

    private void load() {
        final long rate = number("producerRate", 0);
        if (rate > 0) {
            to.set("rate", String.valueOf(to.bounded("producerRate", rate, 1, 100_000_000)));
        } else {
            to.set("rate", "-1");
            to.remark("producerRate: 0", "the rate is searched for there; here nothing but the in-flight window paces "
                + "this workload. 'millrace bench sweep' with a service level finds the highest rate that meets it.");
        }
        final String distributor = file.getOrDefault("keyDistributor", "NO_KEY");
        switch (distributor) {
            case "NO_KEY" -> to.set("keys", "none");
            case "KEY_ROUND_ROBIN" -> to.set("keys", "round-robin:" + UNIQUE_KEYS);
            case "RANDOM_NANO" -> {
                to.set("keys", "uniform:" + UNIQUE_KEYS);
                to.remark("keyDistributor: RANDOM_NANO", "keys are drawn from the clock there, here from the seed.");
            }
            default -> to.remark("keyDistributor: " + distributor, "is none of NO_KEY, KEY_ROUND_ROBIN, RANDOM_NANO; "
                + "records have no keys.");
        }
    }

    private void payload(final Path directory) {
        final long length = to.recordLength("messageSize", number("messageSize", 1024));
        to.set("record-size", length + "B");
        to.fitBatch(length);
        final String payloadFile = file.get("payloadFile");
        if ("true".equals(file.get("useRandomizedPayloads"))) {
            to.set("payload", "random");
            to.set("compressible", String.valueOf(Math.max(0, Math.min(1, 1 - fraction("randomBytesRatio", 1)))));
            if (file.get("randomizedPayloadPoolSize") != null) {
                to.remark("randomizedPayloadPoolSize: " + file.get("randomizedPayloadPoolSize"), "each record has a "
                    + "filling of its own, from a pool of 4 MiB.");
            }
        } else if (payloadFile != null && !payloadFile.isBlank()) {
            final Path found = directory == null ? Path.of(payloadFile) : find(directory, payloadFile);
            if (found != null && Files.isRegularFile(found)) {
                to.set("payload", "file:" + found);
            } else {
                to.set("payload", "random");
                to.remark("payloadFile: " + payloadFile, (found != null && Files.isDirectory(found)
                    ? "is a directory of payloads, of which there is one here" : "was not found beside the workload")
                    + "; records are filled at random.");
            }
        }
    }

    /** The framework looks from where it is started, its workloads lie one below. */
    private static Path find(final Path directory, final String payloadFile) {
        for (final Path from : new Path[] {directory, directory.resolve("..")}) {
            final Path found = from.resolve(payloadFile).normalize();
            if (Files.exists(found)) {
                return found;
            }
        }
        return null;
    }

    private void phases() {
        to.set("warmup", number("warmupDurationMinutes", 1) + "m");
        to.set("duration", Math.max(1, number("testDurationMinutes", 1)) + "m");
        final long backlogGb = number("consumerBacklogSizeGB", 0);
        if (backlogGb > 0 && "0".equals(to.get("consumers"))) {
            to.remark("consumerBacklogSizeGB: " + backlogGb, "there are no consumers that could fall behind.");
        } else if (backlogGb > 0) {
            to.set("backlog", backlogGb + "GiB");
            to.set("drain-producers", "all");
            to.set("drain", "24h");
            to.remark("consumerBacklogSizeGB: " + backlogGb, "comes after the measured phase here, not instead of "
                + "its end; it needs as much room on the brokers' disks.");
        }
        if (file.get("backlogDrainRatio") != null && fraction("backlogDrainRatio", 1) < 1) {
            to.remark("backlogDrainRatio: " + file.get("backlogDrainRatio"), "consumers have caught up when they are "
                + "no further behind than a tenth of a second's records.");
        }
    }

    private static void driver(final Map<String, String> file, final Conversion to) {
        final String driverClass = file.getOrDefault("driverClass", "");
        if (!driverClass.isEmpty() && !driverClass.endsWith("KafkaBenchmarkDriver")
            && !driverClass.endsWith("RedpandaBenchmarkDriver")) {
            to.remark("driverClass: " + driverClass, "is not Kafka's; only what has the same name as Kafka's is taken. "
                + "Other systems are named with --target.");
        }
        if (file.get("name") != null && to.get("name") == null) {
            to.set("name", file.get("name"));
        }
        if (file.get("replicationFactor") != null) {
            to.set("replication-factor", String.valueOf(
                to.bounded("replicationFactor", Conversion.number("replicationFactor", file.get("replicationFactor")),
                    1, 100)));
        }
        if (file.get("reset") != null) {
            to.remark("reset: " + file.get("reset"), "each run has a topic of its own, deleted at its end.");
        }
        Properties.of(file.get("topicConfig")).forEach(to::topicConfig);
        Properties.of(file.get("commonConfig")).forEach(to::producerProperty);
        Properties.of(file.get("producerConfig")).forEach(to::producerProperty);
        Properties.of(file.get("consumerConfig")).forEach((key, value) -> {
            switch (key) {
                case "auto.offset.reset", "enable.auto.commit" -> to.remark("consumerConfig " + key + "=" + value,
                    "consumers read from where the topic stood when the run began, and commit nothing.");
                default -> to.remark("consumerConfig " + key + "=" + value, "has no equivalent; it is left out.");
            }
        });
    }
}
