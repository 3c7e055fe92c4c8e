package io.millrace.broker.replication;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * What can be seen of one shard's replication from outside. Written by the engine thread, read by any.
 *
 * <p>Each value is published on its own: two read together may stem from neighbouring duty cycles.
 */
public final class ShardGauges {
    /** The present part: 0 idle, 1 follower, 2 leader. */
    public static final int ROLE = 0;
    /** Leader epoch gone by. */
    public static final int LEADER_EPOCH = 1;
    /** Bit i: replica i of the assignment is in the ISR. */
    public static final int ISR_MASK = 2;
    /** Like the ISR, with every proposal that may yet be accepted. */
    public static final int MAXIMAL_ISR_MASK = 3;
    /** Written mark. */
    public static final int WRITTEN = 4;
    /** Synced mark. */
    public static final int SYNCED = 5;
    /** Committed mark. */
    public static final int COMMITTED = 6;
    /** Handshakes a follower began. */
    public static final int HANDSHAKE_COUNT = 7;
    /** Chunks a follower dropped: other epoch or session, or not continuing its log. */
    public static final int DROPPED_CHUNK_COUNT = 8;
    /** Chunks or frames a follower found damaged. */
    public static final int CORRUPT_COUNT = 9;
    /** Truncations a leader asked of this follower. */
    public static final int TRUNCATION_COUNT = 10;
    /** Logs thrown away on a leader's RESET. */
    public static final int RESET_COUNT = 11;
    /** Acks a leader did not count: other epoch or session. */
    public static final int IGNORED_ACK_COUNT = 12;
    /** Messages that broke the protocol (an ack beyond the leader's end). */
    public static final int PROTOCOL_ERROR_COUNT = 13;
    /** ISR proposals made. */
    public static final int PROPOSAL_COUNT = 14;
    /** 1 while this broker is the assigned leader, but its log has seen the epoch already: it waits for a new one. */
    public static final int AWAITS_EPOCH = 15;
    /** Truncations or resets below the follower's own committed mark: data once committed was lost elsewhere. */
    public static final int COMMITTED_CUT_COUNT = 16;
    /** Followers moved between the live and the catch-up stream. */
    public static final int STREAM_SWITCH_COUNT = 17;
    /** How many there are, each replica's lag apart. */
    public static final int GAUGE_COUNT = 18;
    private static final int LAG_BASE = GAUGE_COUNT;
    private static final String[] LABELS = {
        "role (0 idle, 1 follower, 2 leader)", "leader epoch", "in-sync replicas, bit mask",
        "in-sync replicas with open proposals, bit mask", "written, position", "synced, position",
        "committed, position", "handshakes, count", "chunks dropped, count", "chunks or frames found damaged, count",
        "truncations, count", "resets, count", "acks not counted, count", "protocol errors, count",
        "proposals of in-sync replicas, count", "waits for a new epoch (0 or 1)", "cuts below committed, count",
        "changes between live and catch-up stream, count",
    };

    static {
        if (LABELS.length != GAUGE_COUNT) {
            throw new AssertionError("a gauge without a label: labels=" + LABELS.length + " gauges=" + GAUGE_COUNT);
        }
    }

    /** {@link #ROLE}: neither leads nor follows. */
    public static final int ROLE_IDLE = 0;
    /** {@link #ROLE}: follower. */
    public static final int ROLE_FOLLOWER = 1;
    /** {@link #ROLE}: leader. */
    public static final int ROLE_LEADER = 2;

    private final int shardId;
    private final AtomicLongArray values = new AtomicLongArray(LAG_BASE + ShardAssignment.MAX_REPLICA_COUNT);

    ShardGauges(final int shardId) {
        this.shardId = shardId;
    }

    /** {@return the shard these belong to} */
    public int shardId() {
        return shardId;
    }

    /**
     * {@return what a gauge shows, with its unit}
     *
     * @param gauge from 0 to {@link #GAUGE_COUNT} - 1
     */
    public static String label(final int gauge) {
        return LABELS[gauge];
    }

    /**
     * {@return one of the gauges named above}
     *
     * @param gauge a constant of this class
     */
    public long get(final int gauge) {
        return values.getAcquire(gauge);
    }

    /**
     * {@return bytes a replica is behind the leader's end, -1 when unknown}; meaningful on the leader.
     *
     * @param replicaIndex index in the assignment's replicas
     */
    public long lagLength(final int replicaIndex) {
        return values.getAcquire(LAG_BASE + replicaIndex);
    }

    void set(final int gauge, final long value) {
        if (values.getPlain(gauge) != value) {
            values.setRelease(gauge, value); // pairs with get
        }
    }

    void increment(final int gauge) {
        values.setRelease(gauge, values.getPlain(gauge) + 1); // one writer; pairs with get
    }

    void lagLength(final int replicaIndex, final long length) {
        set(LAG_BASE + replicaIndex, length);
    }
}
