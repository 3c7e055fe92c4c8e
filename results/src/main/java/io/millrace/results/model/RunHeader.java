package io.millrace.results.model;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What is known of a run before its first record is sent.
 *
 * @param runId          unique, a UUID by custom
 * @param experimentId   the experiment this run belongs to, or null
 * @param leg            the side of the experiment ("A", "B"), or null
 * @param legLabel       what the side stands for ("acks=leader"), or null
 * @param pair           number of the pair, from 1; 0 outside of an experiment
 * @param started        wall-clock time of the start
 * @param command        the exact command line, one argument an element
 * @param git            source of the measuring code
 * @param workloadSha256 of the resolved workload without what differs between legs, or null
 * @param params         settings of the run; see {@link RunParams} for the names the report knows
 * @param env            the machine
 */
public record RunHeader(
    String runId,
    String experimentId,
    String leg,
    String legLabel,
    int pair,
    Instant started,
    List<String> command,
    GitRevision git,
    String workloadSha256,
    Map<String, Object> params,
    Environment env) {
    /**
     * The same on a machine of which more is known.
     *
     * @param other the machine
     * @return a copy
     */
    public RunHeader on(final Environment other) {
        return new RunHeader(runId, experimentId, leg, legLabel, pair, started, command, git, workloadSha256, params,
            other);
    }
}
