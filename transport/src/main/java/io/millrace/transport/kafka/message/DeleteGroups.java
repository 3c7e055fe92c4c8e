package io.millrace.transport.kafka.message;

import java.util.List;

/** DeleteGroups, versions 0 to 3. */
public final class DeleteGroups {
    /** What a client asks. */
    public record Request(List<String> groupIds) {
    }

    /** The answer. */
    public record Response(List<Result> results) {
    }

    /** One group. */
    public record Result(String groupId, short errorCode, String errorMessage) {
    }

    private DeleteGroups() {
    }
}
