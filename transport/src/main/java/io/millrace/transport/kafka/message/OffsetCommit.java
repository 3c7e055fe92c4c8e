package io.millrace.transport.kafka.message;

import java.util.List;

/** OffsetCommit, versions 2 to 7. */
public final class OffsetCommit {
    /**
     * What a client asks; a generation of -1 with an empty member id comes from a consumer without a group's balance.
     */
    public record Request(
        String groupId, int generationId, String memberId, String groupInstanceId, List<RequestTopic> topics) {
    }

    /** Partitions of one topic. */
    public record RequestTopic(String name, List<RequestPartition> partitions) {
    }

    /** One partition; a leader epoch of -1 is unknown, the metadata may be null. */
    public record RequestPartition(int partitionId, long offset, int leaderEpoch, String metadata) {
    }

    /** The answer. */
    public record Response(List<ResponseTopic> topics) {
    }

    /** Partitions of one topic. */
    public record ResponseTopic(String name, List<ResponsePartition> partitions) {
    }

    /** One partition. */
    public record ResponsePartition(int partitionId, short errorCode) {
    }

    private OffsetCommit() {
    }
}
