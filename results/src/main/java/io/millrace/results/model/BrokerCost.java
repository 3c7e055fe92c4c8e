package io.millrace.results.model;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * What one broker used in the measured phase; null where it is not known. What the broker itself samples once a second
 * is scaled from its samples to the phase.
 *
 * @param pid               its process
 * @param nodeId            its id, null when it keeps no counters
 * @param cpuNs             processor time
 * @param diskWriteBytes    bytes written to disk
 * @param allocBytes        heap bytes allocated by all threads
 * @param gcCount           garbage collections
 * @param gcPauseNs         their pauses
 * @param ringFullCount     claims that a full ring refused
 * @param ringHighWaterBytes highest fill of a ring
 * @param agents            by agent; never null
 * @param name              by which the run's histograms know it: "broker-2" of {@code hiccup.broker-2}
 * @param fsyncLatency      of syncs of its log that somebody may wait for; null if it does not tell
 * @param scheduling        of its threads
 * @param atEnd             {@link #GONE} or {@link #STOPPED} when it did not run at the end of the measured phase, else
 *                          null
 */
public record BrokerCost(
    long pid,
    @JsonProperty("node_id") Integer nodeId,
    @JsonProperty("cpu_ns") Long cpuNs,
    @JsonProperty("disk_write_bytes") Long diskWriteBytes,
    @JsonProperty("alloc_bytes") Long allocBytes,
    @JsonProperty("gc_count") Long gcCount,
    @JsonProperty("gc_pause_ns") Long gcPauseNs,
    @JsonProperty("ring_full_count") Long ringFullCount,
    @JsonProperty("ring_high_water_bytes") Long ringHighWaterBytes,
    List<AgentCost> agents,
    String name,
    @JsonProperty("fsync_latency") LatencySummary fsyncLatency,
    Scheduling scheduling,
    @JsonProperty("at_end") String atEnd) {
    /** Its process had ended: the figures are those of its life, as they were seen last. */
    public static final String GONE = "gone";
    /** Its process stood still, by a signal. */
    public static final String STOPPED = "stopped";

    /** No agents rather than null. */
    public BrokerCost {
        agents = agents == null ? List.of() : List.copyOf(agents);
    }

    /**
     * A cost as older results have it.
     *
     * @param pid                see above
     * @param nodeId             see above
     * @param cpuNs              see above
     * @param diskWriteBytes     see above
     * @param allocBytes         see above
     * @param gcCount            see above
     * @param gcPauseNs          see above
     * @param ringFullCount      see above
     * @param ringHighWaterBytes see above
     * @param agents             see above
     */
    public BrokerCost(
        final long pid,
        final Integer nodeId,
        final Long cpuNs,
        final Long diskWriteBytes,
        final Long allocBytes,
        final Long gcCount,
        final Long gcPauseNs,
        final Long ringFullCount,
        final Long ringHighWaterBytes,
        final List<AgentCost> agents) {
        this(pid, nodeId, cpuNs, diskWriteBytes, allocBytes, gcCount, gcPauseNs, ringFullCount, ringHighWaterBytes,
            agents, null, null, null, null);
    }
}
