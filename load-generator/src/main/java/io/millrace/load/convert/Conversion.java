package io.millrace.load.convert;

import io.millrace.load.run.WorkloadYaml;
import io.millrace.load.workload.Workload;
import io.millrace.load.workload.WorkloadBuilder;
import io.millrace.load.workload.WorkloadException;
import io.millrace.load.workload.WorkloadKeys;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Settings found in somebody else's workload, and what of it could not be said in ours; owned by one thread. */
public final class Conversion {
    private final Map<String, String> settings = new LinkedHashMap<>();
    private final Map<String, String> topicConfigs = new LinkedHashMap<>();
    private final List<String> remarks = new ArrayList<>();
    private final String source;

    /**
     * @param source what is converted, for the heading
     */
    Conversion(final String source) {
        this.source = source;
    }

    void set(final String name, final String value) {
        settings.put(name, value);
    }

    String get(final String name) {
        return settings.get(name);
    }

    void topicConfig(final String key, final String value) {
        topicConfigs.put(key, value);
    }

    /**
     * Notes what differs, or is left out.
     *
     * @param key  as it stands there
     * @param text what becomes of it
     */
    void remark(final String key, final String text) {
        remarks.add(key + ": " + text);
    }

    /** {@return what has no equivalent or is not the same, in sentences that begin with the key} */
    public List<String> remarks() {
        return List.copyOf(remarks);
    }

    /** {@return the workload, checked} */
    public Workload workload() {
        final WorkloadBuilder builder = new WorkloadBuilder();
        settings.forEach(builder::set);
        topicConfigs.forEach((key, value) -> builder.set(WorkloadBuilder.TOPIC_CONFIG_PREFIX + key, value));
        return builder.build();
    }

    /** {@return the workload as a workload file, what is not said in it as comments above} */
    public String yaml() {
        final Set<String> names = new LinkedHashSet<>(List.of("warmup", "duration", "num-records"));
        settings.keySet().forEach(name -> names.add(WorkloadKeys.find(name).name()));
        final StringBuilder heading = new StringBuilder("# converted from ").append(oneLine(source)).append('\n');
        if (!remarks.isEmpty()) {
            heading.append("# not the same here:\n");
            remarks.forEach(remark -> heading.append("#   ").append(oneLine(remark)).append('\n'));
        }
        return WorkloadYaml.write(workload(), heading.toString(), names::contains);
    }

    /**
     * Applies properties of Kafka's producer.
     *
     * @param key   of Kafka's
     * @param value of it
     */
    void producerProperty(final String key, final String value) {
        switch (key) {
            case "acks" -> set("acks", switch (value) {
                case "0" -> "none";
                case "1" -> "leader";
                default -> "all";
            });
            case "linger.ms" -> set("linger", value + "ms");
            case "batch.size" -> batchSize(value);
            case "compression.type" -> set("compression", value);
            case "delivery.timeout.ms" -> set("delivery-timeout", value + "ms");
            case "bootstrap.servers" -> set("bootstrap", value);
            case "key.serializer", "value.serializer" ->
                remark(key + "=" + value, "records are bytes here; there are no serializers.");
            case "enable.idempotence" -> {
                if (!"true".equals(value)) {
                    remark(key + "=" + value, "producers are always idempotent here, but for acks=none.");
                }
            }
            case "retries" -> remark(key + "=" + value, "a record is tried again until delivery-timeout.");
            case "client.id" -> remark(key + "=" + value, "clients are named by the tool.");
            case "max.in.flight.requests.per.connection" -> remark(key + "=" + value, "the lean driver has five "
                + "batches in flight a producer and partition; in-flight bounds records.");
            case "buffer.memory" -> remark(key + "=" + value, "in-flight bounds what waits, in records.");
            case "transactional.id" -> remark(key + "=" + value, "there are no transactions in a workload.");
            default -> remark(key + "=" + value, "has no equivalent; it is left out.");
        }
    }

    /** Kafka's batch size may be as small as it likes: a longer record then goes alone. */
    private void batchSize(final String value) {
        final long asked = number("batch.size", value);
        final long least = Math.max(256, asked);
        final long size = Math.min(1 << 20, least);
        set("batch-size", size + "B");
        if (size != asked) {
            remark("batch.size=" + value, "is out of bounds here; " + size + " bytes are used.");
        }
    }

    /** Sees to it that a record fits into a batch. */
    void fitBatch(final long recordLength) {
        final String size = settings.get("batch-size");
        final long needed = recordLength + 128;
        final long batch = size == null ? 64 * 1024 : Long.parseLong(size.substring(0, size.length() - 1));
        if (batch < needed && needed <= 1 << 20) {
            set("batch-size", needed + "B");
            if (size != null) {
                remark("batch.size=" + size, "has no room for one record; " + needed + " bytes are used.");
            }
        }
    }

    /**
     * {@return a length within our bounds}
     *
     * @param key   of it
     * @param asked bytes of a record
     */
    long recordLength(final String key, final long asked) {
        final long length = Math.max(32, Math.min(1_000_000, asked));
        if (length != asked) {
            remark(key + ": " + asked, "is out of bounds: a record has 32 to 1000000 bytes here, header included; "
                + length + " are used.");
        }
        return length;
    }

    /**
     * {@return a number within bounds, noted if it was not}
     *
     * @param key   of it
     * @param asked as it stands there
     * @param least the lowest there is
     * @param most  the highest there is
     */
    long bounded(final String key, final long asked, final long least, final long most) {
        final long used = Math.max(least, Math.min(most, asked));
        if (used != asked) {
            remark(key + ": " + asked, "is out of bounds here, " + least + " to " + most + "; " + used + " is used.");
        }
        return used;
    }

    static long number(final String key, final String text) {
        try {
            return Long.parseLong(text.trim());
        } catch (final NumberFormatException ex) {
            throw new WorkloadException("convert: " + key + "=" + text + " is no whole number; mend the file");
        }
    }

    private static String oneLine(final String text) {
        return text.replaceAll("\\s+", " ");
    }
}
