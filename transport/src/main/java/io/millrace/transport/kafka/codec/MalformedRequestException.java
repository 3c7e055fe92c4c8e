package io.millrace.transport.kafka.codec;

/** Bytes from a peer that are not a valid message. The remedy is to close that peer's connection, nothing more. */
public final class MalformedRequestException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message names the value and the limit it breaks
     */
    public MalformedRequestException(final String message) {
        super(message, null, false, false);
    }
}
