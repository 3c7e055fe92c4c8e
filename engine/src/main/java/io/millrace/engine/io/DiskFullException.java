package io.millrace.engine.io;

import java.io.IOException;

/** The disk has no room left; a write may succeed once there is room again. */
public final class DiskFullException extends IOException {
    private static final long serialVersionUID = 1;

    /**
     * Names what did not fit.
     *
     * @param message file, value and remedy
     * @param cause   what the operating system said, or null
     */
    public DiskFullException(final String message, final Throwable cause) {
        super(message, cause);
    }
}
