package io.millrace.transport.kafka.message;

/** Heartbeat, versions 0 to 4. */
public final class Heartbeat {
    /** What a client asks; the instance id may be null. */
    public record Request(String groupId, int generationId, String memberId, String groupInstanceId) {
    }

    /** The answer. */
    public record Response(short errorCode) {
    }

    private Heartbeat() {
    }
}
