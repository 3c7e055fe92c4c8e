package io.millrace.broker.scrub;

/** Where a scrub says what it found and did. Called on the maintenance thread. */
public interface ScrubEvents {
    /**
     * Something worth knowing.
     *
     * @param message one line
     */
    void info(String message);

    /**
     * Something that an operator should know.
     *
     * @param message one line, with its remedy
     */
    void warn(String message);
}
