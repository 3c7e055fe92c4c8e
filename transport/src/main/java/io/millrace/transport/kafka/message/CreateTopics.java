package io.millrace.transport.kafka.message;

import java.util.List;
import java.util.Map;
import java.util.UUID;

/** CreateTopics, versions 2 to 7. */
public final class CreateTopics {
    /** What a client asks. */
    public record Request(List<RequestTopic> topics, int timeoutMs, boolean validateOnly) {
    }

    /**
     * One topic; a partition count or replication factor of -1 asks for the default (from version 4 on, earlier ones
     * are for the caller to refuse). Assignments is empty unless the client places replicas by itself; a config value
     * may be null.
     */
    public record RequestTopic(
        String name,
        int partitionCount,
        short replicationFactor,
        List<Assignment> assignments,
        Map<String, String> configs) {
    }

    /** Replicas a client wants for a partition. */
    public record Assignment(int partitionId, List<Integer> brokerIds) {
    }

    /** The answer. */
    public record Response(List<ResponseTopic> topics) {
    }

    /** One topic; the message is null without an error, the id null with one or when the request only validates. */
    public record ResponseTopic(
        String name, UUID id, short errorCode, String errorMessage, int partitionCount, int replicationFactor,
        List<DescribeConfigs.Config> configs) {

        /** A topic that was not created, or of which no more is told. */
        public ResponseTopic(final String name, final short errorCode, final String errorMessage) {
            this(name, null, errorCode, errorMessage, -1, -1, List.of());
        }
    }

    private CreateTopics() {
    }
}
