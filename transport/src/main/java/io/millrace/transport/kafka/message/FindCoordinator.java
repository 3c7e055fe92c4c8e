package io.millrace.transport.kafka.message;

import java.util.List;

/** FindCoordinator, versions 0 to 6. */
public final class FindCoordinator {
    /** A key that is a consumer group. */
    public static final byte GROUP = 0;
    /** A key that is a transactional id. */
    public static final byte TRANSACTION = 1;

    /** What a client asks; exactly one key below version 4. */
    public record Request(List<String> keys, byte keyType) {
    }

    /** The answer: one for each key, in their order. */
    public record Response(List<Coordinator> coordinators) {
    }

    /** Who coordinates one key; with an error node id and port are -1 and the host is empty. */
    public record Coordinator(String key, short errorCode, String errorMessage, int nodeId, String host, int port) {
    }

    private FindCoordinator() {
    }
}
