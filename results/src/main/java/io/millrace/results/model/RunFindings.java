package io.millrace.results.model;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * What a run was asked to judge beside its validity; every part may be absent.
 *
 * @param slo     service levels asked for, each with what was measured; never null
 * @param faults  what the injected faults did to the service, null without faults
 * @param backlog building up and draining a backlog, null without one
 * @param nearFloor figures within three times of what the harness itself reaches on this machine; never null
 * @param files   profiles and recordings beside the result, relative to its directory; never null
 * @param durability what an acknowledgement of the target promises, in words; null if not known
 */
public record RunFindings(
    List<SloResult> slo,
    FaultVerdict faults,
    BacklogResult backlog,
    @JsonProperty("near_floor") List<String> nearFloor,
    List<String> files,
    String durability) {

    /** Older results have none of this. */
    public RunFindings {
        slo = slo == null ? List.of() : List.copyOf(slo);
        nearFloor = nearFloor == null ? List.of() : List.copyOf(nearFloor);
        files = files == null ? List.of() : List.copyOf(files);
    }

    /** {@return nothing at all} */
    public static RunFindings none() {
        return new RunFindings(List.of(), null, null, List.of(), List.of(), null);
    }

    /**
     * One service level.
     *
     * @param expression as the user wrote it, "rt.p99 &lt; 5ms"
     * @param value      measured, nanoseconds for a duration; null if there were too few samples
     * @param isMet      false also when the value is not known
     */
    public record SloResult(String expression, Double value, @JsonProperty("met") boolean isMet) {
    }

    /**
     * What faults did to the service.
     *
     * @param faults        in the order of their time
     * @param isProven      true if every fault was seen to have happened; a run without is invalid
     * @param unavailableNs time in which a partition had no acknowledgement, the longest gap of each fault added up
     * @param recoverNs     from a fault to the end of the last second whose latency it raised or that had errors,
     *                      longest over all faults; null if it had not recovered at the end
     * @param lostAcked     acknowledged records that are gone; null if nothing was read back
     * @param latency       response time of what was answered from each fault to its recovery
     */
    public record FaultVerdict(
        List<Fault> faults,
        @JsonProperty("proven") boolean isProven,
        @JsonProperty("unavailable_ns") long unavailableNs,
        @JsonProperty("recover_ns") Long recoverNs,
        @JsonProperty("lost_acked") Long lostAcked,
        LatencySummary latency) {

        /** No faults rather than null. */
        public FaultVerdict {
            faults = faults == null ? List.of() : List.copyOf(faults);
        }
    }

    /**
     * One fault.
     *
     * @param atMs          wall-clock time of its injection
     * @param action        kill, pause, restart, partition
     * @param target        what it hit, "node 2 (leader of partition 0), process 4711"
     * @param isProven      true if it was seen to have happened
     * @param proof         what was seen, or what failed
     * @param unavailableNs longest time without acknowledgement of a partition from then on, until the next fault
     * @param recoverNs     until the service was as before; null if it was not
     */
    public record Fault(
        @JsonProperty("at_ms") long atMs,
        String action,
        String target,
        @JsonProperty("proven") boolean isProven,
        String proof,
        @JsonProperty("unavailable_ns") long unavailableNs,
        @JsonProperty("recover_ns") Long recoverNs) {
    }

    /**
     * A backlog: producers go on while consumers stand still, then the consumers catch up.
     *
     * @param builtRecords  waiting when the consumers went on
     * @param builtBytes    of their values
     * @param buildNs       time it took to build
     * @param drainNs       until the consumers had caught up; null if they had not in time
     * @param drainedPerS   records a second the consumers received meanwhile
     * @param isLoadOn      true if the producers went on during the drain
     */
    public record BacklogResult(
        @JsonProperty("built_records") long builtRecords,
        @JsonProperty("built_bytes") long builtBytes,
        @JsonProperty("build_ns") long buildNs,
        @JsonProperty("drain_ns") Long drainNs,
        @JsonProperty("drained_per_s") double drainedPerS,
        @JsonProperty("load_on") boolean isLoadOn) {
    }
}
