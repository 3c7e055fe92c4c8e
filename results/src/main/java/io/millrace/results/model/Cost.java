package io.millrace.results.model;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * What the measured phase cost; null where it was not measured.
 *
 * @param clientCpuNsPerMsg      processor time of the measuring process per record
 * @param brokerCpuSPerGb        processor time of all brokers per 10^9 payload bytes
 * @param allocBytesPerMsg       heap bytes the measuring process allocated per record
 * @param gcPauseNs              garbage collection pauses of the measuring process
 * @param diskWriteBytes         bytes written to disk by all brokers
 * @param fsyncs                 sync calls of all brokers
 * @param writeAmplification     disk bytes per payload byte
 * @param brokerAllocBytesPerMsg heap bytes all brokers allocated per record
 * @param brokerGcPauseNs        garbage collection pauses of all brokers together
 * @param longestWriteNs         longest write call of a broker's engine
 * @param longestSyncNs          longest sync call of a broker's syncer
 * @param longestDutyCycleNs     longest duty cycle of an agent that must not wait for the disk
 * @param brokers                each broker by itself; never null
 * @param unavailable            what could not be measured, and why, in sentences; never null
 * @param clientContextSwitches  of all threads of the measuring process that were there at its end
 * @param brokerContextSwitches  of all threads of all brokers that were there at its end
 * @param fsyncLatency           of all brokers' syncs of their logs that somebody may wait for; null unless all tell
 * @param clientScheduling       of the measuring process's threads
 * @param brokerScheduling       of all brokers' threads
 * @param brokerSwitchesPerMsg   context switches of all brokers per record
 */
public record Cost(
    @JsonProperty("client_cpu_ns_per_msg") Double clientCpuNsPerMsg,
    @JsonProperty("broker_cpu_s_per_GB") Double brokerCpuSPerGb,
    @JsonProperty("alloc_bytes_per_msg") Double allocBytesPerMsg,
    @JsonProperty("gc_pause_ns") Long gcPauseNs,
    @JsonProperty("disk_write_bytes") Long diskWriteBytes,
    Long fsyncs,
    @JsonProperty("write_amplification") Double writeAmplification,
    @JsonProperty("broker_alloc_bytes_per_msg") Double brokerAllocBytesPerMsg,
    @JsonProperty("broker_gc_pause_ns") Long brokerGcPauseNs,
    @JsonProperty("longest_write_ns") Long longestWriteNs,
    @JsonProperty("longest_sync_ns") Long longestSyncNs,
    @JsonProperty("longest_duty_cycle_ns") Long longestDutyCycleNs,
    List<BrokerCost> brokers,
    List<String> unavailable,
    @JsonProperty("client_context_switches") Long clientContextSwitches,
    @JsonProperty("broker_context_switches") Long brokerContextSwitches,
    @JsonProperty("fsync_latency") LatencySummary fsyncLatency,
    @JsonProperty("client_scheduling") Scheduling clientScheduling,
    @JsonProperty("broker_scheduling") Scheduling brokerScheduling,
    @JsonProperty("broker_switches_per_msg") Double brokerSwitchesPerMsg) {
    /** Older results have no lists. */
    public Cost {
        brokers = brokers == null ? List.of() : List.copyOf(brokers);
        unavailable = unavailable == null ? List.of() : List.copyOf(unavailable);
    }

    /**
     * A cost as older results have it.
     *
     * @param clientCpuNsPerMsg      see above
     * @param brokerCpuSPerGb        see above
     * @param allocBytesPerMsg       see above
     * @param gcPauseNs              see above
     * @param diskWriteBytes         see above
     * @param fsyncs                 see above
     * @param writeAmplification     see above
     * @param brokerAllocBytesPerMsg see above
     * @param brokerGcPauseNs        see above
     * @param longestWriteNs         see above
     * @param longestSyncNs          see above
     * @param longestDutyCycleNs     see above
     * @param brokers                see above
     * @param unavailable            see above
     */
    public Cost(
        final Double clientCpuNsPerMsg,
        final Double brokerCpuSPerGb,
        final Double allocBytesPerMsg,
        final Long gcPauseNs,
        final Long diskWriteBytes,
        final Long fsyncs,
        final Double writeAmplification,
        final Double brokerAllocBytesPerMsg,
        final Long brokerGcPauseNs,
        final Long longestWriteNs,
        final Long longestSyncNs,
        final Long longestDutyCycleNs,
        final List<BrokerCost> brokers,
        final List<String> unavailable) {
        this(clientCpuNsPerMsg, brokerCpuSPerGb, allocBytesPerMsg, gcPauseNs, diskWriteBytes, fsyncs,
            writeAmplification, brokerAllocBytesPerMsg, brokerGcPauseNs, longestWriteNs, longestSyncNs,
            longestDutyCycleNs, brokers, unavailable, null, null, null, null, null, null);
    }
}
