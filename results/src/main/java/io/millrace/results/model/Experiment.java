package io.millrace.results.model;

import com.fasterxml.jackson.annotation.JsonProperty;

import java.time.Instant;
import java.util.List;

/**
 * Several runs that belong together; {@code experiment.json}.
 *
 * @param schema       {@link #SCHEMA}
 * @param experimentId unique, a UUID by custom
 * @param kind         "ab", {@link #MATRIX}, {@link #SWEEP} or {@link #CONTROL}
 * @param started      wall-clock time of the start
 * @param command      the exact command line
 * @param legs         the sides, the base first
 * @param pairs        planned pairs
 * @param threshold    smallest relative difference that matters, 0.05 for 5 %
 * @param runs         run directories relative to the experiment's, in the order they were run
 * @param notes        sentences for the reader, e.g. what else the machine was doing
 */
public record Experiment(
    String schema,
    String experimentId,
    String kind,
    Instant started,
    List<String> command,
    List<Leg> legs,
    int pairs,
    @JsonProperty("threshold_ratio") double threshold,
    List<String> runs,
    List<String> notes) {
    /** The version this code writes and reads. */
    public static final String SCHEMA = "bench/experiment/v1";
    /** The kind of an experiment whose two sides are the same: what they differ by is the noise of the machine. */
    public static final String CONTROL = "aa";
    /** The kind of an experiment that looks for the highest rate: its sides are rates, not rivals. */
    public static final String SWEEP = "sweep";
    /** The kind of an experiment with every combination of some settings, each of them a side. */
    public static final String MATRIX = "matrix";

    /**
     * One side of an experiment.
     *
     * @param name  "A", "B"
     * @param label what it stands for, "acks=leader"
     */
    public record Leg(String name, String label) {
    }
}
