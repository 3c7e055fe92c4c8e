package io.millrace.results.model;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * What one agent of a broker used in the measured phase; null where it is not known or the agent does no such thing.
 *
 * @param agent              its role
 * @param cpuNs              processor time of its thread
 * @param allocBytes         heap bytes its thread allocated
 * @param longestDutyCycleNs longest duty cycle
 * @param slowDutyCycleCount duty cycles of 20 ms and more
 * @param writeCount         write calls
 * @param writeBytes         bytes written to log files
 * @param longestWriteNs     longest write call
 * @param syncCount          sync calls
 * @param longestSyncNs      longest sync call
 */
public record AgentCost(
    String agent,
    @JsonProperty("cpu_ns") Long cpuNs,
    @JsonProperty("alloc_bytes") Long allocBytes,
    @JsonProperty("longest_duty_cycle_ns") Long longestDutyCycleNs,
    @JsonProperty("slow_duty_cycle_count") Long slowDutyCycleCount,
    @JsonProperty("write_count") Long writeCount,
    @JsonProperty("write_bytes") Long writeBytes,
    @JsonProperty("longest_write_ns") Long longestWriteNs,
    @JsonProperty("sync_count") Long syncCount,
    @JsonProperty("longest_sync_ns") Long longestSyncNs) {
}
