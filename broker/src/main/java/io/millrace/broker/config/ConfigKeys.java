package io.millrace.broker.config;

import io.millrace.engine.DurabilityProfile;
import java.util.List;

/** The table of all keys. Kafka's names where Kafka has one; our own begin with millrace. */
public final class ConfigKeys {
    static final int MAX_NODE_ID = 1_000_000;
    /** Of a key without a value. */
    static final long UNSET = Long.MIN_VALUE;

    static final ConfigKey<Integer> NODE_ID = new ConfigKey<>("node.id", null, "0 to " + MAX_NODE_ID,
        "Id of this node, unique in its cluster.", Parsers.intBetween(0, MAX_NODE_ID));
    static final ConfigKey<Listener> LISTENERS = new ConfigKey<>("listeners", "PLAINTEXT://127.0.0.1:9092",
        "one PLAINTEXT://host:port", "Where Kafka clients connect.", Listener::parse);
    static final ConfigKey<String> ADVERTISED_LISTENERS = new ConfigKey<>("advertised.listeners", "",
        "one PLAINTEXT://host:port, or empty", "What clients are told to connect to; empty = the same as listeners.",
        (text) -> text.isEmpty() ? "" : Listener.parse(text).toString());
    static final ConfigKey<Boolean> BIND_BEYOND_LOOPBACK = new ConfigKey<>("millrace.bind.beyond.loopback", "false",
        "true or false", "Allows listeners and replication on other than loopback addresses. There is no "
        + "authentication yet, so whoever reaches the port can read and write everything.", Parsers::bool);
    static final ConfigKey<String> LOG_DIRS = new ConfigKey<>("log.dirs", null, "one directory",
        "Where this node keeps its data. One directory; it is locked while the node runs.", (text) -> {
            if (text.isEmpty() || text.indexOf(',') >= 0) {
                throw new IllegalArgumentException("exactly one directory is supported");
            }
            return text;
        });
    static final ConfigKey<List<ClusterNode>> CLUSTER_NODES = new ConfigKey<>("millrace.cluster.nodes", "",
        "empty, or up to 5 times id@host:replicationPort:metadataPort, separated by commas",
        "All brokers, this node included, the same text in every node's file. Empty = a cluster of this node alone. "
        + "From replicationPort on 15 UDP ports are used, from metadataPort on 10.", Parsers::nodes);
    static final ConfigKey<List<Integer>> CONTROLLERS = new ConfigKey<>("millrace.cluster.controllers", "",
        "empty, or 1, 3 or 5 node ids of millrace.cluster.nodes, separated by commas",
        "The brokers whose metadata quorum decides for all; the others are its clients. The same in every node's "
        + "file, and fixed for the life of the cluster. Empty = the three lowest ids, with less than three nodes the "
        + "lowest.", Parsers::ids);
    static final ConfigKey<Integer> NUM_PARTITIONS = new ConfigKey<>("num.partitions", "1", "1 to 10000",
        "Partitions of a topic that is created without a count.", Parsers.intBetween(1, 10_000));
    static final ConfigKey<Integer> REPLICATION_FACTOR = new ConfigKey<>("default.replication.factor", "-1",
        "-1, or 1 to 5", "Replicas of a topic that is created without a number; -1 = min(3, nodes).",
        Parsers.intBetween(-1, 5));
    static final ConfigKey<Integer> MIN_INSYNC_REPLICAS = new ConfigKey<>("min.insync.replicas", "-1",
        "-1, or 1 to 5", "Replicas that must have a record before acks=all is answered, for topics created without a "
        + "value of their own; -1 = min(2, replication factor).", Parsers.intBetween(-1, 5));
    static final ConfigKey<Boolean> AUTO_CREATE_TOPICS = new ConfigKey<>("auto.create.topics.enable", "true",
        "true or false", "Whether asking for an unknown topic creates it.", Parsers::bool);
    static final ConfigKey<DurabilityProfile> PROFILE = new ConfigKey<>("millrace.profile", "replicated",
        "replicated or durable", "What an acknowledgement means for topics created from now on: in the page cache, or "
        + "on the disk (group-commit fdatasync), of the in-sync replicas.",
        Parsers::profile);
    static final ConfigKey<Integer> MESSAGE_MAX_BYTES = new ConfigKey<>("message.max.bytes", "1048588",
        "1024 to an eighth of millrace.ring.bytes", "Longest record batch that is accepted.",
        Parsers.intBetween(1024, 256 << 20));
    static final ConfigKey<Integer> RING_BYTES = new ConfigKey<>("millrace.ring.bytes", "16m",
        "a power of two, 1m to 1g", "Ring buffer in front of each shard that this node leads; a batch takes at most an "
        + "eighth of it.", Parsers.powerOfTwoBetween(1 << 20, 1 << 30));
    static final ConfigKey<Long> RING_BUDGET_BYTES = new ConfigKey<>("millrace.ring.budget.bytes", "512m",
        "1m or more", "Memory for the rings of the shards that this node leads, after a failover too. Beyond it the "
        + "node leads no more shards: it asks another in-sync replica to, and without one the shard waits. The JVM's "
        + "-XX:MaxDirectMemorySize has to allow for it.", Parsers.longBetween(1 << 20, 1L << 40));
    static final ConfigKey<Integer> SEGMENT_BYTES = new ConfigKey<>("log.segment.bytes", "64m", "1m to 1g",
        "Length of a log segment file. Longer than millrace.ring.bytes / 4.", Parsers.intBetween(1 << 20, 1 << 30));
    static final ConfigKey<Long> SHARD_MAX_BYTES = new ConfigKey<>("millrace.shard.max.bytes", "64g",
        "2 segments or more", "Cap of one shard's log. When it is reached and nothing can be given back, produce is "
        + "refused with a retriable error.", Parsers.longBetween(2 << 20, Long.MAX_VALUE));
    static final ConfigKey<Long> SHARD_SPARE_BYTES = new ConfigKey<>("millrace.shard.spare.bytes", "1g", "0 or more",
        "Files of one shard that were given back and are kept to be overwritten, which is far cheaper than to make new "
        + "ones; within the shard's cap, and given up when the disk is full.", Parsers.longBetween(0, Long.MAX_VALUE));
    static final ConfigKey<Long> RETENTION_BYTES = new ConfigKey<>("log.retention.bytes", "-1", "-1 or more",
        "Bytes kept per partition of topics without a retention.bytes of their own; -1 = no limit.",
        Parsers.longBetween(-1, Long.MAX_VALUE));
    static final ConfigKey<Long> RETENTION_MS = new ConfigKey<>("log.retention.ms", "", "empty, or -1 or more",
        "Milliseconds that records are kept, by their own timestamps, in topics without a retention.ms of their own; "
        + "-1 = no limit, empty = as log.retention.hours says.",
        (text) -> text.isEmpty() ? UNSET : Parsers.longBetween(-1, Long.MAX_VALUE).apply(text));
    static final ConfigKey<Integer> RETENTION_HOURS = new ConfigKey<>("log.retention.hours", "168", "-1 or more",
        "The same in hours, where log.retention.ms is empty; -1 = no limit.",
        Parsers.intBetween(-1, Integer.MAX_VALUE));
    static final ConfigKey<Long> RETENTION_CHECK_MS = new ConfigKey<>("log.retention.check.interval.ms", "300000",
        "100 or more", "How often partitions are looked through for records that are too old; for what is too much at "
        + "least every 5 s.", Parsers.longBetween(100, Long.MAX_VALUE / 1_000_000));
    static final ConfigKey<Long> SCRUB_BYTES_PER_SECOND = new ConfigKey<>("millrace.scrub.bytes.per.second", "8m",
        "0 or more", "Rate at which the sealed segments of all shards are read and checked in the background; "
        + "0 = not at all.", Parsers.longBetween(0, Long.MAX_VALUE));
    static final ConfigKey<Long> SCRUB_INTERVAL_MS = new ConfigKey<>("millrace.scrub.interval.ms", "86400000",
        "1000 or more", "Time from the beginning of one such pass through a shard to that of the next one.",
        Parsers.longBetween(1000, Long.MAX_VALUE));
    static final ConfigKey<Long> REPAIR_BYTES_PER_SECOND = new ConfigKey<>("millrace.repair.bytes.per.second", "32m",
        "256k or more", "Rate at which this node fetches a damaged segment from another replica.",
        Parsers.longBetween(256 << 10, Long.MAX_VALUE));
    static final ConfigKey<Integer> REPLICA_LAG_MS = new ConfigKey<>("replica.lag.time.max.ms", "2000",
        "200 to 600000", "A follower that has not caught up for so long leaves the in-sync replicas.",
        Parsers.intBetween(200, 600_000));
    static final ConfigKey<Integer> SESSION_TIMEOUT_MS = new ConfigKey<>("millrace.session.timeout.ms", "2000",
        "1000 to 60000", "A broker that the metadata quorum has not heard for so long is fenced.",
        Parsers.intBetween(1000, 60_000));
    static final ConfigKey<Boolean> LEADER_REBALANCE = new ConfigKey<>("auto.leader.rebalance.enable", "true",
        "true or false", "Whether this node takes back the shards whose first replica it is, once it is in sync again.",
        Parsers::bool);
    static final ConfigKey<Integer> LEADER_CHECK_SECONDS = new ConfigKey<>("leader.imbalance.check.interval.seconds",
        "300", "1 to 86400", "How often it looks for such shards.", Parsers.intBetween(1, 86_400));
    static final ConfigKey<Integer> REQUEST_MAX_BYTES = new ConfigKey<>("socket.request.max.bytes", "104857600",
        "1m to 1g", "Longest request; a longer one closes its connection before anything is allocated.",
        Parsers.intBetween(1 << 20, 1 << 30));
    static final ConfigKey<Integer> MAX_CONNECTIONS = new ConfigKey<>("max.connections", "16384", "1 to 16384",
        "Client connections at the same time; further ones are closed at once. Fewer where the limit of open files is "
        + "lower: 2,000 of those, or half, are kept for log files.", Parsers.intBetween(1, 16_384));
    static final ConfigKey<Integer> MAX_CONNECTIONS_PER_IP = new ConfigKey<>("max.connections.per.ip", "2147483647",
        "1 or more", "Client connections from one address at the same time; further ones are closed at once.",
        Parsers.intBetween(1, Integer.MAX_VALUE));
    static final ConfigKey<Long> CONNECTIONS_MAX_IDLE_MS = new ConfigKey<>("connections.max.idle.ms", "600000",
        "1000 or more", "A connection without traffic and without a request in work is closed after this time.",
        Parsers.longBetween(1000, 1L << 40));
    static final ConfigKey<Long> REQUEST_BUDGET_BYTES = new ConfigKey<>("queued.max.request.bytes", "256m",
        "16m or more", "Memory for requests in all connections' buffers; beyond it reading waits. As much again for "
        + "replies and fetches that wait; beyond it the connections that hold most are closed.",
        Parsers.longBetween(16 << 20, 1L << 40));
    static final ConfigKey<Integer> FETCH_MAX_BYTES = new ConfigKey<>("fetch.max.bytes", "57671680", "1k to 1g",
        "Longest fetch reply, whatever the client allows.", Parsers.intBetween(1024, 1 << 30));
    static final ConfigKey<Integer> OFFSETS_PARTITIONS = new ConfigKey<>("offsets.topic.num.partitions", "3",
        "1 to 100", "Partitions of __consumer_offsets, which is created when the first group is asked for; they share "
        + "out the groups among the brokers. Fixed from then on.", Parsers.intBetween(1, 100));
    static final ConfigKey<Integer> OFFSETS_REPLICATION = new ConfigKey<>("offsets.topic.replication.factor", "-1",
        "-1, or 1 to 5", "Its replicas; -1 = min(3, nodes). So many brokers must be live when it is created.",
        Parsers.intBetween(-1, 5));
    static final ConfigKey<Integer> OFFSETS_RETENTION_MINUTES = new ConfigKey<>("offsets.retention.minutes", "10080",
        "1 or more", "How long offsets are kept in topics that no member of the group reads: from the last commit, or "
        + "since a classic group has no members.", Parsers.intBetween(1, Integer.MAX_VALUE));
    static final ConfigKey<Long> OFFSETS_CHECK_MS = new ConfigKey<>("offsets.retention.check.interval.ms", "600000",
        "1 or more", "How often it is looked for such offsets.", Parsers.longBetween(1, Long.MAX_VALUE / 1_000_000));
    static final ConfigKey<Integer> GROUP_MIN_SESSION_MS = new ConfigKey<>("group.min.session.timeout.ms", "6000",
        "1 to 1800000", "Shortest session that a member of a classic group may ask for.",
        Parsers.intBetween(1, 1_800_000));
    static final ConfigKey<Integer> GROUP_MAX_SESSION_MS = new ConfigKey<>("group.max.session.timeout.ms", "1800000",
        "1 or more", "Longest such session.", Parsers.intBetween(1, Integer.MAX_VALUE));
    static final ConfigKey<Integer> GROUP_DELAY_MS = new ConfigKey<>("group.initial.rebalance.delay.ms", "0",
        "0 to 60000", "How long an empty classic group waits for more members before its first balance.",
        Parsers.intBetween(0, 60_000));
    static final ConfigKey<Integer> GROUP_MAX_SIZE = new ConfigKey<>("group.max.size", "1000", "1 to 10000",
        "Most members of a group.", Parsers.intBetween(1, 10_000));
    static final ConfigKey<Integer> CONSUMER_SESSION_MS = new ConfigKey<>("group.consumer.session.timeout.ms",
        "45000", "1000 to 600000", "Session of a member of the consumer protocol (group.protocol=consumer).",
        Parsers.intBetween(1_000, 600_000));
    static final ConfigKey<Integer> CONSUMER_HEARTBEAT_MS = new ConfigKey<>("group.consumer.heartbeat.interval.ms",
        "5000", "100 to 60000", "How often such a member is told to send its heartbeat; shorter than its session.",
        Parsers.intBetween(100, 60_000));
    static final ConfigKey<String> GROUP_MIGRATION = new ConfigKey<>("group.consumer.migration.policy",
        "bidirectional", "bidirectional, upgrade, downgrade or disabled", "Whether a group with members goes from the "
        + "classic protocol to the consumer protocol when the first member comes that speaks it (upgrade), and back "
        + "when the last one has gone (downgrade).",
        Parsers.oneOf("bidirectional", "upgrade", "downgrade", "disabled"));
    static final ConfigKey<String> AERON_DIR = new ConfigKey<>("millrace.aeron.dir", "",
        "a directory, or empty", "Parent of the Aeron drivers' buffers; empty = /dev/shm where it exists, else the "
        + "temporary directory.", (text) -> text);
    static final ConfigKey<Boolean> HICCUP_METER = new ConfigKey<>("millrace.hiccup.meter", "false", "true or false",
        "Whether a thread of this node measures how late it wakes each millisecond, for the load generator to read; "
        + "clusters that it starts have it on.", Parsers::bool);
    static final ConfigKey<Integer> REPLICATION_MTU = new ConfigKey<>("millrace.replication.mtu.bytes", "0",
        "0, or a multiple of 32 up to 65504", "Datagram length; 0 = from the network interface.",
        Parsers.intBetween(0, 65_504));
    static final ConfigKey<Integer> REPLICATION_WINDOW = new ConfigKey<>("millrace.replication.window.bytes", "0",
        "0, or 128k up to what SO_RCVBUF grants", "Receive window; 0 = from the socket buffer that the kernel grants.",
        Parsers.intBetween(0, 1 << 30));
    static final ConfigKey<Integer> REPLICATION_TERM = new ConfigKey<>("millrace.replication.term.bytes", "0",
        "0, or a power of two of at least 8 MTUs", "Aeron term buffer length; 0 = from the shared memory.",
        Parsers.intBetween(0, 1 << 30));
    static final ConfigKey<Integer> REPLICATION_SOCKET_LIMIT = new ConfigKey<>(
        "millrace.replication.socket.limit.bytes", "0", "0 or more",
        "Use no more of SO_RCVBUF than this, as if the kernel granted no more; 0 = all it grants.",
        Parsers.intBetween(0, 1 << 30));

    private static final List<ConfigKey<?>> ALL = List.of(NODE_ID, LISTENERS, ADVERTISED_LISTENERS, LOG_DIRS,
        CLUSTER_NODES, CONTROLLERS,
        BIND_BEYOND_LOOPBACK, NUM_PARTITIONS, REPLICATION_FACTOR, MIN_INSYNC_REPLICAS, PROFILE,
        AUTO_CREATE_TOPICS, MESSAGE_MAX_BYTES, RING_BYTES, RING_BUDGET_BYTES, SEGMENT_BYTES, SHARD_MAX_BYTES,
        SHARD_SPARE_BYTES, RETENTION_BYTES, RETENTION_MS, RETENTION_HOURS, RETENTION_CHECK_MS,
        SCRUB_BYTES_PER_SECOND, SCRUB_INTERVAL_MS, REPAIR_BYTES_PER_SECOND,
        REPLICA_LAG_MS, SESSION_TIMEOUT_MS, LEADER_REBALANCE, LEADER_CHECK_SECONDS, REQUEST_MAX_BYTES,
        REQUEST_BUDGET_BYTES, MAX_CONNECTIONS, MAX_CONNECTIONS_PER_IP, CONNECTIONS_MAX_IDLE_MS,
        FETCH_MAX_BYTES, OFFSETS_PARTITIONS,
        OFFSETS_REPLICATION, OFFSETS_RETENTION_MINUTES, OFFSETS_CHECK_MS, GROUP_MIN_SESSION_MS,
        GROUP_MAX_SESSION_MS, GROUP_DELAY_MS, GROUP_MAX_SIZE, CONSUMER_SESSION_MS, CONSUMER_HEARTBEAT_MS,
        GROUP_MIGRATION, AERON_DIR, HICCUP_METER, REPLICATION_MTU, REPLICATION_WINDOW,
        REPLICATION_TERM, REPLICATION_SOCKET_LIMIT);

    private ConfigKeys() {
    }

    /** {@return every key, in the order of the documentation} */
    public static List<ConfigKey<?>> all() {
        return ALL;
    }

    /** {@return docs/configuration.md, made from this table} */
    public static String toMarkdown() {
        final StringBuilder text = new StringBuilder(4096);
        text.append("# Configuration of a node\n\n")
            .append("`millrace broker FILE` reads a properties file. Sizes take k, m and g (powers of 1024). An ")
            .append("unknown key is an error.\nThis page is made from the table in `ConfigKeys`; a test compares ")
            .append("the two.\n\n| key | default | allowed | meaning |\n|---|---|---|---|\n");
        for (final ConfigKey<?> key : ALL) {
            text.append("| `").append(key.name()).append("` | ")
                .append(key.defaultText() == null ? "required"
                    : key.defaultText().isEmpty() ? "(empty)" : "`" + key.defaultText() + "`")
                .append(" | ").append(key.limits()).append(" | ").append(key.description()).append(" |\n");
        }
        return text.toString();
    }
}
