package io.millrace.broker.api;

/** Error numbers that only the request handlers use (Kafka protocol guide, "Error Codes"). */
final class KafkaErrors {
    static final short LEADER_NOT_AVAILABLE = 5;
    static final short COORDINATOR_LOAD_IN_PROGRESS = 14;
    static final short INVALID_TOPIC = 17;
    static final short INVALID_REQUIRED_ACKS = 21;
    static final short INVALID_TIMESTAMP = 32;
    static final short UNSUPPORTED_VERSION = 35;
    static final short INVALID_REPLICA_ASSIGNMENT = 39;
    static final short INVALID_REQUEST = 42;
    static final short UNSUPPORTED_FOR_MESSAGE_FORMAT = 43;
    static final short TRANSACTIONAL_ID_AUTHORIZATION_FAILED = 53;
    static final short SECURITY_DISABLED = 54;
    static final short FETCH_SESSION_ID_NOT_FOUND = 70;
    static final short FENCED_LEADER_EPOCH = 74;
    static final short UNKNOWN_LEADER_EPOCH = 75;
    static final short UNSUPPORTED_COMPRESSION_TYPE = 76;
    static final short OFFSET_NOT_AVAILABLE = 78;
    static final short UNKNOWN_TOPIC_ID = 100;
    static final short MISMATCHED_ENDPOINT_TYPE = 114;

    private KafkaErrors() {
    }
}
