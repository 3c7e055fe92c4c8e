package io.millrace.transport.kafka.message;

import java.util.List;

/** CreatePartitions, versions 0 to 3. */
public final class CreatePartitions {
    /** What a client asks. */
    public record Request(List<RequestTopic> topics, int timeoutMs, boolean validateOnly) {
    }

    /** One topic with the count it is to have; assigned when the client places replicas by itself. */
    public record RequestTopic(String name, int partitionCount, boolean assigned) {
    }

    /** The answer. */
    public record Response(List<ResponseTopic> topics) {
    }

    /** One topic; the message is null without an error. */
    public record ResponseTopic(String name, short errorCode, String errorMessage) {
    }

    private CreatePartitions() {
    }
}
