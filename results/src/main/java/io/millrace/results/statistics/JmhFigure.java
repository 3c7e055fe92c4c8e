package io.millrace.results.statistics;

import io.millrace.results.model.JmhMetric;
import io.millrace.results.model.JmhResult;

import java.util.List;
import java.util.Map;

/**
 * A figure of a JMH benchmark. Forks are what is counted as runs.
 *
 * @param key           "score" or "alloc"
 * @param label         with JMH's unit
 * @param isLowerBetter by JMH's mode: throughput is better when it is higher, times are not
 * @param unit          of the values
 */
public record JmhFigure(String key, String label, boolean isLowerBetter, Unit unit) implements Figure {
    /** The benchmark's score. */
    public static final String SCORE = "score";
    /** Bytes allocated per operation. */
    public static final String ALLOCATION = "alloc";

    private static final String THROUGHPUT = "thrpt";
    /** Allocation below this is the profiler's own noise; it counts as this much, so that noise is no ratio. */
    private static final double SMALLEST_ALLOCATION = 0.5;

    static JmhFigure score(final JmhResult result) {
        return new JmhFigure(SCORE, result.mode() + ", " + result.primary().unit(),
            !THROUGHPUT.equals(result.mode()), Unit.NUMBER);
    }

    static JmhFigure allocation() {
        return new JmhFigure(ALLOCATION, "allocated per operation", true, Unit.BYTES);
    }

    /** The forks' figures of one side. */
    List<RunSample> samples(final List<JmhResult> results) {
        return results.stream().map(result -> SCORE.equals(key) ? result.primary() : result.allocation())
            .filter(metric -> metric != null).map(JmhMetric::forkMeans).flatMap(List::stream)
            .map(mean -> RunSample.of(ALLOCATION.equals(key) ? Math.max(SMALLEST_ALLOCATION, mean) : mean)).toList();
    }

    /** What makes two results the same question. */
    static String question(final JmhResult result, final boolean isNamed) {
        return (isNamed ? result.benchmark() + " " : "") + result.mode() + " " + result.primary().unit() + " "
            + result.threads() + " " + Map.copyOf(result.params()).entrySet().stream()
            .map(Object::toString).sorted().toList();
    }
}
