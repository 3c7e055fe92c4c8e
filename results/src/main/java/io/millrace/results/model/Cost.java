package io.millrace.results.model;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * What the measured phase cost; null where it was not measured.
 *
 * @param clientCpuNsPerMsg  processor time of the measuring process per record
 * @param brokerCpuSPerGb    processor time of all brokers per 10^9 payload bytes
 * @param allocBytesPerMsg   heap bytes the measuring process allocated per record
 * @param gcPauseNs          garbage collection pauses of the measuring process
 * @param diskWriteBytes     bytes written to disk by all brokers
 * @param fsyncs             sync calls of all brokers
 * @param writeAmplification disk bytes per payload byte
 */
public record Cost(
    @JsonProperty("client_cpu_ns_per_msg") Double clientCpuNsPerMsg,
    @JsonProperty("broker_cpu_s_per_GB") Double brokerCpuSPerGb,
    @JsonProperty("alloc_bytes_per_msg") Double allocBytesPerMsg,
    @JsonProperty("gc_pause_ns") Long gcPauseNs,
    @JsonProperty("disk_write_bytes") Long diskWriteBytes,
    Long fsyncs,
    @JsonProperty("write_amplification") Double writeAmplification) {
}
