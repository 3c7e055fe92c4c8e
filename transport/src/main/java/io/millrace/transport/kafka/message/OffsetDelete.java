package io.millrace.transport.kafka.message;

import java.util.List;

/** OffsetDelete, version 0. */
public final class OffsetDelete {
    /** What a client asks. */
    public record Request(String groupId, List<RequestTopic> topics) {
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

    /** One partition. */
    public record ResponsePartition(int partitionId, short errorCode) {
    }

    private OffsetDelete() {
    }
}
