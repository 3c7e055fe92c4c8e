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
 */
public record RunOutcome(
    RunStatus status,
    List<String> invalidReasons,
    List<String> notes,
    Measured measured,
    Verification verification) {
}
