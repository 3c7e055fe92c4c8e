package io.millrace.transport.kafka.message;

/** FindCoordinator, versions 0 to 2. */
public final class FindCoordinator {
    /** A key that is a consumer group. */
    public static final byte GROUP = 0;
    /** A key that is a transactional id. */
    public static final byte TRANSACTION = 1;

    /** What a client asks. */
    public record Request(String key, byte keyType) {
    }

    /** The answer; with an error node id and port are -1 and the host is empty. */
    public record Response(short errorCode, String errorMessage, int nodeId, String host, int port) {
    }

    private FindCoordinator() {
    }
}
