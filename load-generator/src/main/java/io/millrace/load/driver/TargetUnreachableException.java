package io.millrace.load.driver;

/** The system under test does not answer; the message names the address and the remedy. */
public final class TargetUnreachableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message names the address and the remedy
     * @param cause   what was caught, or null
     */
    public TargetUnreachableException(final String message, final Throwable cause) {
        super(message, cause);
    }
}
