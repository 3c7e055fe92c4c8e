package io.millrace.results.model;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * Latency against throughput and the highest rate that meets a service level; {@code sweep.json} of an experiment.
 *
 * @param schema     {@link #SCHEMA}
 * @param slo        expressions, all of which had to hold
 * @param maxRatePerS highest rate that met them in most of its runs; null if none did
 * @param failRatePerS lowest rate that did not; null if every rate tried did
 * @param undecidedPerS rates of which nothing is known, since the machine spoilt their runs or they were still warming
 *                     up: the search went on as if they had missed, so the lowest rate that did not may be one of
 *                     them; never null
 * @param repeatMet  of the repeated runs at the highest rate, how many met it
 * @param repeatCount how many were made
 * @param isComplete false while the sweep goes on, or was interrupted
 * @param points     every run, in the order it was made
 */
public record SweepResult(
    String schema,
    List<String> slo,
    @JsonProperty("max_rate_per_s") Long maxRatePerS,
    @JsonProperty("fail_rate_per_s") Long failRatePerS,
    @JsonProperty("undecided_per_s") List<Long> undecidedPerS,
    @JsonProperty("repeat_met") int repeatMet,
    @JsonProperty("repeat_count") int repeatCount,
    @JsonProperty("complete") boolean isComplete,
    List<Point> points) {

    /** The version this code writes and reads. */
    public static final String SCHEMA = "bench/sweep/v1";

    /** Nothing rather than null. */
    public SweepResult {
        slo = slo == null ? List.of() : List.copyOf(slo);
        undecidedPerS = undecidedPerS == null ? List.of() : List.copyOf(undecidedPerS);
        points = points == null ? List.of() : List.copyOf(points);
    }

    /** {@return true if nothing is known of the lowest rate that did not meet} */
    @JsonIgnore
    public boolean isFailUndecided() {
        return failRatePerS != null && undecidedPerS.contains(failRatePerS);
    }

    /**
     * One run of a sweep.
     *
     * @param run          its directory, relative to the experiment's
     * @param stage        "bracket", "bisect", "curve", "knee" or "repeat"
     * @param ratePerS     asked for
     * @param achievedPerS acknowledged
     * @param p50Ns        response time; null, as the others, with too few samples
     * @param p99Ns        response time
     * @param p999Ns       response time
     * @param status       of the run
     * @param isMet        true if it is valid and meets every service level
     * @param isSpoilt     true if nothing but the machine made it invalid, so that it says nothing of its rate
     */
    public record Point(
        String run,
        String stage,
        @JsonProperty("rate_per_s") long ratePerS,
        @JsonProperty("achieved_per_s") double achievedPerS,
        @JsonProperty("p50_ns") Long p50Ns,
        @JsonProperty("p99_ns") Long p99Ns,
        @JsonProperty("p99.9_ns") Long p999Ns,
        String status,
        @JsonProperty("met") boolean isMet,
        @JsonProperty("spoilt") boolean isSpoilt) {
    }
}
