package io.millrace.results.model;

/** Names of run parameters which the report knows; others are kept and listed as they are. */
public final class RunParams {
    /** "leader", "all" or "none". */
    public static final String ACKS = "acks";
    /** Target of the open-loop schedule; absent or -1 when unlimited. */
    public static final String RATE_PER_S = "rate_per_s";
    /** Length of one record. */
    public static final String RECORD_BYTES = "record_bytes";
    /** Partitions of the topic. */
    public static final String PARTITIONS = "partitions";
    /** Producing clients. */
    public static final String PRODUCERS = "producers";
    /** Replicas of each partition. */
    public static final String REPLICATION_FACTOR = "replication_factor";
    /** Durability profile of the topic: "replicated" or "durable". */
    public static final String PROFILE = "profile";
    /** Client that was measured. */
    public static final String DRIVER = "driver";
    /** What was measured, e.g. "local cluster of 3 brokers" or a bootstrap address. */
    public static final String TARGET = "target";
    /**
     * What an acknowledgement of a system that was started for the run promises, a map of words: system, nodes,
     * replicas, acks_leader, acks_all, sync, batching, and every setting that is not the system's default.
     */
    public static final String DURABILITY = "durability";
    /** Length of the warm-up. */
    public static final String WARMUP_S = "warmup_s";
    /** Length of the measured phase as planned. */
    public static final String DURATION_S = "duration_s";

    private RunParams() {
    }
}
