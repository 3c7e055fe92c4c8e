package io.millrace.load.worker;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.millrace.load.record.AckGaps;
import io.millrace.load.run.ClientCost;
import io.millrace.load.run.RunTotals;
import io.millrace.load.run.ShareLink;
import io.millrace.results.model.Environment;
import io.millrace.results.model.RunEvent;
import java.util.List;
import java.util.Map;

/** What coordinator and worker say to each other; every request names the run it is about. */
final class WorkerMessages {
    /** Of this protocol; workers of another one are refused. */
    static final int PROTOCOL = 4;
    /** Longest body of a request. */
    static final int MAX_REQUEST_LENGTH = 4 << 20;
    /** Longest body of an answer. */
    static final int MAX_ANSWER_LENGTH = 32 << 20;
    /** Of the histograms in one answer, about; the rest comes with the next. */
    static final int MAX_SAMPLES_LENGTH = 8 << 20;
    /** Of a page of the ledger. */
    static final int PAGE_LENGTH = 4 << 20;
    static final String PATH = "/bench/v2/";

    private static final ObjectMapper MAPPER = JsonMapper.builder()
        .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

    private WorkerMessages() {
    }

    /**
     * Who answers.
     *
     * @param protocol of the worker
     * @param nanoNs   its monotonic clock
     * @param clockId  what tells whose clock that is; processes with the same one share it; empty if not known
     * @param isBusy   true if a run is under way
     */
    record Hello(int protocol, long nanoNs, String clockId, boolean isBusy) {
    }

    /**
     * A share of a run.
     *
     * @param run          its id
     * @param settings     of the workload, by name
     * @param topicConfigs of the topic, by Kafka's keys
     * @param bootstrap    brokers, null for the null driver
     * @param assignment   what is the worker's
     * @param profile      what is recorded, see {@link io.millrace.load.profile.Profiling#word()}; null for nothing
     */
    record Prepare(
        String run,
        Map<String, String> settings,
        Map<String, String> topicConfigs,
        String bootstrap,
        ShareLink.Assignment assignment,
        String profile) {
    }

    /**
     * What the coordinator wants to be so, and to know. Said again with every question: it does not matter if one gets
     * lost.
     *
     * @param run            its id
     * @param startNs        when the first record is due, on the worker's clock; null if that is not decided
     * @param measureStartNs when the measured phase begins, on the worker's clock; null as planned
     * @param isPaused       consumers stand still
     * @param isLoadOver     the load after the measured phase ends
     * @param isFinished     nothing is waited for
     * @param isStopped      the run ends early
     * @param isInterrupted  because the user wants it
     * @param fromSample     first sample not yet known
     * @param fromEvent      first event not yet known
     */
    record Poll(
        String run,
        Long startNs,
        Long measureStartNs,
        boolean isPaused,
        boolean isLoadOver,
        boolean isFinished,
        boolean isStopped,
        boolean isInterrupted,
        long fromSample,
        long fromEvent) {
    }

    /**
     * How far a worker is.
     *
     * @param isReady         it waits for the start
     * @param totals          counted so far
     * @param isMeasuringDone no more measured records are sent
     * @param isLoadDone      every sending thread has ended
     * @param consumerProblem what ended a consumer, or null
     * @param samples         new ones
     * @param nextSample      to ask with next time
     * @param events          new ones, times from the start of the run
     * @param nextEvent       to ask with next time
     * @param outcome         null while it goes on
     */
    record Progress(
        boolean isReady,
        RunTotals totals,
        boolean isMeasuringDone,
        boolean isLoadDone,
        String consumerProblem,
        List<ShareLink.Sample> samples,
        long nextSample,
        List<RunEvent> events,
        long nextEvent,
        Outcome outcome) {
    }

    /**
     * What became of a worker's share.
     *
     * @param problem     what ended it early, or null
     * @param notes       for the reader
     * @param totals      of all its threads
     * @param cost        of its process, or null
     * @param gaps        times without acknowledgement, by session, from the start of the run
     * @param hasLedger   true if the ledger can be asked for
     * @param environment of its machine
     * @param files       that were recorded beside it, which can be asked for
     */
    record Outcome(
        String problem,
        List<String> notes,
        RunTotals totals,
        ClientCost cost,
        List<AckGaps.Session> gaps,
        boolean hasLedger,
        Environment environment,
        List<String> files) {
    }

    /**
     * Asks for a piece of a recorded file: a shorter one than {@link #PAGE_LENGTH} is the last.
     *
     * @param run    its id
     * @param name   of the file
     * @param offset of the piece
     */
    record Piece(String run, String name, long offset) {
    }

    /**
     * Asks for a page of the ledger.
     *
     * @param run      its id
     * @param lane     where to begin
     * @param sequence where to begin
     */
    record Page(String run, int lane, int sequence) {
    }

    /**
     * Lets go of a run.
     *
     * @param run its id
     */
    record Release(String run) {
    }

    static byte[] write(final Object message) {
        try {
            return MAPPER.writeValueAsBytes(message);
        } catch (final JacksonException ex) {
            throw new IllegalStateException("cannot be written as JSON: " + message.getClass().getSimpleName(), ex);
        }
    }

    static <T> T read(final byte[] body, final Class<T> type) throws java.io.IOException {
        final T message = MAPPER.readValue(body, type);
        if (message == null) {
            throw new java.io.IOException("an empty message instead of " + type.getSimpleName());
        }
        return message;
    }
}
