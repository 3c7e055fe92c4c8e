package io.millrace.load.run;

/** A run that must not or cannot start; the message names values, limits and the remedy. */
public final class RunRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int exitCode;

    /**
     * @param exitCode what the command is to end with
     * @param message  names values, limits and the remedy
     */
    public RunRefusedException(final int exitCode, final String message) {
        super(message);
        this.exitCode = exitCode;
    }

    /** {@return what the command is to end with} */
    public int exitCode() {
        return exitCode;
    }
}
