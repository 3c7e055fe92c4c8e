package io.millrace.transport.kafka.message;

import java.util.List;
import java.util.UUID;

/** DescribeTopicPartitions, version 0. */
public final class DescribeTopicPartitions {
    /** What a client asks; no topics asks for all of them, the cursor is null to begin. */
    public record Request(List<String> topics, int partitionLimit, Cursor cursor) {
    }

    /** A partition to go on with. */
    public record Cursor(String topic, int partitionId) {
    }

    /** The answer; the next cursor is null at the end. */
    public record Response(List<Topic> topics, Cursor nextCursor) {
    }

    /** One topic, or a part of its partitions. */
    public record Topic(
        short errorCode, String name, UUID id, boolean internal, List<Partition> partitions,
        int authorizedOperations) {
    }

    /** One partition. */
    public record Partition(Metadata.Partition partition, List<Integer> eligibleIds) {
    }

    private DescribeTopicPartitions() {
    }
}
