package io.millrace.broker.metadata;

/** Bytes of a command, delta or snapshot that this version does not understand, or that are damaged. */
public final class MetadataFormatException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates it.
     *
     * @param message names the value and the limit
     */
    public MetadataFormatException(final String message) {
        super(message);
    }
}
