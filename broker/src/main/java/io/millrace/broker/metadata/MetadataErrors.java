package io.millrace.broker.metadata;

/** The Kafka protocol's error numbers that a command is answered with (Kafka protocol guide, "Error Codes"). */
public final class MetadataErrors {
    public static final short NONE = 0;
    public static final short UNKNOWN_TOPIC_OR_PARTITION = 3;
    public static final short REQUEST_TIMED_OUT = 7;
    public static final short INVALID_TOPIC = 17;
    public static final short TOPIC_ALREADY_EXISTS = 36;
    public static final short INVALID_PARTITIONS = 37;
    public static final short INVALID_REPLICATION_FACTOR = 38;
    public static final short INVALID_CONFIG = 40;
    public static final short NOT_CONTROLLER = 41;
    public static final short INVALID_REQUEST = 42;
    public static final short POLICY_VIOLATION = 44;
    public static final short FENCED_LEADER_EPOCH = 74;
    public static final short STALE_BROKER_EPOCH = 77;
    public static final short PREFERRED_LEADER_NOT_AVAILABLE = 80;
    public static final short ELIGIBLE_LEADERS_NOT_AVAILABLE = 83;
    public static final short ELECTION_NOT_NEEDED = 84;
    public static final short INVALID_UPDATE_VERSION = 95;
    public static final short UNKNOWN_TOPIC_ID = 100;
    public static final short DUPLICATE_BROKER_REGISTRATION = 101;
    public static final short BROKER_ID_NOT_REGISTERED = 102;
    public static final short INELIGIBLE_REPLICA = 107;

    private MetadataErrors() {
    }
}
