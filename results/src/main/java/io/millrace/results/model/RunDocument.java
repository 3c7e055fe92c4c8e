package io.millrace.results.model;

import com.fasterxml.jackson.annotation.JsonProperty;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * {@code run.json}: one run in one document.
 *
 * @param schema         {@link #SCHEMA}
 * @param kind           see {@link RunKind}
 * @param runId          see {@link RunHeader}
 * @param experimentId   see {@link RunHeader}
 * @param leg            see {@link RunHeader}
 * @param legLabel       see {@link RunHeader}
 * @param pair           see {@link RunHeader}
 * @param started        see {@link RunHeader}
 * @param ended          wall-clock time of the end, null while running
 * @param status         how it stands
 * @param invalidReasons short words, empty unless invalid
 * @param notes          sentences for the reader
 * @param command        exact command line
 * @param git            source of the measuring code
 * @param workloadSha256 see {@link RunHeader}
 * @param params         settings
 * @param measured       null until the run has ended
 * @param verify         null if nothing was read back
 * @param hiccup         longest stall per process, in nanoseconds
 * @param env            the machine
 * @param findings       what the run was asked to judge beside its validity; null until it has ended
 */
public record RunDocument(
    String schema,
    String kind,
    String runId,
    String experimentId,
    String leg,
    String legLabel,
    int pair,
    Instant started,
    Instant ended,
    RunStatus status,
    List<String> invalidReasons,
    List<String> notes,
    List<String> command,
    GitRevision git,
    String workloadSha256,
    Map<String, Object> params,
    Measured measured,
    Verification verify,
    @JsonProperty("hiccup_max_ns") Map<String, Long> hiccup,
    Environment env,
    RunFindings findings) {
    /** The version this code writes and reads. */
    public static final String SCHEMA = "bench/result/v1";

    /**
     * The document of a run that has just begun.
     *
     * @param header what is known
     * @return the document, status running
     */
    public static RunDocument running(final RunHeader header) {
        return new RunDocument(SCHEMA, RunKind.BENCH, header.runId(), header.experimentId(), header.leg(),
            header.legLabel(), header.pair(), header.started(), null,
            RunStatus.RUNNING, List.of(), List.of(), header.command(),
            header.git(), header.workloadSha256(), header.params(), null, null, Map.of(), header.env(), null);
    }

    /**
     * The document of the same run at its end.
     *
     * @param outcome how it ended, latencies filled in
     * @param end     wall-clock time
     * @param hiccupMaxNs longest stall per process
     * @return the document
     */
    public RunDocument ended(final RunOutcome outcome, final Instant end, final Map<String, Long> hiccupMaxNs) {
        return new RunDocument(schema, kind, runId, experimentId, leg, legLabel, pair, started, end,
            outcome.status(), outcome.invalidReasons(), outcome.notes(),
            command, git, workloadSha256, params, outcome.measured(),
            outcome.verification(), hiccupMaxNs, env, outcome.findings());
    }

    /**
     * The same document for another kind of run.
     *
     * @param otherKind see {@link RunKind}
     * @return a copy
     */
    public RunDocument ofKind(final String otherKind) {
        return new RunDocument(schema, otherKind, runId, experimentId, leg, legLabel, pair, started, ended, status,
            invalidReasons, notes, command, git, workloadSha256, params, measured, verify, hiccup, env, findings);
    }
}
