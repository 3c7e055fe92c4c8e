package io.millrace.transport.kafka.message;

import java.util.List;

/** Metadata, versions 0 to 8. */
public final class Metadata {
    /** What a client asks; topics is null for all topics. */
    public record Request(List<String> topics, boolean autoTopicCreationAllowed) {
    }

    /** The answer; a controller id of -1 is none. */
    public record Response(List<Broker> brokers, String clusterId, int controllerId, List<Topic> topics) {
    }

    /** Where a broker listens. */
    public record Broker(int nodeId, String host, int port) {
    }

    /** One topic. */
    public record Topic(short errorCode, String name, boolean internal, List<Partition> partitions) {
    }

    /** One partition; a leader of -1 is none, a leader epoch of -1 is unknown. */
    public record Partition(
        short errorCode,
        int partitionId,
        int leaderId,
        int leaderEpoch,
        List<Integer> replicaIds,
        List<Integer> isrIds,
        List<Integer> offlineIds) {
    }

    private Metadata() {
    }
}
