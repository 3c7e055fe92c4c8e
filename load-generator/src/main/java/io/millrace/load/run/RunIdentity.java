package io.millrace.load.run;

import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/**
 * Where a run stands in the world.
 *
 * @param runId          unique
 * @param directory      of its result, new or empty
 * @param experimentId   or null
 * @param leg            side of the experiment, or null
 * @param legLabel       what the side stands for, or null
 * @param pair           number of the pair from 1, 0 outside of an experiment
 * @param command        exact command line
 * @param workloadSha256 of the workload without what differs between legs
 */
public record RunIdentity(
    UUID runId,
    Path directory,
    String experimentId,
    String leg,
    String legLabel,
    int pair,
    List<String> command,
    String workloadSha256) {

    /** {@return the id that goes into each record} */
    public long recordRunId() {
        return runId.getMostSignificantBits();
    }

    /** {@return name of a topic of this run's own} */
    public String topicName() {
        return "bench-" + runId.toString().substring(0, 13);
    }
}
