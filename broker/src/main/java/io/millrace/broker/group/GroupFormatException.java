package io.millrace.broker.group;

/** A record of the offsets topic cannot be understood. */
public final class GroupFormatException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /**
     * Says what is wrong.
     *
     * @param message names the value and the limit
     */
    public GroupFormatException(final String message) {
        super(message);
    }
}
