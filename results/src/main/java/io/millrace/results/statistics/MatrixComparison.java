package io.millrace.results.statistics;

import io.millrace.results.model.RunParams;
import io.millrace.results.store.RunData;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * One setting with two values, compared in every combination of the others.
 *
 * @param factor   the setting
 * @param along    settings that change with it in these runs, such as the replicas that another system has
 * @param base     its value on the base side
 * @param other    its value on the other side
 * @param cells    by what the other settings were; all judged together
 * @param rules    that were applied
 */
public record MatrixComparison(
    String factor, List<String> along, String base, String other, List<Cell> cells, Rules rules) {
    private static final List<String> FACTORS = List.of("target", "driver", "profile", "acks", "compression",
        "replication_factor", "batch_bytes", "linger_ns", "producers", "partitions", "in_flight", "record_bytes",
        "payload", "threads", "min_insync_replicas");
    /** What another value of a setting may bring with it; whatever else changes along makes it another comparison. */
    private static final Map<String, List<String>> COMPANIONS = Map.of(
        "target", List.of("driver", "profile", "replication_factor", "min_insync_replicas"),
        "profile", List.of("min_insync_replicas"),
        "record_bytes", List.of("record_size"),
        "record_size", List.of("record_bytes"));
    /** Of rates there is a curve. */
    private static final List<String> NO_FACTORS = List.of(RunParams.RATE_PER_S);
    private static final List<Metric> METRICS = List.of(Metric.RT_P50, Metric.RT_P99);

    /**
     * Compares, if there is a setting with two values.
     *
     * @param runs      of a matrix
     * @param threshold smallest relative difference that matters
     * @return null if no setting has two values that meet in any combination
     */
    public static MatrixComparison of(final List<RunData> runs, final double threshold) {
        final List<String> others = RunCells.PARAMS.stream()
            .filter(name -> !FACTORS.contains(name) && !NO_FACTORS.contains(name)).toList();
        for (final String factor : Stream.concat(FACTORS.stream(), others.stream()).toList()) {
            final List<String> values =
                runs.stream().map(run -> RunCells.value(run, factor)).distinct().sorted(RunCells.ORDER).toList();
            if (values.size() == 2) {
                final MatrixComparison comparison =
                    of(runs, factor, values.get(0), values.get(1), new Rules(threshold, Rules.CONFIDENCE));
                if (!comparison.cells.isEmpty()) {
                    return comparison;
                }
            }
        }
        return null;
    }

    private static MatrixComparison of(
        final List<RunData> runs, final String factor, final String base, final String other, final Rules rules) {
        final List<RunData> baseRuns = with(runs, factor, base);
        final List<RunData> otherRuns = with(runs, factor, other);
        // What its value decides tells no cells apart: no cell would have both.
        final List<String> along = COMPANIONS.getOrDefault(factor, List.of()).stream().filter(name ->
            RunCells.values(baseRuns, name).size() == 1 && RunCells.values(otherRuns, name).size() == 1
            && !RunCells.values(baseRuns, name).equals(RunCells.values(otherRuns, name))).toList();
        final List<String> rest = RunCells.names(runs).stream()
            .filter(name -> !name.equals(factor) && !along.contains(name)).toList();
        final Map<String, List<RunData>> byRest = new LinkedHashMap<>();
        runs.forEach(run -> byRest.computeIfAbsent(RunCells.key(run, rest), k -> new ArrayList<>()).add(run));
        final Map<String, String> labels = RunCells.labels(byRest.keySet());
        final List<Judge.Row> family = new ArrayList<>();
        final List<Cell> drafts = new ArrayList<>();
        byRest.forEach((key, cell) -> {
            final List<RunData> before = with(cell, factor, base);
            final List<RunData> after = with(cell, factor, other);
            if (!before.isEmpty() && !after.isEmpty()) {
                final Duel duel = Duel.of(before, after, Map.of());
                duel.rows().stream().filter(row -> METRICS.contains(row.figure())).forEach(family::add);
                drafts.add(new Cell(labels.get(key), false, List.of(), duel.leftOut(), duel.isPaired()));
            }
        });
        final List<RatioEstimate> judged = Judge.judge(family, rules);
        final List<Cell> cells = new ArrayList<>();
        for (int i = 0; i < drafts.size(); i++) {
            final Cell draft = drafts.get(i);
            cells.add(new Cell(draft.label(), false, judged.subList(i * METRICS.size(), (i + 1) * METRICS.size()),
                draft.leftOut(), draft.isPaired()));
        }
        return new MatrixComparison(factor, along, base, other, cells, rules);
    }

    private static List<RunData> with(final Collection<RunData> runs, final String factor, final String value) {
        return runs.stream().filter(run -> RunCells.value(run, factor).equals(value)).toList();
    }
}
