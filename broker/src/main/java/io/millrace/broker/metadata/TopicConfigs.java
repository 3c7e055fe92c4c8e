package io.millrace.broker.metadata;

import io.millrace.broker.config.ClosestName;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The table of topic configs: Kafka's names as far as there is something honest to say, and our own. */
public final class TopicConfigs {
    /** Type of a value. */
    public enum Type {
        /** true or false. */
        BOOLEAN,
        /** Text. */
        STRING,
        /** 32 bits. */
        INT,
        /** 64 bits. */
        LONG,
        /** A decimal number. */
        DOUBLE,
        /** Texts, separated by commas. */
        LIST
    }

    /** What setting it does. */
    public enum Effect {
        /** What it says. */
        EFFECT,
        /** Nothing: only the default is accepted, for it is what Millrace does anyway. */
        FIXED,
        /** Nothing: it is accepted and shown, but what it tunes in Kafka does not exist here. */
        NO_EFFECT
    }

    /**
     * One config.
     *
     * @param name        Kafka's
     * @param type        of its value
     * @param defaultText where the broker has nothing to say
     * @param effect      what setting it does
     * @param least       smallest number, null when it is none
     * @param most        largest number, null when it is none
     * @param brokerName  of the broker config that has the default for all topics, null for none
     * @param description for people
     */
    public record Key(
        String name, Type type, String defaultText, Effect effect, String least, String most, String brokerName,
        String description) {

        String check(final String value) {
            if (effect == Effect.FIXED) {
                return defaultText.equals(value) ? null
                    : name + "=" + value + " is not supported, only " + name + "=" + defaultText + ": " + description;
            }
            return least == null ? null : checkNumber(value);
        }

        private String checkNumber(final String value) {
            try {
                final boolean within = type == Type.DOUBLE
                    ? Double.parseDouble(value) >= Double.parseDouble(least)
                        && Double.parseDouble(value) <= Double.parseDouble(most)
                    : Long.parseLong(value) >= Long.parseLong(least) && Long.parseLong(value) <= Long.parseLong(most);
                return within ? null : "out of range: " + name + "=" + value + " least=" + least + " most=" + most;
            } catch (final NumberFormatException ex) {
                return (type == Type.DOUBLE ? "not a number: " : "not a whole number: ") + name + "=" + value;
            }
        }
    }

    private static final List<Key> ALL = List.of(
        new Key("cleanup.policy", Type.LIST, "delete", Effect.FIXED, null, null,
            "log.cleanup.policy", "Old records are deleted; compaction is not supported."),
        new Key("compression.type", Type.STRING, "producer", Effect.FIXED, null, null,
            "compression.type", "Batches stay compressed as their producer sent them."),
        new Key("delete.retention.ms", Type.LONG, "86400000", Effect.NO_EFFECT, "0", "9223372036854775807",
            "log.cleaner.delete.retention.ms", "Only for compacted topics, which are not supported."),
        new Key("file.delete.delay.ms", Type.LONG, "60000", Effect.NO_EFFECT, "0", "9223372036854775807",
            "log.segment.delete.delay.ms", "Segments belong to shards, which give them back by themselves."),
        new Key("flush.messages", Type.LONG, "9223372036854775807", Effect.FIXED, null, null,
            "log.flush.interval.messages", "What an acknowledgement means is said by millrace.profile."),
        new Key("flush.ms", Type.LONG, "9223372036854775807", Effect.FIXED, null, null,
            "log.flush.interval.ms", "What an acknowledgement means is said by millrace.profile."),
        new Key("index.interval.bytes", Type.INT, "4096", Effect.NO_EFFECT, "0", "2147483647",
            "log.index.interval.bytes", "Every batch is in the index."),
        new Key("max.compaction.lag.ms", Type.LONG, "9223372036854775807", Effect.NO_EFFECT, "1", "9223372036854775807",
            "log.cleaner.max.compaction.lag.ms", "Only for compacted topics, which are not supported."),
        new Key("max.message.bytes", Type.INT, "1048588", Effect.EFFECT, "1", "2147483647",
            "message.max.bytes",
            "Longest record batch that is accepted; at most an eighth of the nodes' millrace.ring.bytes."),
        new Key("message.timestamp.after.max.ms", Type.LONG, "9223372036854775807", Effect.FIXED, null, null,
            "log.message.timestamp.after.max.ms", "Timestamps are the producers' own and not checked."),
        new Key("message.timestamp.before.max.ms", Type.LONG, "9223372036854775807", Effect.FIXED, null, null,
            "log.message.timestamp.before.max.ms", "Timestamps are the producers' own and not checked."),
        new Key("message.timestamp.type", Type.STRING, "CreateTime", Effect.FIXED, null, null,
            "log.message.timestamp.type", "Timestamps are the producers' own."),
        new Key("millrace.profile", Type.STRING, "replicated", Effect.EFFECT, null, null,
            "millrace.profile",
            "What an acknowledgement means: replicated, or durable. Only at the creation of a topic."),
        new Key("min.cleanable.dirty.ratio", Type.DOUBLE, "0.5", Effect.NO_EFFECT, "0", "1",
            "log.cleaner.min.cleanable.ratio", "Only for compacted topics, which are not supported."),
        new Key("min.compaction.lag.ms", Type.LONG, "0", Effect.NO_EFFECT, "0", "9223372036854775807",
            "log.cleaner.min.compaction.lag.ms", "Only for compacted topics, which are not supported."),
        new Key("min.insync.replicas", Type.INT, "min(2, replication factor)", Effect.EFFECT, "1", "2147483647",
            "min.insync.replicas",
            "Fewest in-sync replicas with which acks=all is admitted, and with which anything is committed, for which "
                + "the replication factor is enough. Not lower than at the creation of the topic."),
        new Key("preallocate", Type.BOOLEAN, "false", Effect.FIXED, null, null,
            "log.preallocate", "Segments belong to shards, which prepare their files by themselves."),
        new Key("remote.storage.enable", Type.BOOLEAN, "false", Effect.FIXED, null, null,
            null, "There is no remote storage."),
        new Key("retention.bytes", Type.LONG, "-1", Effect.EFFECT, "-1", "9223372036854775807",
            "log.retention.bytes", "Bytes kept per partition; -1 = no limit."),
        new Key("retention.ms", Type.LONG, "604800000", Effect.EFFECT, "-1", "9223372036854775807",
            "log.retention.ms", "Milliseconds for which records are kept; -1 = no limit."),
        new Key("segment.bytes", Type.INT, "1073741824", Effect.NO_EFFECT, "1048576", "2147483647",
            "log.segment.bytes", "Segments belong to shards; their length is in the nodes' files."),
        new Key("segment.index.bytes", Type.INT, "10485760", Effect.NO_EFFECT, "4", "2147483647",
            "log.index.size.max.bytes", "An index is as long as it has to be."),
        new Key("segment.jitter.ms", Type.LONG, "0", Effect.NO_EFFECT, "0", "9223372036854775807",
            "log.roll.jitter.ms", "Segments belong to shards."),
        new Key("segment.ms", Type.LONG, "604800000", Effect.NO_EFFECT, "1", "9223372036854775807",
            "log.roll.ms", "Segments belong to shards."),
        new Key("unclean.leader.election.enable", Type.BOOLEAN, "false", Effect.FIXED, null, null,
            "unclean.leader.election.enable",
            "Only an operator's command elects a replica that may lack committed records."));
    private static final Map<String, Key> BY_NAME =
        ALL.stream().collect(Collectors.toUnmodifiableMap(Key::name, Function.identity()));

    private TopicConfigs() {
    }

    /** {@return every topic config, sorted by name} */
    public static List<Key> all() {
        return ALL;
    }

    /**
     * {@return the config of this name, null when there is none}
     *
     * @param name of a topic config
     */
    public static Key find(final String name) {
        return BY_NAME.get(name);
    }

    /** {@return null, or what is wrong with this value, for users} */
    static String check(final String name, final String value) {
        final Key key = BY_NAME.get(name);
        return key != null ? key.check(value)
            : "unknown topic config: " + name + "=" + value + ClosestName.suggest(name, BY_NAME.keySet())
                + "; docs/kafka-compatibility.md lists all";
    }

    /** {@return the tables of docs/kafka-compatibility.md} */
    public static String toMarkdown() {
        final StringBuilder text = new StringBuilder("| topic config | effect | default | broker config |\n"
            + "|---|---|---|---|\n");
        for (final Key key : ALL) {
            text.append("| `").append(key.name()).append("` | ").append(switch (key.effect()) {
                case EFFECT -> key.description();
                case FIXED -> "only `" + key.defaultText() + "`. " + key.description();
                default -> "none. " + key.description();
            }).append(" | `").append(key.defaultText()).append("` | ")
                .append(key.brokerName() == null ? "" : "`" + key.brokerName() + "`").append(" |\n");
        }
        return text.toString();
    }
}
