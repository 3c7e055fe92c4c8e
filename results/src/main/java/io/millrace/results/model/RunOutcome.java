package io.millrace.results.model;

import java.util.List;

/**
 * How a run ended.
 *
 * @param status         ok, invalid, failed or interrupted
 * @param invalidReasons short words: "rate", "hiccup", "lag", "clock", "errors", "steady"
 * @param notes          sentences for the reader, e.g. what exactly made the run invalid
 * @param measured       counts and rates; its latency map may be null, the store fills it
 * @param verification   null if nothing was read back
 * @param findings       what the run was asked to judge beside its validity, or null
 */
public record RunOutcome(
    RunStatus status,
    List<String> invalidReasons,
    List<String> notes,
    Measured measured,
    Verification verification,
    RunFindings findings) {

    /**
     * An outcome without findings.
     *
     * @param status         see above
     * @param invalidReasons see above
     * @param notes          see above
     * @param measured       see above
     * @param verification   see above
     */
    public RunOutcome(
        final RunStatus status,
        final List<String> invalidReasons,
        final List<String> notes,
        final Measured measured,
        final Verification verification) {
        this(status, invalidReasons, notes, measured, verification, null);
    }
}
