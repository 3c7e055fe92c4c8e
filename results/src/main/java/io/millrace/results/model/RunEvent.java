package io.millrace.results.model;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * Something that happened during a run; a line of {@code events.jsonl}.
 *
 * @param atMs       wall-clock time, milliseconds since the epoch
 * @param type       "phase", "fault", "election", "gc", "stall", "error", ...
 * @param name       what exactly, short enough for a mark in a chart ("measure", "kill node 2")
 * @param detail     more for the reader, or null
 * @param durationNs how long it took, or null for a point in time
 */
public record RunEvent(
    @JsonProperty("at_ms") long atMs,
    String type,
    String name,
    String detail,
    @JsonProperty("duration_ns") Long durationNs) {
    /**
     * An event at a point in time.
     *
     * @param atMs wall-clock time
     * @param type kind of event
     * @param name short name
     * @return the event
     */
    public static RunEvent at(final long atMs, final String type, final String name) {
        return new RunEvent(atMs, type, name, null, null);
    }
}
