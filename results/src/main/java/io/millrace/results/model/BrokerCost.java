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
    List<AgentCost> agents) {
    /** No agents rather than null. */
    public BrokerCost {
        agents = agents == null ? List.of() : List.copyOf(agents);
    }
}
