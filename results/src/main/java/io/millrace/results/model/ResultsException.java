package io.millrace.results.model;

/** A result that cannot be written, read or understood; the message names the file and the remedy. */
public final class ResultsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message names the file, what is wrong with it and the remedy
     */
    public ResultsException(final String message) {
        super(message);
    }

    /**
     * @param message names the file, what is wrong with it and the remedy
     * @param cause   what was caught
     */
    public ResultsException(final String message, final Throwable cause) {
        super(message, cause);
    }
}
