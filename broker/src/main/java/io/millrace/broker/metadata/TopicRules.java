package io.millrace.broker.metadata;

import io.millrace.engine.DurabilityProfile;
import java.util.Map;
import java.util.TreeMap;

/** Which topic names and configs are accepted. Stateless; messages are for users. */
final class TopicRules {
    /** Names may collide; min.insync.replicas may not exceed the replication factor. */
    static final int FIRST = 1;
    /** Names differ in more than '.' and '_'; a topic may ask for more in-sync replicas than it has. */
    static final int CURRENT = 2;
    static final String MIN_INSYNC_REPLICAS = "min.insync.replicas";
    static final String PROFILE = "millrace.profile";
    static final int MAX_NAME_LENGTH = 249;
    static final int MAX_PARTITION_COUNT = 10_000;
    static final int MAX_CLUSTER_PARTITION_COUNT = 100_000;
    static final int MAX_OFFSETS_PARTITION_COUNT = 100;
    /** A shard's log knows 16 Ki partitions, deleted ones that still have frames among them; it refuses any more. */
    static final int MAX_SHARD_PARTITION_COUNT = 16_000;
    static final int DEFAULT_MIN_INSYNC_REPLICAS = 2;

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

    /** {@return whether two names differ in nothing but '.' and '_', which tools that export metrics take for one} */
    static boolean collide(final String first, final String second) {
        boolean isSame = first.length() == second.length();
        for (int i = 0; isSame && i < first.length(); i++) {
            final char a = first.charAt(i);
            final char b = second.charAt(i);
            isSame = (a == '.' ? '_' : a) == (b == '.' ? '_' : b);
        }
        return isSame;
    }

    /** {@return null, or what is wrong with one of the configs by these rules} */
    static String checkConfigs(final Map<String, String> configs, final int replicationFactor, final int rules) {
        for (final Map.Entry<String, String> config : new TreeMap<>(configs).entrySet()) {
            final int most = rules == FIRST && MIN_INSYNC_REPLICAS.equals(config.getKey()) ? replicationFactor
                : Integer.MAX_VALUE;
            final String error = checkConfig(config.getKey(), config.getValue(), most);
            if (error != null) {
                return error;
            }
        }
        return null;
    }

    private static String checkConfig(final String name, final String value, final int most) {
        if (PROFILE.equals(name)) {
            return DurabilityProfile.parse(value) != null ? null
                : name + "=" + value + " is unknown: use replicated or durable";
        }
        final String error = TopicConfigs.check(name, value);
        return error == null && most != Integer.MAX_VALUE && Integer.parseInt(value) > most
            ? name + "=" + value + " exceeds the replication factor " + most : error;
    }

    /**
     * {@return the class a topic with this name and these (checked) configs belongs to}
     *
     * <p>A shard commits with all its replicas at the latest. A topic that asks for more, as Kafka lets it, refuses
     * acks=all by its own config; see {@link TopicInfo#minInsyncReplicas()}.
     */
    static ShardClass shardClass(
        final String name, final int replicationFactor, final DurabilityProfile profile,
        final Map<String, String> configs) {
        final String profileConfig = configs.get(PROFILE);
        final DurabilityProfile configured =
            profileConfig == null ? profile : DurabilityProfile.parse(profileConfig);
        final String minConfig = configs.get(MIN_INSYNC_REPLICAS);
        final int min = Math.min(
            minConfig == null ? DEFAULT_MIN_INSYNC_REPLICAS : Integer.parseInt(minConfig), replicationFactor);
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
