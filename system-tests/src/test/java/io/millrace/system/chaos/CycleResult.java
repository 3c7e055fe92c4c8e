package io.millrace.system.chaos;

import java.util.List;

/**
 * One fault and what came of it.
 *
 * @param cycle             number, from 0
 * @param fault             name of its kind
 * @param variant           of the kind
 * @param victims           nodes it was done to
 * @param ledPartitions     that the victims led just before, of all topics
 * @param hadMetadataLeader whether a victim led the metadata quorum just before
 * @param startedAt         wall clock
 * @param holdMs            planned length
 * @param evidence          that it happened, null when it was not seen to
 * @param healing           what was seen when it was taken away
 * @param recoveryMs        from then until all replicas were in sync and every partition acknowledged again
 * @param standstillMs      longest time without an acknowledgement in a partition of the idempotent topic, from the
 *                          fault to the recovery
 * @param standstillsMs     the same, of each partition
 * @param status            "ok"; "invalid": the fault did not happen; "failed": the cluster did not come back
 * @param problem           in words, null when it is ok
 */
record CycleResult(int cycle, String fault, String variant, List<Integer> victims, int ledPartitions,
    boolean hadMetadataLeader, String startedAt, long holdMs, String evidence, String healing, long recoveryMs,
    long standstillMs, List<Long> standstillsMs, String status, String problem) {
    static final String OK = "ok";
    static final String INVALID = "invalid";
    static final String FAILED = "failed";

    String describe() {
        return "cycle " + cycle + ": " + fault + " " + variant + " at nodes " + victims + " (led " + ledPartitions
            + (hadMetadataLeader ? ", led the metadata" : "") + "): " + status + "; standstill " + standstillMs
            + " ms, recovery " + recoveryMs + " ms; " + evidence + (problem == null ? "" : "; " + problem);
    }
}
