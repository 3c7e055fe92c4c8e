package io.millrace.broker.config;

/** A configuration that cannot be used; the message names key, value, limit and remedy. */
public final class ConfigException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Says what is wrong.
     *
     * @param message for the user
     */
    public ConfigException(final String message) {
        super(message);
    }
}
