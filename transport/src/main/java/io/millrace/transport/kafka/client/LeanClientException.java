package io.millrace.transport.kafka.client;

/** A broker cannot be reached, does not answer in time, or refuses. The message names the address. */
public final class LeanClientException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final short errorCode;

    /**
     * @param message names the address and what happened
     */
    public LeanClientException(final String message) {
        this(message, (short) 0);
    }

    /**
     * @param message   names the address and what happened
     * @param errorCode the number of the Kafka error that a broker answered
     */
    public LeanClientException(final String message, final short errorCode) {
        super(message);
        this.errorCode = errorCode;
    }

    /**
     * @param message names the address and what happened
     * @param cause   what was thrown
     */
    public LeanClientException(final String message, final Throwable cause) {
        super(message, cause);
        this.errorCode = 0;
    }

    /** {@return the number of the Kafka error that a broker answered, 0 when it answered none} */
    public short errorCode() {
        return errorCode;
    }
}
