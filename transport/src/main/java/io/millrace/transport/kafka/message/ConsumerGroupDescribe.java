package io.millrace.transport.kafka.message;

import java.util.List;
import java.util.UUID;

/** ConsumerGroupDescribe, versions 0 and 1. */
public final class ConsumerGroupDescribe {
    /** What a client asks. */
    public record Request(List<String> groupIds, boolean operationsWanted) {
    }

    /** The answer: one for each group, in their order, and what may be done with those that have no error. */
    public record Response(List<Group> groups, int authorizedOperations) {
    }

    /** One group. */
    public record Group(
        short errorCode,
        String errorMessage,
        String groupId,
        String state,
        int groupEpoch,
        int assignmentEpoch,
        String assignorName,
        List<Member> members) {
    }

    /** One member; instance id, rack id and regular expression may be null. Whether it speaks the classic protocol. */
    public record Member(
        String memberId,
        String instanceId,
        String rackId,
        int memberEpoch,
        String clientId,
        String clientHost,
        List<String> topicNames,
        String topicRegex,
        List<TopicPartitions> assignment,
        List<TopicPartitions> targetAssignment,
        boolean isClassic) {
    }

    /** Partitions of one topic. */
    public record TopicPartitions(UUID topicId, String topicName, List<Integer> partitionIds) {
    }

    private ConsumerGroupDescribe() {
    }
}
