package io.millrace.transport.kafka.message;

import java.util.List;
import java.util.UUID;

/** OffsetCommit, versions 2 to 10. */
public final class OffsetCommit {
    /** First version that names topics by their id. */
    public static final int TOPIC_ID_VERSION = 10;

    /**
     * What a client asks; a generation (or member epoch) of -1 with an empty member id comes from a consumer without a
     * group's balance.
     */
    public record Request(
        String groupId, int generationId, String memberId, String groupInstanceId, List<RequestTopic> topics) {
    }

    /** Partitions of one topic; the name is null from version 10 on, the id below it. */
    public record RequestTopic(String name, UUID topicId, List<RequestPartition> partitions) {
    }

    /** One partition; a leader epoch of -1 is unknown, the metadata may be null. */
    public record RequestPartition(int partitionId, long offset, int leaderEpoch, String metadata) {
    }

    /** The answer. */
    public record Response(List<ResponseTopic> topics) {
    }

    /** Partitions of one topic. */
    public record ResponseTopic(String name, UUID topicId, List<ResponsePartition> partitions) {
    }

    /** One partition. */
    public record ResponsePartition(int partitionId, short errorCode) {
    }

    private OffsetCommit() {
    }
}
