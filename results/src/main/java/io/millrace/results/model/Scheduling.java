package io.millrace.results.model;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * How the kernel treated the threads of a process, or of several, between two moments; of threads that ended meanwhile
 * it tells nothing. A figure that is not known is null.
 *
 * @param voluntarySwitches   times a thread gave its processor away, to wait for something
 * @param involuntarySwitches times a processor was taken from a thread that had more to do
 * @param runDelayNs          time in which threads could have run but had no processor, all threads added up; no
 *                            stall of the process as {@code hiccup} is, since its other threads may have run meanwhile
 */
public record Scheduling(
    @JsonProperty("voluntary_switches") Long voluntarySwitches,
    @JsonProperty("involuntary_switches") Long involuntarySwitches,
    @JsonProperty("run_delay_ns") Long runDelayNs) {
}
