package io.millrace.transport.counters;

/** What is counted of a node as a whole; the label ends with the unit. */
public enum NodeCounter {
    SAMPLED_AT_MS(1, "node: what is sampled was sampled last at, ms since start"),
    CPU_NS(2, "node: processor time of the process, ns"),
    ALLOCATED_LENGTH(3, "node: allocated on the heap by all threads, bytes"),
    GC_COUNT(4, "node: garbage collections, count"),
    GC_PAUSE_NS(5, "node: paused for garbage collection, ns"),
    RING_FULL_COUNT(6, "rings: claims refused by a full ring, count"),
    RING_HIGH_WATER_LENGTH(7, "rings: highest fill of a ring, looked at each ms, bytes"),
    SCRUB_LENGTH(8, "scrub: read of sealed segments, bytes"),
    SCRUB_SEGMENT_COUNT(9, "scrub: segments checked, count"),
    SCRUB_FINDING_COUNT(10, "scrub: findings, count"),
    SCRUB_QUARANTINED_COUNT(11, "scrub: segments put into quarantine, count"),
    SCRUB_REPAIRED_COUNT(12, "scrub: segments replaced from another replica, count"),
    RING_LIVE_COUNT(13, "rings: in use, count"),
    RING_IDLE_COUNT(14, "rings: given back and kept, count");

    /** First type id of the network thread's own counters, mirrored in their own order. */
    public static final int SERVER_TYPE_ID = 1000;
    /** First type id of a shard's gauges; the counter's key names the shard. */
    public static final int SHARD_TYPE_ID = 2000;

    private final int typeId;
    private final String label;

    NodeCounter(final int typeId, final String label) {
        this.typeId = typeId;
        this.label = label;
    }

    /** {@return the counter's type id in the file} */
    public int typeId() {
        return typeId;
    }

    /** {@return what it counts, with its unit} */
    public String label() {
        return label;
    }
}
