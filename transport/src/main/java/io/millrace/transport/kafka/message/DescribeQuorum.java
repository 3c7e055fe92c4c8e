package io.millrace.transport.kafka.message;

import java.util.List;

/** DescribeQuorum, versions 0 to 2. */
public final class DescribeQuorum {
    /** What a client asks. */
    public record Request(List<RequestTopic> topics) {
    }

    /** One topic. */
    public record RequestTopic(String name, List<Integer> partitionIds) {
    }

    /** The answer. */
    public record Response(short errorCode, String errorMessage, List<Topic> topics, List<Node> nodes) {
    }

    /** One topic. */
    public record Topic(String name, List<Partition> partitions) {
    }

    /** One partition: the quorum's log. */
    public record Partition(
        int partitionId, short errorCode, String errorMessage, int leaderId, int leaderEpoch, long highWatermark,
        List<Replica> voters, List<Replica> observers) {
    }

    /** One replica of it; -1 for what is not known. */
    public record Replica(int nodeId, long logEndOffset, long lastFetchMs, long lastCaughtUpMs) {
    }

    /** Where a voter is. */
    public record Node(int nodeId, String host, int port) {
    }

    private DescribeQuorum() {
    }
}
