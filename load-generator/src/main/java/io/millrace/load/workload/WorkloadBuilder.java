package io.millrace.load.workload;

import java.util.LinkedHashMap;
import java.util.List;
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
    public static final String TOPIC_CONFIG_PREFIX = WorkloadKeys.TOPIC_CONFIG_PREFIX;
    /** Highest rate there is. */
    public static final long MAX_RATE_PER_S = 100_000_000L;

    private static final long NS_PER_S = 1_000_000_000L;
    private static final int MAX_BATCH_LENGTH = 1 << 20;
    /** Room a batch needs beside its records: header, varints and key of one record. */
    private static final int BATCH_OVERHEAD_LENGTH = 61 + 32;
    static final int MAX_RECORD_LENGTH = MAX_BATCH_LENGTH - BATCH_OVERHEAD_LENGTH;
    private static final int MAX_LANES = 10_000;
    private static final String STEADY_PREFIX = "steady:";

    private final Map<String, String> settings = new LinkedHashMap<>();
    private final Map<String, String> topicConfigs = new TreeMap<>();

    /** Starts from the defaults. */
    public WorkloadBuilder() {
        WorkloadKeys.all().forEach(key -> settings.put(key.name(), key.defaultValue()));
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
        final boolean isConfig = key.startsWith("target.topic.configs.");
        if (isConfig) {
            return set(TOPIC_CONFIG_PREFIX + key.substring("target.topic.configs.".length()), value);
        }
        if (key.startsWith(TOPIC_CONFIG_PREFIX) && key.length() > TOPIC_CONFIG_PREFIX.length()) {
            topicConfigs.put(key.substring(TOPIC_CONFIG_PREFIX.length()), value);
            return this;
        }
        final String lower = key.trim().toLowerCase(Locale.ROOT);
        final WorkloadKeys.Key found = WorkloadKeys.find(lower);
        if (found == null) {
            final String nearest = WorkloadKeys.nearest(lower, WorkloadKeys.names());
            throw new WorkloadException("setting: name=" + key + " is unknown; "
                + (nearest == null ? "" : "did you mean " + nearest + "? Else ") + "use one of " + settings.keySet()
                + " or " + TOPIC_CONFIG_PREFIX + "<key>");
        }
        // Kafka's *.ms keys are plain milliseconds.
        final boolean bareMs = lower.endsWith(".ms") && value.trim().matches("[0-9]+");
        settings.put(found.name(), bareMs ? value.trim() + "ms" : value.trim());
        return this;
    }

    /**
     * {@return a setting as it stands}
     *
     * @param name of the setting
     */
    public String get(final String name) {
        return settings.get(name);
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
        final long seed = number("seed");
        final Workload.Phases phases = phases();
        final Arrival arrival = Arrival.of(settings.get("arrival"));
        final long asked = Units.rateOf("rate", settings.get("rate"));
        final long ratePerS =
            arrival.isCurve() ? Math.round(arrival.meanRatePerS(phases.durationNs(), asked)) : asked;
        final RecordLengths lengths = RecordLengths.of(settings.get("record-size"), seed);
        final Keys keys = Keys.of(settings.get("keys"), seed);
        final List<FaultStep> faults = FaultStep.parse(settings.get("faults"));
        final List<Slo> slo = Slo.parse(settings.get("slo"));
        final Workload workload = new Workload(
            Map.of(), settings.get("name"), settings.get("target"), driver(),
            settings.get("bootstrap").isBlank() ? null : settings.get("bootstrap"),
            arrival, ratePerS, lengths, keys,
            count("topics", 1, 1_000), count("partitions", 1, MAX_LANES),
            count("replication-factor", 1, 100),
            count("producers", 1, 1_000), count("consumers", 0, 64), count("threads", 0, 64),
            phases,
            Acks.of(settings.get("acks")),
            (int) bounded("batch-size", Units.lengthOf("batch-size", settings.get("batch-size")),
                RecordHeader.LENGTH + BATCH_OVERHEAD_LENGTH, MAX_BATCH_LENGTH, "B"),
            bounded("linger", Units.durationNsOf("linger", settings.get("linger")), 0, 10 * NS_PER_S, "ns"),
            Compression.of(settings.get("compression")),
            count("in-flight", 1, 10_000_000), count("connections", 1, 16),
            bounded("delivery-timeout", Units.durationNsOf("delivery-timeout", settings.get("delivery-timeout")),
                100_000_000L, 3_600 * NS_PER_S, "ns"),
            bounded("wake-interval", Units.durationNsOf("wake-interval", settings.get("wake-interval")), 0, NS_PER_S,
                "ns"),
            Payload.Source.of(settings.get("payload"), fraction("compressible")),
            seed, flag("verify"),
            settings.get("topic").isBlank() ? null : settings.get("topic"),
            Map.copyOf(topicConfigs), faults, slo);
        WorkloadChecks.check(workload, asked);
        checkRepeat();
        return withSettings(workload);
    }

    private void checkRepeat() {
        count("runs", 1, 10_000);
        settings.put("restart-broker", String.valueOf(flag("restart-broker")));
        if (!List.of("interleaved", "random").contains(settings.get("order"))) {
            throw new WorkloadException("order: value=" + settings.get("order") + " is none of interleaved, random");
        }
    }

    private Workload.Phases phases() {
        final long recordCount = Units.countOf("num-records", settings.get("num-records"));
        final String durationText = settings.get("duration");
        if (recordCount > 0 && !durationText.isEmpty()) {
            throw new WorkloadException("num-records: value=" + recordCount + " and duration: value=" + durationText
                + " both say when the run ends; give one of them");
        }
        final long durationNs = recordCount > 0
            ? 0
            : Units.durationNsOf("duration", durationText.isEmpty() ? "30s" : durationText);
        final String warmup = "auto".equals(settings.get("warmup")) ? STEADY_PREFIX + "60s" : settings.get("warmup");
        final boolean isUntilSteady = warmup.startsWith(STEADY_PREFIX);
        return new Workload.Phases(
            bounded("warmup", Units.durationNsOf("warmup",
                isUntilSteady ? warmup.substring(STEADY_PREFIX.length()) : warmup), 0, 86_400 * NS_PER_S, "ns"),
            isUntilSteady, durationNs, recordCount,
            bounded("backlog", Units.lengthOf("backlog", settings.get("backlog")), 0, 1L << 50, "B"),
            bounded("drain", Units.durationNsOf("drain", settings.get("drain")), 0, 86_400 * NS_PER_S, "ns"),
            switch (settings.get("drain-producers")) {
                case "0", "none" -> false;
                case "all" -> true;
                default -> throw new WorkloadException("drain-producers: value=" + settings.get("drain-producers")
                    + " is none of 0, all");
            },
            bounded("cooldown", Units.durationNsOf("cooldown", settings.get("cooldown")), 0, 3_600 * NS_PER_S, "ns"));
    }

    /** What stands in the result is exact, so that equal workloads look equal however they were written. */
    private Workload withSettings(final Workload w) {
        final Map<String, String> exact = new LinkedHashMap<>(settings);
        final Workload.Phases phases = w.phases();
        exact.put("record-size", w.lengths().word());
        exact.put("keys", w.keys().word());
        exact.put("arrival", w.arrival().word());
        exact.put("rate", w.arrival().isCurve() ? "" + w.ratePerS() : "" + Units.rateOf("rate", settings.get("rate")));
        exact.put("acks", w.acks().word());
        exact.put("payload", w.payload().word());
        exact.put("compressible", String.valueOf(w.payload().compressible()));
        exact.put("batch-size", Units.exactLength(w.batchLength()));
        exact.put("linger", Units.exactDuration(w.lingerNs()));
        exact.put("delivery-timeout", Units.exactDuration(w.deliveryTimeoutNs()));
        exact.put("wake-interval", Units.exactDuration(w.wakeIntervalNs()));
        exact.put("in-flight", String.valueOf(w.inFlightCount()));
        exact.put("warmup", (phases.isUntilSteady() ? STEADY_PREFIX : "") + Units.exactDuration(phases.warmupNs()));
        exact.put("duration", phases.recordCount() > 0 ? "" : Units.exactDuration(phases.durationNs()));
        exact.put("num-records", String.valueOf(phases.recordCount()));
        exact.put("backlog", Units.exactLength(phases.backlogLength()));
        exact.put("drain", Units.exactDuration(phases.drainNs()));
        exact.put("drain-producers", phases.isDrainLoaded() ? "all" : "0");
        exact.put("cooldown", Units.exactDuration(phases.cooldownNs()));
        exact.put("verify", String.valueOf(w.verify()));
        exact.put("faults", String.join("; ", w.faults().stream().map(FaultStep::word).toList()));
        exact.put("slo", String.join("; ", w.slo().stream().map(Slo::word).toList()));
        return new Workload(java.util.Collections.unmodifiableMap(exact), w.name(), w.target(), w.driver(),
            w.bootstrap(), w.arrival(), w.ratePerS(), w.lengths(), w.keys(), w.topicCount(), w.partitions(),
            w.replicationFactor(), w.producers(), w.consumers(), w.threads(), w.phases(), w.acks(), w.batchLength(),
            w.lingerNs(), w.compression(), w.inFlightCount(), w.connections(), w.deliveryTimeoutNs(),
            w.wakeIntervalNs(), w.payload(), w.seed(), w.verify(), w.topic(), w.topicConfigs(), w.faults(), w.slo());
    }

    private String driver() {
        final String name = settings.get("driver");
        if (!name.matches("[a-z][a-z0-9-]{0,30}")) {
            throw new WorkloadException("driver: value=" + name + " is none of lean, java, null");
        }
        return name;
    }

    private double fraction(final String name) {
        try {
            final double value = Double.parseDouble(settings.get(name));
            if (value >= 0 && value <= 1) {
                return value;
            }
        } catch (final NumberFormatException ex) {
            // falls through: the same message
        }
        throw new WorkloadException(name + ": value=" + settings.get(name) + " is no number from 0 to 1");
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

    static long bounded(
        final String name, final long value, final long min, final long max, final String unit) {
        if (value < min || value > max) {
            throw new WorkloadException(name + ": value=" + value + " is out of bounds; use " + min + " to " + max
                + (unit.isEmpty() ? "" : " " + unit));
        }
        return value;
    }
}
