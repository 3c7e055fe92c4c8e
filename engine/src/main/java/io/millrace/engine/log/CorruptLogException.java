package io.millrace.engine.log;

import java.io.IOException;

/** The log is damaged where it was synced, and nobody else has the bytes. */
public final class CorruptLogException extends IOException {
    private static final long serialVersionUID = 1;

    /**
     * Names what is damaged.
     *
     * @param message file, position, what is wrong there and the remedy
     */
    public CorruptLogException(final String message) {
        super(message);
    }
}
