package io.millrace.results.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

import java.util.Locale;

/** How a run stands. Only {@link #OK} may be compared without a warning. */
public enum RunStatus {
    /** Being written, or its writer died without a word: a reader takes it for interrupted. */
    RUNNING,
    /** Complete and valid. */
    OK,
    /** Complete, but something (rate missed, machine hiccuped, ...) forbids conclusions. */
    INVALID,
    /** Ended by an error. */
    FAILED,
    /** Ended from outside; what had been measured is kept. */
    INTERRUPTED;

    /** {@return the word used in files and in the report} */
    @JsonValue
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    @JsonCreator
    static RunStatus ofWord(final String word) {
        for (final RunStatus status : values()) {
            if (status.word().equals(word)) {
                return status;
            }
        }
        throw new IllegalArgumentException("status: value=" + word + " is none of running, ok, invalid, failed, "
            + "interrupted");
    }
}
