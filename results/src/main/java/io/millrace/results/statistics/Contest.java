package io.millrace.results.statistics;

import io.millrace.results.model.JmhResult;
import io.millrace.results.model.RunDocument;
import io.millrace.results.model.RunStatus;
import io.millrace.results.model.Verification;
import io.millrace.results.store.JmhRun;
import io.millrace.results.store.RunData;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Two sides, cell by cell: what both were measured in is compared, and all figures of all cells are judged together.
 * Belongs to the method that runs it.
 */
public final class Contest {
    private static final long JMH_SEED = 0x6a6d68;
    private static final String INFERRED = "Not every run tells which start of the system it met: those of one command "
        + "are taken for runs on one cluster, unless each was to have a new one, those of different commands for runs "
        + "on different ones. Brokers at an address must have been started anew between the commands.";

    private final Side base;
    private final Side other;
    private final Rules rules;
    private final Set<String> keys;
    private final Map<String, Double> floors;
    private final List<Draft> drafts = new ArrayList<>();
    private final List<String> mismatches = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    private Contest(final Side base, final Side other, final Rules rules, final Set<String> keys,
        final Map<String, Double> floors) {
        this.base = base;
        this.other = other;
        this.rules = rules;
        this.keys = keys;
        this.floors = floors;
    }

    /**
     * What came out.
     *
     * @param cells      in the base side's order
     * @param mismatches reasons not to compare, empty if there are none
     * @param notes      sentences for the reader
     * @param isViolated true if reading back the other side's records found any lost, duplicated or damaged
     * @param noise      what makes times of this machine worth less than its costs; null if nothing does
     */
    public record Result(
        List<Cell> cells, List<String> mismatches, List<String> notes, boolean isViolated, String noise) {
        /** {@return every estimate of every cell} */
        public List<RatioEstimate> estimates() {
            return cells.stream().flatMap(cell -> cell.estimates().stream()).toList();
        }

        /**
         * {@return the geometric mean of the ratios of each figure that several cells have, without those that allow
         * no conclusion; ratios only, since means of figures of different settings mean nothing}
         */
        public List<Geomean> geomeans() {
            final Map<String, List<RatioEstimate>> byFigure = new LinkedHashMap<>();
            estimates().stream().filter(estimate -> Double.isFinite(estimate.ratio()) && estimate.ratio() > 0
                && !estimate.isFlagged()).forEach(estimate -> byFigure.computeIfAbsent(estimate.metric().key() + " "
                + estimate.metric().label(), key -> new ArrayList<>()).add(estimate));
            return byFigure.values().stream().filter(some -> some.size() > 1).map(some -> new Geomean(
                some.get(0).metric(), some.size(), Math.exp(some.stream().mapToDouble(one -> Math.log(one.ratio()))
                .average().orElseThrow()))).toList();
        }

        /**
         * The same with one more note, the first.
         *
         * @param note sentence
         * @return a copy
         */
        public Result withNote(final String note) {
            final List<String> all = new ArrayList<>(List.of(note));
            all.addAll(notes);
            return new Result(cells, mismatches, all, isViolated, noise);
        }

        /**
         * Tells whether a verdict occurs.
         *
         * @param verdict which
         * @return true if any estimate has it
         */
        public boolean has(final Verdict verdict) {
            return estimates().stream().anyMatch(estimate -> estimate.verdict() == verdict);
        }
    }

    /**
     * A figure over several cells. It has no verdict: those stand with the cells.
     *
     * @param figure which
     * @param count  cells that went in
     * @param ratio  geometric mean of their ratios
     */
    public record Geomean(Figure figure, int count, double ratio) {
    }

    /**
     * Compares.
     *
     * @param base   the side that is the measure
     * @param other  the side that is judged
     * @param rules  when a difference counts
     * @param keys   figures to judge by {@link Figure#key}; empty for all
     * @param floors how far equal sides of this machine differed, by key, 0.02 for 2 %
     * @return cells, and what speaks against comparing
     */
    public static Result run(final Side base, final Side other, final Rules rules, final Set<String> keys,
        final Map<String, Double> floors) {
        return new Contest(base, other, rules, keys, floors).run();
    }

    /**
     * How far two sides that should be equal differ.
     *
     * @param base  one side
     * @param other the same again
     * @return by key: 0.02 for 2 %
     */
    public static Map<String, Double> floors(final Side base, final Side other) {
        final Map<String, Double> floors = new LinkedHashMap<>();
        for (final Judge.Row row : Duel.of(base.runs(), other.runs(), Map.of()).rows()) {
            if (Double.isFinite(row.ratio().center()) && !row.isFlagged()) {
                floors.put(row.figure().key(), Math.expm1(Math.abs(row.ratio().center())));
            }
        }
        return floors;
    }

    private Result run() {
        mismatches.addAll(Comparability.machines(base, other));
        bench();
        jmh();
        if (drafts.isEmpty()) {
            mismatches.add(nothingInCommon());
        }
        if (base.data().runs().stream().anyMatch(run -> run.document().env() == null)
            || base.jmhRuns().stream().anyMatch(run -> run.document().env() == null)) {
            notes.add("The base side does not say which machine it comes from.");
        }
        revisions();
        final List<Judge.Row> family = drafts.stream().flatMap(draft -> draft.rows.stream()).toList();
        final List<RatioEstimate> judged = Judge.judge(family, rules);
        final List<Cell> cells = new ArrayList<>();
        int at = 0;
        for (final Draft draft : drafts) {
            cells.add(new Cell(draft.label, draft.isJmh, judged.subList(at, at + draft.rows.size()), draft.leftOut,
                draft.isPaired));
            at += draft.rows.size();
        }
        final boolean isViolated = other.runs().stream().map(run -> run.document().verify())
            .anyMatch(verify -> verify != null && !verify.isClean());
        if (isViolated) {
            notes.add(violation());
        }
        return new Result(cells, mismatches, notes, isViolated, Comparability.noise(base, other));
    }

    private String nothingInCommon() {
        final boolean hasLoad = !base.runs().isEmpty();
        final boolean isEachOfOneKind = Stream.of(base, other)
            .allMatch(side -> side.runs().isEmpty() != side.jmhRuns().isEmpty());
        if (isEachOfOneKind && hasLoad == other.runs().isEmpty()) {
            return base.name() + " holds " + (hasLoad ? "runs with load" : "JMH results") + ", " + other.name() + " "
                + (hasLoad ? "JMH results" : "runs with load") + ": these have no figure in common; compare load with "
                + "load and JMH with JMH, or put both into one report";
        }
        final List<String> apart = RunCells.PARAMS.stream().filter(name -> Collections.disjoint(
            RunCells.values(base.runs(), name), RunCells.values(other.runs(), name))).toList();
        return "the sides have nothing in common: no setting was measured on both"
            + (!hasLoad || apart.isEmpty() ? "" : "; they differ in " + String.join(", ", apart));
    }

    private void bench() {
        final boolean isAllTold = Stream.concat(base.runs().stream(), other.runs().stream())
            .allMatch(RunCells::isAllTold);
        final Map<String, List<RunData>> before = RunCells.group(base.runs(), isAllTold);
        final Map<String, List<RunData>> after = RunCells.group(other.runs(), isAllTold);
        if (before.size() == 1 && after.size() == 1) {
            bench("", before.values().iterator().next(), after.values().iterator().next());
            return;
        }
        final Set<String> all = new LinkedHashSet<>(before.keySet());
        all.addAll(after.keySet());
        final Map<String, String> labels = RunCells.labels(all);
        before.forEach((key, runs) -> {
            final List<RunData> opposite = after.remove(key);
            if (opposite == null) {
                notes.add(only(base, labels.get(key)));
            } else {
                bench(labels.get(key), runs, opposite);
            }
        });
        after.keySet().forEach(key -> notes.add(only(other, labels.get(key))));
    }

    /** A cell that is the only one has no label. */
    private static String only(final Side side, final String label) {
        return "Only " + side.name() + " has " + (label.isEmpty() ? "runs with load" : label) + ".";
    }

    private void bench(final String label, final List<RunData> before, final List<RunData> after) {
        mismatches.addAll(Comparability.workloads(label, before, after));
        invalid(label, base.name(), before);
        invalid(label, other.name(), after);
        final Duel duel = Duel.of(before, after, floors);
        if (!duel.isPaired() && Stream.concat(before.stream(), after.stream()).anyMatch(Clusters::isInferred)
            && !notes.contains(INFERRED)) {
            notes.add(INFERRED);
        }
        drafts.add(new Draft(label, false, duel.rows().stream().filter(row -> isAsked(row.figure())).toList(),
            duel.leftOut(), duel.isPaired()));
    }

    private void invalid(final String label, final String side, final List<RunData> runs) {
        final List<RunData> invalid = runs.stream().filter(run -> !run.isValid()).toList();
        final String where = side + (label.isEmpty() ? "" : ", " + label);
        final String reasons = invalid.stream().flatMap(run -> run.document().invalidReasons().isEmpty()
            ? Stream.of(run.status().word()) : run.document().invalidReasons().stream())
            .distinct().collect(Collectors.joining(", "));
        if (!invalid.isEmpty() && invalid.size() == runs.size()) {
            mismatches.add(where + ": no run is valid (" + reasons + ")");
        } else if (!invalid.isEmpty()) {
            notes.add(where + ": " + invalid.size() + " of " + runs.size() + " runs left out, not valid (" + reasons
                + "). If one side fails more often, that too is a result.");
        }
    }

    private void jmh() {
        final Map<String, List<JmhResult>> before = results(base);
        final Map<String, List<JmhResult>> after = results(other);
        if (before.isEmpty() && after.isEmpty()) {
            return;
        }
        final boolean isNamed = names(before).size() != 1 || names(after).size() != 1;
        final Map<String, List<JmhResult>> beforeByQuestion = byQuestion(before, isNamed);
        final Map<String, List<JmhResult>> afterByQuestion = byQuestion(after, isNamed);
        final Set<String> differences = new LinkedHashSet<>();
        beforeByQuestion.forEach((question, results) -> {
            final List<JmhResult> opposite = afterByQuestion.remove(question);
            if (opposite == null) {
                notes.add("Only " + base.name() + " has " + label(results.get(0), true) + ".");
                return;
            }
            differences.addAll(Comparability.jvms(results, opposite));
            final boolean isSameMethod = results.get(0).benchmark().equals(opposite.get(0).benchmark());
            final List<Judge.Row> rows = new ArrayList<>();
            row(rows, JmhFigure.score(results.get(0)), results, opposite);
            if (results.get(0).allocation() != null && opposite.get(0).allocation() != null) {
                row(rows, JmhFigure.allocation(), results, opposite);
            }
            drafts.add(new Draft(label(results.get(0), true) + (isSameMethod ? ""
                : " against " + label(opposite.get(0), false)), true, rows, 0, false));
        });
        afterByQuestion.values().forEach(results ->
            notes.add("Only " + other.name() + " has " + label(results.get(0), true) + "."));
        mismatches.addAll(differences);
    }

    private void row(final List<Judge.Row> rows, final JmhFigure figure, final List<JmhResult> before,
        final List<JmhResult> after) {
        if (isAsked(figure)) {
            rows.add(new Judge.Row(figure, new RatioBootstrap(JMH_SEED).unpaired(figure.samples(before),
                figure.samples(after)), 0, false));
        }
    }

    /** Results by run; of an interrupted run only what is complete. */
    private Map<String, List<JmhResult>> results(final Side side) {
        final Map<String, List<JmhResult>> results = new LinkedHashMap<>();
        for (final JmhRun run : side.jmhRuns()) {
            final List<JmhResult> all = run.results().stream().filter(side::has).toList();
            final List<JmhResult> complete = all.stream()
                .filter(result -> run.status() == RunStatus.OK || result.isComplete()).toList();
            if (complete.size() < all.size()) {
                notes.add(side.name() + ": " + (all.size() - complete.size()) + " results of a run that is "
                    + run.status().word() + " are left out, they have fewer forks than planned.");
            }
            if (!complete.isEmpty()) {
                results.put(run.document().runId(), complete);
            }
        }
        return results;
    }

    private static Set<String> names(final Map<String, List<JmhResult>> results) {
        return results.values().stream().flatMap(List::stream).map(JmhResult::benchmark).collect(Collectors.toSet());
    }

    private static Map<String, List<JmhResult>> byQuestion(
        final Map<String, List<JmhResult>> results, final boolean isNamed) {
        final Map<String, List<JmhResult>> byQuestion = new LinkedHashMap<>();
        results.values().stream().flatMap(List::stream).forEach(result -> byQuestion.computeIfAbsent(
            JmhFigure.question(result, isNamed), q -> new ArrayList<>()).add(result));
        return byQuestion;
    }

    private static String label(final JmhResult result, final boolean hasParams) {
        final String params = result.params().entrySet().stream()
            .map(param -> param.getKey() + "=" + param.getValue()).collect(Collectors.joining(", "));
        return result.shortName() + (params.isEmpty() || !hasParams ? "" : " (" + params + ")")
            + (result.threads() > 1 && hasParams ? " on " + result.threads() + " threads" : "");
    }

    private boolean isAsked(final Figure figure) {
        return keys.isEmpty() || keys.contains(figure.key());
    }

    private void revisions() {
        final Set<String> before = revisions(base);
        final Set<String> after = revisions(other);
        if (!before.equals(after)) {
            notes.add("Built from " + String.join(", ", before) + " against " + String.join(", ", after) + ".");
        }
    }

    private static Set<String> revisions(final Side side) {
        return Stream.concat(side.runs().stream().map(RunData::document), side.jmhRuns().stream()
            .map(JmhRun::document)).map(RunDocument::git).map(git -> git == null ? "unknown"
            : git.sha().substring(0, Math.min(10, git.sha().length())) + (git.dirty() ? " with changes" : ""))
            .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private String violation() {
        final List<Verification> all = other.runs().stream().map(run -> run.document().verify())
            .filter(verify -> verify != null).toList();
        return other.name() + " is not correct: " + all.stream().mapToLong(Verification::lostAcked).sum()
            + " acknowledged records lost, " + all.stream().mapToLong(Verification::duplicates).sum() + " duplicated, "
            + all.stream().mapToLong(Verification::gaps).sum() + " gaps, "
            + all.stream().mapToLong(Verification::reordered).sum() + " reordered, "
            + all.stream().mapToLong(Verification::corrupt).sum() + " corrupt.";
    }

    /** A cell before its verdicts. */
    private record Draft(String label, boolean isJmh, List<Judge.Row> rows, int leftOut, boolean isPaired) {
    }
}
