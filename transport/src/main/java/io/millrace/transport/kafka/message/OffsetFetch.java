package io.millrace.transport.kafka.message;

import java.util.List;
import java.util.UUID;

/** OffsetFetch, versions 1 to 10. */
public final class OffsetFetch {
    /** First version that asks for several groups. */
    public static final int GROUPS_VERSION = 8;
    /** First version that names topics by their id. */
    public static final int TOPIC_ID_VERSION = 10;

    /** What a client asks; exactly one group below version 8. */
    public record Request(List<RequestGroup> groups, boolean requireStable) {
    }

    /** One group; topics is null for all of it, the member id may be null and the member epoch -1. */
    public record RequestGroup(String groupId, String memberId, int memberEpoch, List<RequestTopic> topics) {
    }

    /** Partitions of one topic; the name is null from version 10 on, the id below it. */
    public record RequestTopic(String name, UUID topicId, List<Integer> partitionIds) {
    }

    /** The answer: one for each group. */
    public record Response(List<ResponseGroup> groups) {
    }

    /** One group. */
    public record ResponseGroup(String groupId, short errorCode, List<ResponseTopic> topics) {
    }

    /** Partitions of one topic. */
    public record ResponseTopic(String name, UUID topicId, List<ResponsePartition> partitions) {
    }

    /** One partition; an offset of -1 is none and no error. */
    public record ResponsePartition(
        int partitionId, long offset, int leaderEpoch, String metadata, short errorCode) {
    }

    private OffsetFetch() {
    }
}
