package io.millrace.transport.kafka.message;

import java.util.List;
import java.util.UUID;

/** ConsumerGroupHeartbeat, versions 0 and 1. */
public final class ConsumerGroupHeartbeat {
    /** First version in which the client makes its member id, and may subscribe by a regular expression. */
    public static final int CLIENT_MEMBER_ID_VERSION = 1;

    /** What a client asks; what has not changed since its last one is null, or -1. */
    public record Request(
        String groupId,
        String memberId,
        int memberEpoch,
        String instanceId,
        String rackId,
        int rebalanceTimeoutMs,
        List<String> topicNames,
        String topicRegex,
        String serverAssignor,
        List<TopicPartitions> ownedPartitions,
        boolean isMemberIdFromClient) {
    }

    /** Partitions of one topic. */
    public record TopicPartitions(UUID topicId, List<Integer> partitionIds) {
    }

    /** The answer; the assignment is null where it has not changed. */
    public record Response(
        short errorCode,
        String errorMessage,
        String memberId,
        int memberEpoch,
        int heartbeatIntervalMs,
        List<TopicPartitions> assignment) {
    }

    private ConsumerGroupHeartbeat() {
    }
}
