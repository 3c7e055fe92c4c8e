package io.millrace.broker.metadata;

import io.millrace.engine.DurabilityProfile;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Which topic names and configs are accepted. Stateless; messages are for users. */
final class TopicRules {
    static final String MIN_INSYNC_REPLICAS = "min.insync.replicas";
    static final String PROFILE = "millrace.profile";
    static final int MAX_NAME_LENGTH = 249;
    static final int MAX_PARTITION_COUNT = 10_000;
    static final int MAX_CLUSTER_PARTITION_COUNT = 100_000;
    /** A shard's log knows 16 Ki partitions, deleted ones that still have frames among them; it refuses any more. */
    static final int MAX_SHARD_PARTITION_COUNT = 16_000;
    static final int DEFAULT_MIN_INSYNC_REPLICAS = 2;

    private static final long MIN_SEGMENT_LENGTH = 1024 * 1024;
    /** Configs of which only one value is possible: the one that says what Millrace does anyway. */
    private static final Map<String, String> FIXED = Map.of(
        "cleanup.policy", "delete",
        "message.timestamp.type", "CreateTime",
        "compression.type", "producer",
        "unclean.leader.election.enable", "false");
    /** Configs with a whole number, and the smallest one. */
    private static final Map<String, Long> NUMBERS = Map.of(
        "retention.bytes", -1L,
        "retention.ms", -1L,
        "segment.bytes", MIN_SEGMENT_LENGTH,
        "max.message.bytes", 1L,
        MIN_INSYNC_REPLICAS, 1L);
    private static final Set<String> INTS = Set.of("segment.bytes", "max.message.bytes", MIN_INSYNC_REPLICAS);

    private TopicRules() {
    }

    /** {@return null, or what is wrong with the name} */
    static String checkName(final String name) {
        if (name.isEmpty()) {
            return "topic name is empty";
        }
        if (".".equals(name) || "..".equals(name)) {
            return "topic name must not be '.' or '..'";
        }
        if (name.length() > MAX_NAME_LENGTH) {
            return "topic name is too long: length=" + name.length() + " limit=" + MAX_NAME_LENGTH;
        }
        for (int i = 0; i < name.length(); i++) {
            final char c = name.charAt(i);
            final boolean letter = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
            if (!letter && !(c >= '0' && c <= '9') && c != '.' && c != '_' && c != '-') {
                return "topic name '" + name + "' has a character other than ASCII letters, digits, '.', '_' and '-'";
            }
        }
        return null;
    }

    /** {@return null, or what is wrong with one of the configs} */
    static String checkConfigs(final Map<String, String> configs, final int replicationFactor) {
        for (final Map.Entry<String, String> config : new TreeMap<>(configs).entrySet()) {
            final String error = checkConfig(config.getKey(), config.getValue(), replicationFactor);
            if (error != null) {
                return error;
            }
        }
        return null;
    }

    private static String checkConfig(final String name, final String value, final int replicationFactor) {
        if (FIXED.containsKey(name)) {
            return FIXED.get(name).equals(value) ? null
                : name + "=" + value + " is not supported, only " + name + "=" + FIXED.get(name);
        }
        if (PROFILE.equals(name)) {
            return DurabilityProfile.parse(value) != null ? null
                : name + "=" + value + " is unknown: use replicated or durable";
        }
        if (!NUMBERS.containsKey(name)) {
            return "unknown topic config: " + name;
        }
        final long number;
        try {
            number = Long.parseLong(value);
        } catch (final NumberFormatException ex) {
            return "not a whole number: " + name + "=" + value;
        }
        final long max = INTS.contains(name) ? Integer.MAX_VALUE : Long.MAX_VALUE;
        if (number < NUMBERS.get(name) || number > max) {
            return "out of range: " + name + "=" + value + " least=" + NUMBERS.get(name) + " most=" + max;
        }
        if (MIN_INSYNC_REPLICAS.equals(name) && number > replicationFactor) {
            return name + "=" + value + " exceeds the replication factor " + replicationFactor
                + ": nothing could ever be acknowledged";
        }
        return null;
    }

    /** {@return the class a topic with this name and these (checked) configs belongs to} */
    static ShardClass shardClass(
        final String name, final int replicationFactor, final DurabilityProfile profile,
        final Map<String, String> configs) {
        final String profileConfig = configs.get(PROFILE);
        final DurabilityProfile configured =
            profileConfig == null ? profile : DurabilityProfile.parse(profileConfig);
        final String minConfig = configs.get(MIN_INSYNC_REPLICAS);
        final int min = minConfig == null
            ? Math.min(DEFAULT_MIN_INSYNC_REPLICAS, replicationFactor) : Integer.parseInt(minConfig);
        return new ShardClass(
            replicationFactor, configured == null ? DurabilityProfile.REPLICATED : configured, min,
            TopicInfo.OFFSETS_TOPIC.equals(name));
    }

    /** {@return null, or why a topic of this class cannot take these (checked) configs} */
    static String checkChange(final TopicInfo topic, final Map<String, String> configs) {
        final ShardClass now = topic.shardClass();
        final String profile = configs.get(PROFILE);
        if (profile != null && DurabilityProfile.parse(profile) != now.profile()) {
            return PROFILE + "=" + profile + " cannot be set on a topic of profile " + now.profile().configName()
                + ": create a new topic with it";
        }
        final ShardClass wanted = shardClass(topic.name(), now.replicationFactor(), now.profile(), configs);
        if (wanted.minInsyncReplicas() < now.minInsyncReplicas()) {
            return MIN_INSYNC_REPLICAS + "=" + wanted.minInsyncReplicas() + " is lower than the "
                + now.minInsyncReplicas() + " the topic was created with: create a new topic with it";
        }
        return null;
    }
}
