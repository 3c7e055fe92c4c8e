package io.millrace.results.model;

import com.fasterxml.jackson.annotation.JsonProperty;

import java.util.Map;

/**
 * Counts and rates of the measured phase.
 *
 * @param durationNs    length of the phase
 * @param sent          records handed to the client
 * @param acked         records acknowledged
 * @param consumed      records that consumers received while the phase ran
 * @param errors        count per kind of error
 * @param achievedPerS  acknowledged records per second
 * @param bytesPerS     acknowledged payload bytes per second
 * @param latency       per tag; filled in by the store from the histograms it was given
 * @param cost          null if not measured
 */
public record Measured(
    @JsonProperty("duration_ns") long durationNs,
    long sent,
    long acked,
    long consumed,
    Map<String, Long> errors,
    @JsonProperty("achieved_per_s") double achievedPerS,
    @JsonProperty("bytes_per_s") double bytesPerS,
    Map<String, LatencySummary> latency,
    Cost cost) {
    /**
     * A copy with the latencies set.
     *
     * @param latencyByTag summaries by tag
     * @return the copy
     */
    public Measured withLatency(final Map<String, LatencySummary> latencyByTag) {
        return new Measured(durationNs, sent, acked, consumed, errors, achievedPerS, bytesPerS, latencyByTag, cost);
    }
}
