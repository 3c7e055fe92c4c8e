package io.millrace.transport.kafka.message;

import java.util.List;

/** ListOffsets, versions 1 to 11. */
public final class ListOffsets {
    /** Timestamp that asks for the offset after the last record. */
    public static final long LATEST = -1;
    /** Timestamp that asks for the first offset kept. */
    public static final long EARLIEST = -2;
    /** Timestamp that asks for the record with the largest timestamp; from version 7 on. */
    public static final long MAX_TIMESTAMP = -3;
    /** Timestamp that asks for the first offset kept on the broker itself; from version 8 on. */
    public static final long EARLIEST_LOCAL = -4;
    /** Timestamp that asks for the last offset in tiered storage; from version 9 on. */
    public static final long LATEST_TIERED = -5;
    /** Timestamp that asks for the first offset not yet in tiered storage; from version 11 on. */
    public static final long EARLIEST_PENDING_UPLOAD = -6;

    /** What a client asks; a replica id of -1 is a client. */
    public record Request(int replicaId, byte isolationLevel, List<RequestTopic> topics) {
    }

    /** Partitions of one topic. */
    public record RequestTopic(String name, List<RequestPartition> partitions) {
    }

    /** One partition; a leader epoch of -1 is none. */
    public record RequestPartition(int partitionId, int currentLeaderEpoch, long timestampMs) {
    }

    /** The answer. */
    public record Response(List<ResponseTopic> topics) {
    }

    /** Partitions of one topic. */
    public record ResponseTopic(String name, List<ResponsePartition> partitions) {
    }

    /** One partition; timestamp and offset are -1 when there is none, the leader epoch is -1 when unknown. */
    public record ResponsePartition(int partitionId, short errorCode, long timestampMs, long offset, int leaderEpoch) {
    }

    private ListOffsets() {
    }
}
