package io.millrace.transport.kafka.message;

import java.util.List;

/** DeleteTopics, versions 1 to 3. */
public final class DeleteTopics {
    /** What a client asks. */
    public record Request(List<String> names, int timeoutMs) {
    }

    /** The answer. */
    public record Response(List<ResponseTopic> topics) {
    }

    /** One topic. */
    public record ResponseTopic(String name, short errorCode) {
    }

    private DeleteTopics() {
    }
}
