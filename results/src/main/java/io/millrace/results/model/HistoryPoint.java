package io.millrace.results.model;

import com.fasterxml.jackson.annotation.JsonProperty;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * One measurement in a line of them; a line of a history file.
 *
 * @param schema  {@link #SCHEMA}
 * @param series  what was measured and where: only points of one series are compared
 * @param time    of the first run
 * @param git     source of the measured code
 * @param runIds  runs that went in
 * @param figures by key; never null
 */
public record HistoryPoint(
    String schema,
    String series,
    Instant time,
    GitRevision git,
    @JsonProperty("run_ids") List<String> runIds,
    Map<String, Figure> figures) {
    /** The version this code writes and reads. */
    public static final String SCHEMA = "bench/history/v1";

    /** Nothing rather than null. */
    public HistoryPoint {
        runIds = runIds == null ? List.of() : List.copyOf(runIds);
        figures = figures == null ? Map.of() : figures;
    }

    /**
     * One figure of a point.
     *
     * @param median        over the runs
     * @param low           lowest run
     * @param high          highest run
     * @param unit          of the values
     * @param isLowerBetter true for times and costs
     */
    public record Figure(
        double median,
        double low,
        double high,
        String unit,
        @JsonProperty("lower_is_better") boolean isLowerBetter) {
    }
}
