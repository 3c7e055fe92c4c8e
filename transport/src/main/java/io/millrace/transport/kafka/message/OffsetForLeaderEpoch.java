package io.millrace.transport.kafka.message;

import java.util.List;

/** OffsetForLeaderEpoch, versions 2 to 4. */
public final class OffsetForLeaderEpoch {
    /** What a client asks. */
    public record Request(int replicaId, List<RequestTopic> topics) {
    }

    /** One topic. */
    public record RequestTopic(String name, List<RequestPartition> partitions) {
    }

    /** One partition: where did this epoch end? A current epoch of -1 is not known. */
    public record RequestPartition(int partitionId, int currentLeaderEpoch, int leaderEpoch) {
    }

    /** The answer. */
    public record Response(List<ResponseTopic> topics) {
    }

    /** One topic. */
    public record ResponseTopic(String name, List<ResponsePartition> partitions) {
    }

    /** One partition; epoch and offset are -1 where nothing is known. */
    public record ResponsePartition(int partitionId, short errorCode, int leaderEpoch, long endOffset) {
    }

    private OffsetForLeaderEpoch() {
    }
}
