package io.millrace.transport.counters;

import java.io.IOException;

/** A file is no counters file, or one of another version; the message says what was found. */
public final class CountersFormatException extends IOException {
    private static final long serialVersionUID = 1L;

    CountersFormatException(final String message) {
        super(message);
    }
}
