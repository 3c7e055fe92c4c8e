package io.millrace.broker.config;

import io.millrace.engine.DurabilityProfile;
import io.millrace.engine.format.FrameDescriptor;
import io.millrace.engine.io.FileProblems;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** A node's checked configuration; see {@link ConfigKeys} for what each value means. Immutable. */
public final class BrokerConfig {
    private static final int RING_SHARE_OF_A_BATCH = 8;
    private static final int BATCH_OVERHEAD_LENGTH = 64;
    private static final int MAX_NODE_COUNT = 5;
    private static final int DEFAULT_MIN_INSYNC_REPLICAS = 2;
    private static final int DEFAULT_CONTROLLER_COUNT = 3;

    private final Map<ConfigKey<?>, Object> values = new HashMap<>();
    private final Map<String, String> texts = new TreeMap<>();
    private final Set<String> explicit;

    private BrokerConfig(final Properties properties) {
        explicit = Set.copyOf(properties.stringPropertyNames());
        for (final String name : properties.stringPropertyNames()) {
            if (ConfigKeys.all().stream().noneMatch((key) -> key.name().equals(name))) {
                throw new ConfigException("unknown key: " + name + "=" + properties.getProperty(name)
                    + ClosestName.suggest(name, ConfigKeys.all().stream().map(ConfigKey::name).toList())
                    + "; all keys: millrace broker --list-keys");
            }
        }
        for (final ConfigKey<?> key : ConfigKeys.all()) {
            final String text = properties.getProperty(key.name(), key.defaultText());
            if (text == null) {
                throw new ConfigException("missing key: " + key.name() + " is required (" + key.limits() + ")");
            }
            values.put(key, key.parse(text));
            texts.put(key.name(), text);
        }
        checkTogether();
    }

    /**
     * Reads a properties file.
     *
     * @param file the node's file
     * @return the checked configuration
     * @throws ConfigException when it cannot be read or used
     */
    public static BrokerConfig load(final Path file) {
        final Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            properties.load(reader);
        } catch (final IOException ex) {
            throw new ConfigException("cannot read the configuration file: " + FileProblems.describe(ex));
        } catch (final IllegalArgumentException ex) {
            throw new ConfigException("not a properties file: " + ex.getMessage());
        }
        return of(properties);
    }

    /**
     * Checks properties.
     *
     * @param properties the keys that differ from their defaults
     * @return the checked configuration
     */
    public static BrokerConfig of(final Properties properties) {
        return new BrokerConfig(properties);
    }

    private void checkTogether() {
        checkCluster();
        if (messageMaxLength() > largestBatchLength()) {
            throw new ConfigException("invalid value: message.max.bytes=" + messageMaxLength() + "; at most "
                + batchLengthLimit());
        }
        if (segmentLength() < ringCapacity() / 4) {
            throw new ConfigException("invalid value: log.segment.bytes=" + segmentLength() + "; at least "
                + ringCapacity() / 4 + " with millrace.ring.bytes=" + ringCapacity());
        }
        if (shardMaxLength() < 2L * segmentLength()) {
            throw new ConfigException("invalid value: millrace.shard.max.bytes=" + shardMaxLength()
                + "; at least two segments of log.segment.bytes=" + segmentLength());
        }
        if (!bindBeyondLoopback() && !isLoopback(listener().host())) {
            throw new ConfigException("invalid value: listeners=" + listener() + " is not a loopback address; there is "
                + "no authentication yet, set millrace.bind.beyond.loopback=true to open it to the network");
        }
    }

    /** {@return the longest batch that this node's rings and logs take, whatever is configured for topics} */
    public int largestBatchLength() {
        return Math.min(ringCapacity() / RING_SHARE_OF_A_BATCH, FrameDescriptor.MAX_FRAME_LENGTH)
            - BATCH_OVERHEAD_LENGTH;
    }

    private String batchLengthLimit() {
        return largestBatchLength() + " with millrace.ring.bytes=" + ringCapacity() + "; raise millrace.ring.bytes (at "
            + "most " + FrameDescriptor.MAX_FRAME_LENGTH / 1024 / 1024 + " MiB in any case)";
    }

    /**
     * {@return null, or what is wrong with a limit for batches that is longer than what this node can take}
     *
     * @param name of a topic's or a broker's config
     * @param text its value, a number or not
     */
    public String checkBatchLimit(final String name, final String text) {
        final boolean isLength = name.equals("max.message.bytes") || name.equals(ConfigKeys.MESSAGE_MAX_BYTES.name());
        if (!isLength || text.length() > Integer.toString(Integer.MAX_VALUE).length()) {
            return null; // others say what is wrong with it, if anything is
        }
        try {
            return Long.parseLong(text) <= largestBatchLength() ? null
                : "out of range: " + name + "=" + text + " would have no effect; at most " + batchLengthLimit();
        } catch (final NumberFormatException ex) {
            return null;
        }
    }

    private void checkCluster() {
        final List<ClusterNode> nodes = clusterNodes();
        if (nodes.size() > MAX_NODE_COUNT) {
            throw new ConfigException("invalid value: millrace.cluster.nodes lists " + nodes.size()
                + " nodes; allowed: none to " + MAX_NODE_COUNT);
        }
        if (nodes.stream().map(ClusterNode::nodeId).distinct().count() != nodes.size()) {
            throw new ConfigException("invalid value: millrace.cluster.nodes lists a node id twice: " + nodes);
        }
        if (!nodes.isEmpty() && nodes.stream().noneMatch((node) -> node.nodeId() == nodeId())) {
            throw new ConfigException("invalid value: node.id=" + nodeId()
                + " is not among millrace.cluster.nodes=" + nodes);
        }
        final List<Integer> controllers = get(ConfigKeys.CONTROLLERS);
        final long knownCount = nodes.stream().filter((node) -> controllers.contains(node.nodeId())).count();
        if (knownCount != controllers.size()) {
            throw new ConfigException("invalid value: millrace.cluster.controllers=" + controllers + " names an id "
                + "twice or one that is not among millrace.cluster.nodes=" + nodes);
        }
        if (!controllers.isEmpty() && controllers.size() % 2 == 0) {
            throw new ConfigException("invalid value: millrace.cluster.controllers lists " + controllers.size()
                + " nodes; allowed: 1, 3 or 5, for an even count survives no more failures than one less");
        }
    }

    private static boolean isLoopback(final String host) {
        return host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]") || host.equals("::1");
    }

    private <T> T get(final ConfigKey<T> key) {
        @SuppressWarnings("unchecked") // put by this key's own parser
        final T value = (T)values.get(key);
        return value;
    }

    /** {@return every key with its text, defaults included, sorted} */
    public Map<String, String> effectiveTexts() {
        return Collections.unmodifiableMap(texts);
    }

    /**
     * {@return a key's value as Kafka writes it: numbers without unit, and the number that counts where the file says
     * or would say -1; null when there is no such key}
     *
     * @param name of the key
     */
    public String plainText(final String name) {
        for (final ConfigKey<?> key : ConfigKeys.all()) {
            if (key.name().equals(name)) {
                final Object value = effective(key);
                return value instanceof Number ? value.toString() : texts.get(name);
            }
        }
        return null;
    }

    private Object effective(final ConfigKey<?> key) {
        if (key.equals(ConfigKeys.RETENTION_MS)) {
            return retentionMs();
        } else if (key.equals(ConfigKeys.REPLICATION_FACTOR)) {
            return defaultReplicationFactor();
        } else if (key.equals(ConfigKeys.OFFSETS_REPLICATION)) {
            return offsetsReplicationFactor();
        } else if (key.equals(ConfigKeys.MIN_INSYNC_REPLICAS) && defaultMinInsyncReplicas() <= 0) {
            return Math.min(DEFAULT_MIN_INSYNC_REPLICAS, defaultReplicationFactor());
        }
        return values.get(key);
    }

    /**
     * {@return what a key's values are: Boolean, Integer, Long, List, or anything else that is told as text}
     *
     * @param name of the key
     */
    public Class<?> typeOf(final String name) {
        for (final ConfigKey<?> key : ConfigKeys.all()) {
            if (key.name().equals(name)) {
                final Object value = values.get(key);
                return value instanceof List ? List.class : value.getClass();
            }
        }
        return Void.class;
    }

    /**
     * {@return whether a key was set in the file}
     *
     * @param name of the key
     */
    public boolean isExplicit(final String name) {
        return explicit.contains(name);
    }

    /** {@return node.id} */
    public int nodeId() {
        return get(ConfigKeys.NODE_ID);
    }

    /** {@return bytes of segments to read and check per second, 0 for none} */
    public long scrubBytesPerSecond() {
        return get(ConfigKeys.SCRUB_BYTES_PER_SECOND);
    }

    /** {@return from one pass through a shard to the next, milliseconds} */
    public long scrubIntervalMs() {
        return get(ConfigKeys.SCRUB_INTERVAL_MS);
    }

    /** {@return bytes of damaged segments to fetch per second} */
    public long repairBytesPerSecond() {
        return get(ConfigKeys.REPAIR_BYTES_PER_SECOND);
    }

    /** {@return where to listen} */
    public Listener listener() {
        return get(ConfigKeys.LISTENERS);
    }

    /** {@return what clients are told to connect to} */
    public Listener advertisedListener() {
        final String text = get(ConfigKeys.ADVERTISED_LISTENERS);
        return text.isEmpty() ? listener() : Listener.parse(text);
    }

    /** {@return whether other than loopback addresses may be bound} */
    public boolean bindBeyondLoopback() {
        return get(ConfigKeys.BIND_BEYOND_LOOPBACK);
    }

    /** {@return the data directory} */
    public Path dataDirectory() {
        return Path.of(get(ConfigKeys.LOG_DIRS)).toAbsolutePath().normalize();
    }

    /** {@return all members; empty for a node alone} */
    public List<ClusterNode> clusterNodes() {
        return get(ConfigKeys.CLUSTER_NODES);
    }

    /** {@return the brokers that decide on the metadata, by their ids; empty for a node alone} */
    public List<ClusterNode> controllers() {
        final List<Integer> ids = get(ConfigKeys.CONTROLLERS);
        final List<ClusterNode> sorted =
            clusterNodes().stream().sorted(Comparator.comparingInt(ClusterNode::nodeId)).toList();
        if (!ids.isEmpty()) {
            return sorted.stream().filter((node) -> ids.contains(node.nodeId())).toList();
        }
        final int count = sorted.size() < DEFAULT_CONTROLLER_COUNT ? 1 : DEFAULT_CONTROLLER_COUNT;
        return sorted.subList(0, Math.min(count, sorted.size()));
    }

    /** {@return partitions of a topic created without a count} */
    public int defaultPartitionCount() {
        return get(ConfigKeys.NUM_PARTITIONS);
    }

    /** {@return replicas of a topic created without a number} */
    public int defaultReplicationFactor() {
        final int configured = get(ConfigKeys.REPLICATION_FACTOR);
        return configured > 0 ? configured : Math.min(3, Math.max(1, clusterNodes().size()));
    }

    /** {@return min.insync.replicas of a topic created without a value, -1 = min(2, replication factor)} */
    public int defaultMinInsyncReplicas() {
        return get(ConfigKeys.MIN_INSYNC_REPLICAS);
    }

    /** {@return the profile of new shards} */
    public DurabilityProfile profile() {
        return get(ConfigKeys.PROFILE);
    }

    /** {@return whether unknown topics are created when asked for} */
    public boolean autoCreateTopics() {
        return get(ConfigKeys.AUTO_CREATE_TOPICS);
    }

    /** {@return longest batch in bytes} */
    public int messageMaxLength() {
        return get(ConfigKeys.MESSAGE_MAX_BYTES);
    }

    /** {@return capacity of a shard's ring in bytes} */
    public int ringCapacity() {
        return get(ConfigKeys.RING_BYTES);
    }

    /** {@return memory for all rings in bytes} */
    public long ringBudgetLength() {
        return get(ConfigKeys.RING_BUDGET_BYTES);
    }

    /** {@return segment file length in bytes} */
    public int segmentLength() {
        return get(ConfigKeys.SEGMENT_BYTES);
    }

    /** {@return most bytes of files of a shard that are kept for coming segments} */
    public long shardSpareLength() {
        return get(ConfigKeys.SHARD_SPARE_BYTES);
    }

    /** {@return cap of a shard's log in bytes} */
    public long shardMaxLength() {
        return get(ConfigKeys.SHARD_MAX_BYTES);
    }

    /** {@return bytes kept per partition by default, -1 = no limit} */
    public long retentionLength() {
        return get(ConfigKeys.RETENTION_BYTES);
    }

    /** {@return how long records are kept by default, milliseconds, -1 = no limit} */
    public long retentionMs() {
        final long ms = get(ConfigKeys.RETENTION_MS);
        final long hours = get(ConfigKeys.RETENTION_HOURS);
        return ms != ConfigKeys.UNSET ? ms : hours < 0 ? -1 : TimeUnit.HOURS.toMillis(hours);
    }

    /** {@return from one look at what need not be kept to the next, milliseconds} */
    public long retentionCheckIntervalMs() {
        return get(ConfigKeys.RETENTION_CHECK_MS);
    }

    /** {@return time after which a lagging follower leaves the ISR} */
    public int replicaLagMs() {
        return get(ConfigKeys.REPLICA_LAG_MS);
    }

    /** {@return time after which a silent broker is fenced} */
    public int sessionTimeoutMs() {
        return get(ConfigKeys.SESSION_TIMEOUT_MS);
    }

    /** {@return longest request in bytes} */
    public int requestMaxLength() {
        return get(ConfigKeys.REQUEST_MAX_BYTES);
    }

    /** {@return whether this node takes back the shards whose first replica it is} */
    public boolean isLeaderRebalanced() {
        return get(ConfigKeys.LEADER_REBALANCE);
    }

    /** {@return whether a thread measures the stalls of this process} */
    public boolean isHiccupMetered() {
        return get(ConfigKeys.HICCUP_METER);
    }

    /** {@return how often it looks for such shards} */
    public int leaderCheckIntervalSeconds() {
        return get(ConfigKeys.LEADER_CHECK_SECONDS);
    }

    /** {@return memory for all requests in bytes} */
    public long requestBudgetLength() {
        return get(ConfigKeys.REQUEST_BUDGET_BYTES);
    }

    /** {@return client connections at most} */
    public int maxConnectionCount() {
        return get(ConfigKeys.MAX_CONNECTIONS);
    }

    /** {@return most client connections from one address} */
    public int maxConnectionsPerAddress() {
        return get(ConfigKeys.MAX_CONNECTIONS_PER_IP);
    }

    /** {@return time after which a connection without traffic is closed} */
    public long connectionsMaxIdleMs() {
        return get(ConfigKeys.CONNECTIONS_MAX_IDLE_MS);
    }

    /** {@return longest fetch reply in bytes} */
    public int fetchMaxLength() {
        return get(ConfigKeys.FETCH_MAX_BYTES);
    }

    /** {@return partitions of the offsets topic} */
    public int offsetsPartitionCount() {
        return get(ConfigKeys.OFFSETS_PARTITIONS);
    }

    /** {@return replicas of the offsets topic} */
    public int offsetsReplicationFactor() {
        final int configured = get(ConfigKeys.OFFSETS_REPLICATION);
        return configured > 0 ? configured : Math.min(3, Math.max(1, clusterNodes().size()));
    }

    /** {@return how long offsets of an empty group are kept, minutes} */
    public int offsetsRetentionMinutes() {
        return get(ConfigKeys.OFFSETS_RETENTION_MINUTES);
    }

    /** {@return how often it is looked for offsets to be forgotten, ms} */
    public long offsetsCheckIntervalMs() {
        return get(ConfigKeys.OFFSETS_CHECK_MS);
    }

    /** {@return between which protocols a group may go while it has members} */
    public String groupMigrationPolicy() {
        return get(ConfigKeys.GROUP_MIGRATION);
    }

    /** {@return shortest session of a classic member, ms} */
    public int groupMinSessionMs() {
        return get(ConfigKeys.GROUP_MIN_SESSION_MS);
    }

    /** {@return longest session of a classic member, ms} */
    public int groupMaxSessionMs() {
        return get(ConfigKeys.GROUP_MAX_SESSION_MS);
    }

    /** {@return how long an empty group waits for more members, ms} */
    public int groupInitialDelayMs() {
        return get(ConfigKeys.GROUP_DELAY_MS);
    }

    /** {@return most members of a group} */
    public int groupMaxSize() {
        return get(ConfigKeys.GROUP_MAX_SIZE);
    }

    /** {@return session of a member of the consumer protocol, ms} */
    public int consumerSessionMs() {
        return get(ConfigKeys.CONSUMER_SESSION_MS);
    }

    /** {@return how often such a member sends its heartbeat, ms} */
    public int consumerHeartbeatMs() {
        return get(ConfigKeys.CONSUMER_HEARTBEAT_MS);
    }

    /** {@return parent of the Aeron directories} */
    public Path aeronParentDirectory() {
        final String text = get(ConfigKeys.AERON_DIR);
        if (!text.isEmpty()) {
            return Path.of(text).toAbsolutePath();
        }
        final Path shm = Path.of("/dev/shm");
        return Files.isDirectory(shm) ? shm : Path.of(System.getProperty("java.io.tmpdir"));
    }

    /** {@return datagram length, 0 = choose} */
    public int replicationMtuLength() {
        return get(ConfigKeys.REPLICATION_MTU);
    }

    /** {@return receive window, 0 = choose} */
    public int replicationWindowLength() {
        return get(ConfigKeys.REPLICATION_WINDOW);
    }

    /** {@return term buffer length, 0 = choose} */
    public int replicationTermLength() {
        return get(ConfigKeys.REPLICATION_TERM);
    }

    /** {@return use no more of SO_RCVBUF than this, 0 = all} */
    public int replicationSocketLimit() {
        return get(ConfigKeys.REPLICATION_SOCKET_LIMIT);
    }
}
