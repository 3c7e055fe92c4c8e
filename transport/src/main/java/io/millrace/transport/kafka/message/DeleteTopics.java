package io.millrace.transport.kafka.message;

import java.util.List;
import java.util.UUID;

/** DeleteTopics, versions 1 to 6. */
public final class DeleteTopics {
    /** What a client asks. */
    public record Request(List<RequestTopic> topics, int timeoutMs) {
    }

    /** A topic by name or by id; one of the two is null, from a client that errs perhaps both or none. */
    public record RequestTopic(String name, UUID id) {
    }

    /** The answer. */
    public record Response(List<ResponseTopic> topics) {
    }

    /** One topic; name, id and message are null where there is none. */
    public record ResponseTopic(String name, UUID id, short errorCode, String errorMessage) {
        /** Without id and message. */
        public ResponseTopic(final String name, final short errorCode) {
            this(name, null, errorCode, null);
        }
    }

    private DeleteTopics() {
    }
}
