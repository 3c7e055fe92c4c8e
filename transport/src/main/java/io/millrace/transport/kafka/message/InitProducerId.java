package io.millrace.transport.kafka.message;

/** InitProducerId, versions 0 to 5. */
public final class InitProducerId {
    /** What a client asks; the transactional id is null for a producer that is only idempotent. */
    public record Request(String transactionalId, int transactionTimeoutMs) {
    }

    /** The answer; id and epoch are -1 with an error. */
    public record Response(short errorCode, long producerId, short producerEpoch) {
    }

    private InitProducerId() {
    }
}
