package io.millrace.load.driver;

/** The system under test answers, but refuses what the run needs, such as a topic's configuration. */
public final class TargetRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message names what was asked and the refusal
     * @param cause   what was caught, or null
     */
    public TargetRefusedException(final String message, final Throwable cause) {
        super(message, cause);
    }
}
