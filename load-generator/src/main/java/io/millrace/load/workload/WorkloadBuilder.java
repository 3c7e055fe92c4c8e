package io.millrace.load.workload;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Collects settings by name, from options, {@code --set} and the legs of a comparison alike; owned by one thread.
 *
 * <p>Each value is checked when it is set, what concerns several of them when the workload is built.
 */
public final class WorkloadBuilder {
    /** Prefix of settings that go to the topic's configuration. */
    public static final String TOPIC_CONFIG_PREFIX = "topic.";

    private static final long NS_PER_S = 1_000_000_000L;
    private static final int MAX_BATCH_LENGTH = 1 << 20;
    /** Room a batch needs beside its records: header, varints of one record. */
    private static final int BATCH_OVERHEAD_LENGTH = 61 + 32;
    private static final long MAX_RECORD_COUNT = 4_000_000_000L;

    private static final Map<String, String> ALIASES = Map.ofEntries(
        Map.entry("throughput", "rate"),
        Map.entry("size", "record-size"),
        Map.entry("batch.size", "batch-size"),
        Map.entry("linger.ms", "linger"),
        Map.entry("compression.type", "compression"),
        Map.entry("replication", "replication-factor"),
        Map.entry("in.flight", "in-flight"),
        Map.entry("delivery.timeout.ms", "delivery-timeout"));

    private final Map<String, String> settings = new LinkedHashMap<>();
    private final Map<String, String> topicConfigs = new TreeMap<>();

    /** Starts from the defaults. */
    public WorkloadBuilder() {
        settings.put("driver", "lean");
        settings.put("rate", "10k");
        settings.put("record-size", "1KiB");
        settings.put("partitions", "6");
        settings.put("replication-factor", "3");
        settings.put("producers", "1");
        settings.put("threads", "0");
        settings.put("duration", "");
        settings.put("num-records", "0");
        settings.put("warmup", "10s");
        settings.put("acks", "all");
        settings.put("batch-size", "64KiB");
        settings.put("linger", "0ms");
        settings.put("compression", "none");
        settings.put("in-flight", "16384");
        settings.put("connections", "1");
        settings.put("delivery-timeout", "30s");
        settings.put("wake-interval", "100us");
        settings.put("payload", "random");
        settings.put("seed", "42");
        settings.put("verify", "true");
        settings.put("topic", "");
    }

    /**
     * A copy to change on its own, as the legs of a comparison do.
     *
     * @param other to copy
     */
    public WorkloadBuilder(final WorkloadBuilder other) {
        settings.putAll(other.settings);
        topicConfigs.putAll(other.topicConfigs);
    }

    /**
     * Changes one setting.
     *
     * @param key   name of the option without dashes, one of Kafka's names for it, or {@value #TOPIC_CONFIG_PREFIX}
     *              and a key of the topic's configuration
     * @param value as the user wrote it
     * @return this
     */
    public WorkloadBuilder set(final String key, final String value) {
        if (key.startsWith(TOPIC_CONFIG_PREFIX) && key.length() > TOPIC_CONFIG_PREFIX.length()) {
            topicConfigs.put(key.substring(TOPIC_CONFIG_PREFIX.length()), value);
            return this;
        }
        final String lower = key.trim().toLowerCase(Locale.ROOT);
        final String name = ALIASES.getOrDefault(lower, lower);
        if (!settings.containsKey(name)) {
            throw new WorkloadException("setting: name=" + key + " is unknown; use one of " + settings.keySet()
                + " or " + TOPIC_CONFIG_PREFIX + "<key>");
        }
        // Kafka's *.ms keys are plain milliseconds.
        final boolean bareMs = lower.endsWith(".ms") && value.trim().matches("[0-9]+");
        settings.put(name, bareMs ? value.trim() + "ms" : value);
        return this;
    }

    /**
     * Changes one setting given as {@code key=value}.
     *
     * @param assignment what the user wrote
     * @return this
     */
    public WorkloadBuilder set(final String assignment) {
        final int equals = assignment.indexOf('=');
        if (equals < 1) {
            throw new WorkloadException("setting: value=" + assignment + " is not of the form key=value, such as "
                + "acks=leader");
        }
        return set(assignment.substring(0, equals), assignment.substring(equals + 1));
    }

    /** {@return the workload, every setting checked} */
    public Workload build() {
        final long recordCount = Units.countOf("num-records", settings.get("num-records"));
        final String durationText = settings.get("duration");
        if (recordCount > 0 && !durationText.isEmpty()) {
            throw new WorkloadException("num-records: value=" + recordCount + " and duration: value=" + durationText
                + " both say when the run ends; give one of them");
        }
        final long durationNs = recordCount > 0
            ? 0
            : Units.durationNsOf("duration", durationText.isEmpty() ? "30s" : durationText);
        final Workload workload = new Workload(
            driver(),
            Units.rateOf("rate", settings.get("rate")),
            (int) bounded("record-size", Units.lengthOf("record-size", settings.get("record-size")),
                RecordHeader.LENGTH, MAX_BATCH_LENGTH - BATCH_OVERHEAD_LENGTH, "B"),
            count("partitions", 1, 10_000),
            count("replication-factor", 1, 100),
            count("producers", 1, 1_000),
            count("threads", 0, 64),
            durationNs,
            recordCount,
            Units.durationNsOf("warmup", settings.get("warmup")),
            Acks.of(settings.get("acks")),
            (int) bounded("batch-size", Units.lengthOf("batch-size", settings.get("batch-size")),
                RecordHeader.LENGTH + BATCH_OVERHEAD_LENGTH, MAX_BATCH_LENGTH, "B"),
            bounded("linger", Units.durationNsOf("linger", settings.get("linger")), 0, 10 * NS_PER_S, "ns"),
            Compression.of(settings.get("compression")),
            count("in-flight", 1, 10_000_000),
            count("connections", 1, 16),
            bounded("delivery-timeout", Units.durationNsOf("delivery-timeout", settings.get("delivery-timeout")),
                100_000_000L, 3_600 * NS_PER_S, "ns"),
            bounded("wake-interval", Units.durationNsOf("wake-interval", settings.get("wake-interval")), 0, NS_PER_S,
                "ns"),
            Payload.Kind.of(settings.get("payload")),
            number("seed"),
            flag("verify"),
            settings.get("topic").isBlank() ? null : settings.get("topic").trim(),
            Map.copyOf(topicConfigs));
        check(workload);
        return workload;
    }

    private static void check(final Workload workload) {
        if (!workload.isUnlimited()) {
            bounded("rate", workload.ratePerS(), 1, 100_000_000L, "/s, or -1 for unlimited");
        }
        if (workload.recordCount() == 0 && workload.durationNs() < 100_000_000L) {
            throw new WorkloadException("duration: value=" + Units.duration(workload.durationNs())
                + " is shorter than 100 ms; measure for longer");
        }
        if (workload.recordLength() + BATCH_OVERHEAD_LENGTH > workload.batchLength()) {
            throw new WorkloadException("batch-size: value=" + workload.batchLength() + " B has no room for a record "
                + "of " + workload.recordLength() + " B and " + BATCH_OVERHEAD_LENGTH + " B around it; raise "
                + "--batch-size or lower --record-size");
        }
        if (workload.inFlightCount() < workload.producers()) {
            throw new WorkloadException("in-flight: value=" + workload.inFlightCount() + " is below the number of "
                + "producers, " + workload.producers() + "; raise --in-flight or lower --producers");
        }
        final double records = workload.isUnlimited() ? workload.recordCount()
            : workload.recordCount()
                + (double) workload.ratePerS() * (workload.durationNs() + workload.warmupNs()) / NS_PER_S;
        if (records > MAX_RECORD_COUNT) {
            throw new WorkloadException(String.format(Locale.ROOT, "run: %.0f records are more than %d; lower --rate, "
                + "--duration or --num-records", records, MAX_RECORD_COUNT));
        }
    }

    private String driver() {
        final String name = settings.get("driver").trim();
        return switch (name) {
            case "lean", "java", "null" -> name;
            default -> throw new WorkloadException("driver: value=" + name + " is none of lean, java, null");
        };
    }

    private int count(final String name, final int min, final int max) {
        return (int) bounded(name, Units.countOf(name, settings.get(name)), min, max, "");
    }

    private long number(final String name) {
        try {
            return Long.parseLong(settings.get(name).trim());
        } catch (final NumberFormatException ex) {
            throw new WorkloadException(name + ": value=" + settings.get(name) + " is no whole number");
        }
    }

    private boolean flag(final String name) {
        return switch (settings.get(name).trim()) {
            case "true", "yes", "on" -> true;
            case "false", "no", "off" -> false;
            default -> throw new WorkloadException(name + ": value=" + settings.get(name) + " is none of true, false");
        };
    }

    private static long bounded(
        final String name, final long value, final long min, final long max, final String unit) {
        if (value < min || value > max) {
            throw new WorkloadException(name + ": value=" + value + " is out of bounds; use " + min + " to " + max
                + (unit.isEmpty() ? "" : " " + unit));
        }
        return value;
    }
}
