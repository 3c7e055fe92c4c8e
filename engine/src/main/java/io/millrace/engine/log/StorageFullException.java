package io.millrace.engine.log;

import java.io.IOException;

/**
 * No room for now: the disk is full or the shard has reached its byte cap. Reads go on; writes may be tried again.
 */
public final class StorageFullException extends IOException {
    private static final long serialVersionUID = 1;

    /**
     * Names what is full.
     *
     * @param message value, limit and remedy
     */
    public StorageFullException(final String message) {
        super(message);
    }

    /**
     * Names what is full.
     *
     * @param message value, limit and remedy
     * @param cause   what the disk said
     */
    public StorageFullException(final String message, final Throwable cause) {
        super(message, cause);
    }
}
