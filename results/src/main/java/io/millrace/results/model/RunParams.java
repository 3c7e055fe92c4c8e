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
     * Which start of the system the run met, the same for all runs that met the same processes; absent where that is
     * not known, as of brokers at an address whose processes were not named, and where there is no system.
     */
    public static final String CLUSTER = "cluster";
    /**
     * What an acknowledgement of a system that was started for the run promises, a map of words: system, nodes,
     * replicas, acks_leader, acks_all, sync, batching, and every setting that is not the system's default.
     */
    public static final String DURABILITY = "durability";
    /** Length of the warm-up. */
    public static final String WARMUP_S = "warmup_s";
    /** Length of the measured phase as planned. */
    public static final String DURATION_S = "duration_s";

    /**
     * Every other setting that shapes the load and is not the default, "connections=2; warmup=20s"; empty if all are.
     * With the parameters that have a name of their own it tells all that was asked for, so that runs that differ in
     * neither are alike.
     */
    public static final String OTHER_SETTINGS = "other_settings";
    /** What was recorded beside the run and cost it something: "jfr", "cpu"; absent without. */
    public static final String RECORDING = "recording";
    /** Processes that sent the load together; absent where it was this one. */
    public static final String WORKERS = "workers";
    /** How end-to-end times of several workers were measured. */
    public static final String WORKERS_CLOCK = "workers_clock";
    /** Records of the measured phase, 0 if its length decides. */
    public static final String NUM_RECORDS = "num_records";
    /** Before the name of a topic's own setting. */
    public static final String TOPIC_PREFIX = "topic.";

    private RunParams() {
    }
}
