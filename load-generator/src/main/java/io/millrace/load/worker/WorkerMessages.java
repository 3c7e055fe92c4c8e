package io.millrace.load.worker;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.millrace.results.model.Cost;
import io.millrace.results.model.Verification;
import java.util.List;
import java.util.Map;

/** What coordinator and worker say to each other. */
final class WorkerMessages {
    /** Longest body of a request. */
    static final int MAX_REQUEST_LENGTH = 1 << 20;
    /** Longest body of an answer. */
    static final int MAX_ANSWER_LENGTH = 64 << 20;
    static final String PATH = "/bench/v1/";

    private static final ObjectMapper MAPPER = JsonMapper.builder()
        .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

    private WorkerMessages() {
    }

    /**
     * The clock of a worker.
     *
     * @param epochMs wall-clock time
     * @param isBusy  true if a run is under way
     */
    record Clock(long epochMs, boolean isBusy) {
    }

    /**
     * A share of a run.
     *
     * @param settings      of the workload, by name
     * @param topicConfigs  of the topic, by Kafka's keys
     * @param bootstrap     brokers
     * @param startMs       when the first record is due, on the worker's wall clock
     * @param firstProducer place of the worker's first producer among all
     * @param allProducers  of all workers
     */
    record Start(
        Map<String, String> settings,
        Map<String, String> topicConfigs,
        String bootstrap,
        long startMs,
        int firstProducer,
        int allProducers) {
    }

    /**
     * What a worker has recorded since it was asked last.
     *
     * @param next      to ask with next time
     * @param intervals in the order recorded
     * @param outcome   null while the run goes on
     */
    record Progress(int next, List<Interval> intervals, Outcome outcome) {
    }

    /**
     * One histogram.
     *
     * @param tag     of it
     * @param startMs on the worker's wall clock
     * @param endMs   on the worker's wall clock
     * @param hdr     compressed, in base64
     */
    record Interval(String tag, long startMs, long endMs, String hdr) {
    }

    /**
     * What became of a worker's share.
     *
     * @param status         of its run, or "failed"
     * @param invalidReasons of its run
     * @param notes          of its run, or why it failed
     * @param sent           measured records
     * @param acked          measured records
     * @param consumed       measured records
     * @param errors         of measured records, by kind
     * @param durationNs     of the measured phase
     * @param verification   null if nothing was read back
     * @param cost           null if it was not measured
     */
    record Outcome(
        String status,
        List<String> invalidReasons,
        List<String> notes,
        long sent,
        long acked,
        long consumed,
        Map<String, Long> errors,
        long durationNs,
        Verification verification,
        Cost cost) {
    }

    static byte[] write(final Object message) {
        try {
            return MAPPER.writeValueAsBytes(message);
        } catch (final JacksonException ex) {
            throw new IllegalStateException("cannot be written as JSON: " + message.getClass().getSimpleName(), ex);
        }
    }

    static <T> T read(final byte[] body, final Class<T> type) throws java.io.IOException {
        return MAPPER.readValue(body, type);
    }
}
