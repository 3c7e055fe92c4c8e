package io.millrace.transport.kafka.message;

import java.util.List;
import java.util.UUID;

/** Metadata, versions 0 to 13. */
public final class Metadata {
    /** Authorized operations that nobody asked for. */
    public static final int OPERATIONS_NOT_ASKED = Integer.MIN_VALUE;

    /** What a client asks; topics is null for all topics. */
    public record Request(
        List<RequestTopic> topics,
        boolean autoTopicCreationAllowed,
        boolean topicOperationsWanted,
        boolean clusterOperationsWanted) {
    }

    /** A topic by id or by name; one of the two is null, from a client that errs perhaps both or none. */
    public record RequestTopic(UUID id, String name) {
    }

    /** The answer; a controller id of -1 is none. */
    public record Response(
        List<Broker> brokers, String clusterId, int controllerId, List<Topic> topics, int authorizedOperations) {

        /** Without authorized operations. */
        public Response(
            final List<Broker> brokers, final String clusterId, final int controllerId, final List<Topic> topics) {
            this(brokers, clusterId, controllerId, topics, OPERATIONS_NOT_ASKED);
        }
    }

    /** Where a broker listens. */
    public record Broker(int nodeId, String host, int port) {
    }

    /** One topic; name and id are null where they are not known. */
    public record Topic(
        short errorCode, String name, UUID id, boolean internal, List<Partition> partitions,
        int authorizedOperations) {

        /** Without an id and authorized operations. */
        public Topic(
            final short errorCode, final String name, final boolean internal, final List<Partition> partitions) {
            this(errorCode, name, null, internal, partitions, OPERATIONS_NOT_ASKED);
        }
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
