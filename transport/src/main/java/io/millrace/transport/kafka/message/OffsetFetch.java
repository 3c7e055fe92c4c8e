package io.millrace.transport.kafka.message;

import java.util.List;

/** OffsetFetch, versions 1 to 7. */
public final class OffsetFetch {
    /** What a client asks; topics is null for all of the group (from version 2 on). */
    public record Request(String groupId, List<RequestTopic> topics, boolean requireStable) {
    }

    /** Partitions of one topic. */
    public record RequestTopic(String name, List<Integer> partitionIds) {
    }

    /** The answer. */
    public record Response(short errorCode, List<ResponseTopic> topics) {
    }

    /** Partitions of one topic. */
    public record ResponseTopic(String name, List<ResponsePartition> partitions) {
    }

    /** One partition; an offset of -1 is none and no error. */
    public record ResponsePartition(
        int partitionId, long offset, int leaderEpoch, String metadata, short errorCode) {
    }

    private OffsetFetch() {
    }
}
