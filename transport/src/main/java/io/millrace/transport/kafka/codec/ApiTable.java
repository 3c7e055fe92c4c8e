package io.millrace.transport.kafka.codec;

import java.util.Arrays;
import org.apache.kafka.common.message.ApiMessageType;

/**
 * The requests this broker answers and the versions it advertises: the one place that says so.
 *
 * <p>Minimum versions matter as much as the maximum. Produce advertises 0 although versions 0 to 2 are refused, because
 * librdkafka drops compression silently without it; Fetch must begin at 4 at the latest, or librdkafka's consumer never
 * fetches; FindCoordinator must begin at 0, or librdkafka drops lz4 silently (seen with 2.0.2: it takes a broker
 * without it for one too old for lz4).
 */
public final class ApiTable {
    public static final short PRODUCE = 0;
    public static final short FETCH = 1;
    public static final short LIST_OFFSETS = 2;
    public static final short METADATA = 3;
    public static final short OFFSET_COMMIT = 8;
    public static final short OFFSET_FETCH = 9;
    public static final short FIND_COORDINATOR = 10;
    public static final short JOIN_GROUP = 11;
    public static final short HEARTBEAT = 12;
    public static final short LEAVE_GROUP = 13;
    public static final short SYNC_GROUP = 14;
    public static final short DESCRIBE_GROUPS = 15;
    public static final short LIST_GROUPS = 16;
    public static final short API_VERSIONS = 18;
    public static final short CREATE_TOPICS = 19;
    public static final short DELETE_TOPICS = 20;
    public static final short DELETE_RECORDS = 21;
    public static final short INIT_PRODUCER_ID = 22;
    public static final short OFFSET_FOR_LEADER_EPOCH = 23;
    public static final short DESCRIBE_ACLS = 29;
    public static final short CREATE_ACLS = 30;
    public static final short DELETE_ACLS = 31;
    public static final short DESCRIBE_CONFIGS = 32;
    public static final short ALTER_CONFIGS = 33;
    public static final short DESCRIBE_LOG_DIRS = 35;
    public static final short CREATE_PARTITIONS = 37;
    public static final short DELETE_GROUPS = 42;
    public static final short ELECT_LEADERS = 43;
    public static final short INCREMENTAL_ALTER_CONFIGS = 44;
    public static final short LIST_PARTITION_REASSIGNMENTS = 46;
    public static final short OFFSET_DELETE = 47;
    public static final short DESCRIBE_QUORUM = 55;
    public static final short DESCRIBE_CLUSTER = 60;
    public static final short CONSUMER_GROUP_HEARTBEAT = 68;
    public static final short CONSUMER_GROUP_DESCRIBE = 69;
    public static final short LIST_CONFIG_RESOURCES = 74;
    public static final short DESCRIBE_TOPIC_PARTITIONS = 75;
    /** Millrace's own request ("MR"), version 0; served, never advertised, far above any key of Kafka's. */
    public static final short CLUSTER_CONTROL = 0x4D52;

    /** Lowest Produce version that is really decoded: the first with record batches of magic 2. */
    public static final short PRODUCE_MIN_DECODED = 3;
    /** Highest Produce version that is decoded, advertised or not. */
    static final short PRODUCE_MAX_DECODED = 13;
    /** First version of Produce with the flexible encoding. */
    public static final short PRODUCE_FLEXIBLE = 9;
    /** First version of Produce that names topics by id. */
    public static final short PRODUCE_TOPIC_IDS = 13;
    /** First version of Fetch with the flexible encoding. */
    public static final short FETCH_FLEXIBLE = 12;
    /** First version of Fetch that names topics by id. */
    public static final short FETCH_TOPIC_IDS = 13;
    /** First version of ApiVersions with the flexible encoding. */
    public static final short API_VERSIONS_FLEXIBLE = 3;
    /** Room for per-API tables: every key is below it. */
    public static final int API_KEY_LIMIT = 128;

    private static final short FLEXIBLE_HEADER = 2;

    /** Key, lowest and highest version; in ascending order of keys. Names and header layouts come from Kafka. */
    private static final short[][] ADVERTISED = {
        // 13 names topics by id, which the Java client takes from Metadata 10 and up only, without looking
        {PRODUCE, 0, 13},
        {FETCH, 4, 18},
        {LIST_OFFSETS, 1, 11},
        {METADATA, 0, 13},
        {OFFSET_COMMIT, 2, 10},
        {OFFSET_FETCH, 1, 10},
        {FIND_COORDINATOR, 0, 6},
        {JOIN_GROUP, 0, 9},
        {HEARTBEAT, 0, 4},
        {LEAVE_GROUP, 0, 5},
        {SYNC_GROUP, 0, 5},
        {DESCRIBE_GROUPS, 0, 6},
        {LIST_GROUPS, 0, 5},
        {API_VERSIONS, 0, 5},
        {CREATE_TOPICS, 2, 7},
        {DELETE_TOPICS, 1, 6},
        {DELETE_RECORDS, 0, 2},
        {INIT_PRODUCER_ID, 0, 5},
        {OFFSET_FOR_LEADER_EPOCH, 2, 4},
        {DESCRIBE_ACLS, 1, 3},
        {CREATE_ACLS, 1, 3},
        {DELETE_ACLS, 1, 3},
        {DESCRIBE_CONFIGS, 1, 4},
        {ALTER_CONFIGS, 0, 2},
        {DESCRIBE_LOG_DIRS, 1, 5},
        {CREATE_PARTITIONS, 0, 3},
        {DELETE_GROUPS, 0, 3},
        {ELECT_LEADERS, 0, 2},
        {INCREMENTAL_ALTER_CONFIGS, 0, 1},
        {LIST_PARTITION_REASSIGNMENTS, 0, 0},
        {OFFSET_DELETE, 0, 0},
        {DESCRIBE_QUORUM, 0, 2},
        {DESCRIBE_CLUSTER, 0, 2},
        {CONSUMER_GROUP_HEARTBEAT, 0, 1},
        {CONSUMER_GROUP_DESCRIBE, 0, 1},
        {LIST_CONFIG_RESOURCES, 0, 1},
        {DESCRIBE_TOPIC_PARTITIONS, 0, 0},
    };

    private static final short[] MIN = new short[API_KEY_LIMIT];
    private static final short[] MAX = new short[API_KEY_LIMIT];
    private static final short[] FIRST_FLEXIBLE = new short[API_KEY_LIMIT];
    private static final String[] NAMES = new String[API_KEY_LIMIT];

    static {
        Arrays.fill(MAX, (short) -1);
        for (final short[] row : ADVERTISED) {
            final ApiMessageType type = ApiMessageType.fromApiKey(row[0]);
            MIN[row[0]] = row[1];
            MAX[row[0]] = row[2];
            NAMES[row[0]] = type.name;
            FIRST_FLEXIBLE[row[0]] = firstFlexible(type, row[2]);
        }
    }

    private static short firstFlexible(final ApiMessageType type, final short maxVersion) {
        short version = 0;
        while (version <= maxVersion && type.requestHeaderVersion(version) < FLEXIBLE_HEADER) {
            version++;
        }
        return version;
    }

    private ApiTable() {
    }

    /**
     * {@return whether a version of one of the hot requests names topics by id rather than by name}
     *
     * @param apiKey  {@link #PRODUCE} or {@link #FETCH}
     * @param version of the request
     */
    static boolean hasTopicIds(final int apiKey, final int version) {
        return version >= (apiKey == PRODUCE ? PRODUCE_TOPIC_IDS : FETCH_TOPIC_IDS);
    }

    /** {@return the table of docs/kafka-compatibility.md} */
    public static String toMarkdown() {
        final StringBuilder text = new StringBuilder("| key | request | versions | newest of kafka-clients |\n"
            + "|---|---|---|---|\n");
        for (final short[] row : ADVERTISED) {
            text.append("| ").append(row[0]).append(" | ").append(NAMES[row[0]]).append(" | ").append(row[1])
                .append(row[1] == row[2] ? "" : " to " + row[2]).append(" | ")
                .append(ApiMessageType.fromApiKey(row[0]).highestSupportedVersion(false)).append(" |\n");
        }
        return text.toString();
    }

    /** {@return how many APIs are advertised} */
    public static int count() {
        return ADVERTISED.length;
    }

    /**
     * {@return key of one advertised API}
     *
     * @param row 0 to {@link #count()} - 1, in ascending order of keys
     */
    public static short apiKey(final int row) {
        return ADVERTISED[row][0];
    }

    /**
     * {@return whether the API is advertised at all}
     *
     * @param apiKey any number a client may send
     */
    public static boolean isAdvertised(final int apiKey) {
        return apiKey >= 0 && apiKey < API_KEY_LIMIT && MAX[apiKey] >= 0;
    }

    /**
     * {@return whether a request of this version is decoded and answered}
     *
     * @param apiKey  any number a client may send
     * @param version any number a client may send
     */
    public static boolean isServed(final int apiKey, final int version) {
        if (apiKey == CLUSTER_CONTROL) {
            return version == 0;
        }
        return isAdvertised(apiKey) && version <= MAX[apiKey] &&
            version >= (apiKey == PRODUCE ? PRODUCE_MIN_DECODED : MIN[apiKey]);
    }

    /**
     * {@return whether a request of this version is served and has the flexible encoding, tagged fields in its header}
     *
     * @param apiKey  any number a client may send
     * @param version any number a client may send
     */
    public static boolean isFlexible(final int apiKey, final int version) {
        return isServed(apiKey, version) && apiKey != CLUSTER_CONTROL && version >= FIRST_FLEXIBLE[apiKey];
    }

    /**
     * {@return lowest advertised version}
     *
     * @param apiKey an advertised API
     */
    public static short minVersion(final int apiKey) {
        return MIN[apiKey];
    }

    /**
     * {@return highest advertised version}
     *
     * @param apiKey an advertised API
     */
    public static short maxVersion(final int apiKey) {
        return MAX[apiKey];
    }

    /**
     * {@return the API's name for people, also for keys that are not served}
     *
     * @param apiKey any number a client may send
     */
    public static String name(final int apiKey) {
        if (apiKey == CLUSTER_CONTROL) {
            return "ClusterControl";
        }
        final String name = apiKey >= 0 && apiKey < API_KEY_LIMIT ? NAMES[apiKey] : null;
        return name == null ? "api " + apiKey : name;
    }
}
