package io.millrace.results.model;

/** Tags of the histograms in {@code latency.hlog}; every value is in nanoseconds. */
public final class Tags {
    /** Response time: acknowledgement, or failure, minus the intended send time. The headline. */
    public static final String ACK_RT = "ack.rt";
    /** Service time: acknowledgement minus the actual send time. */
    public static final String ACK_SERVICE = "ack.service";
    /** Schedule lag: actual minus intended send time. */
    public static final String SCHED_LAG = "sched.lag";
    /** End to end: arrival at a consumer minus the intended send time, on one clock. */
    public static final String E2E_RT = "e2e.rt";
    /** Stalls seen by an idle thread of the measuring process. */
    public static final String HICCUP_CLIENT = "hiccup.client";
    /** Prefix for stalls seen by any process: "hiccup." plus its name. */
    public static final String HICCUP_PREFIX = "hiccup.";
    /** Prefix for stalls seen by an idle thread inside a broker, or another server: plus its number. */
    public static final String HICCUP_BROKER_PREFIX = "hiccup.broker-";
    /** Prefix for intervals recorded before the measured phase; left out of every figure. */
    public static final String WARMUP_PREFIX = "warmup.";

    private Tags() {
    }
}
