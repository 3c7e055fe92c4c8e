package io.millrace.transport.kafka.message;

import java.util.List;
import java.util.Map;

/** CreateTopics, versions 2 to 4. */
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

    /** One topic; the message is null without an error. */
    public record ResponseTopic(String name, short errorCode, String errorMessage) {
    }

    private CreateTopics() {
    }
}
