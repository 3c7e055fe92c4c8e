package io.millrace.results.report;

import io.millrace.results.model.JmhResult;
import io.millrace.results.statistics.ForkInterval;
import io.millrace.results.statistics.Medians;
import io.millrace.results.store.JmhRun;
import io.millrace.results.store.RunFiles;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * JMH results that may stand in one chart: of one class, mode and unit. Parameters that are numbers and that all of
 * them have are the setting; what remains, the method and parameters that are words, is the design asked about.
 */
final class JmhRows {
    private static final Pattern NUMBER = Pattern.compile("-?\\d+(\\.\\d+)?");
    private static final String THROUGHPUT = "thrpt";

    private final String type;
    private final String mode;
    private final String unit;
    private final List<Row> rows = new ArrayList<>();

    private JmhRows(final JmhResult first) {
        this.type = type(first);
        this.mode = first.mode();
        this.unit = first.primary().unit();
    }

    /**
     * One result.
     *
     * @param run     number of the run
     * @param result  with its forks
     * @param setting "length=1024", empty if there is none
     * @param design  "ringToFile, sync=never"
     */
    record Row(int run, JmhResult result, String setting, String design) {
        double median() {
            return Medians.of(result.primary().forkMeans().stream().mapToDouble(Double::doubleValue).toArray());
        }

        ForkInterval interval() {
            return ForkInterval.of(result.primary());
        }
    }

    /** All that have a figure, chart by chart. */
    static List<JmhRows> of(final List<JmhRun> runs) {
        final Map<String, JmhRows> groups = new LinkedHashMap<>();
        final Map<String, List<JmhResult>> all = new LinkedHashMap<>();
        runs.forEach(run -> run.results().forEach(result ->
            all.computeIfAbsent(group(result), g -> new ArrayList<>()).add(result)));
        for (int run = 0; run < runs.size(); run++) {
            for (final JmhResult result : runs.get(run).results()) {
                if (result.primary().forkMeans().isEmpty()) {
                    continue;
                }
                final List<JmhResult> peers = all.get(group(result));
                final Set<String> common = settings(peers);
                final boolean isShared = runs.stream().filter(other -> other.results().stream()
                    .anyMatch(one -> group(one).equals(group(result)))).count() > 1;
                groups.computeIfAbsent(group(result), g -> new JmhRows(result)).rows.add(
                    new Row(run, result, setting(result, common, peers), design(result, common)
                        + (isShared ? " [" + name(runs.get(run)) + "]" : "")));
            }
        }
        return List.copyOf(groups.values());
    }

    /** What a run is called beside others: its directory or file. */
    static String name(final JmhRun run) {
        final Path dir = run.dir().endsWith(RunFiles.JMH_RESULT) && run.dir().getParent() != null
            ? run.dir().getParent() : run.dir();
        return dir.getFileName() == null ? dir.toString() : dir.getFileName().toString();
    }

    String title() {
        return type + ", " + switch (mode) {
            case THROUGHPUT -> "throughput";
            case "avgt" -> "average time";
            case "sample" -> "sampled time";
            case "ss" -> "single shots";
            default -> mode;
        };
    }

    /** {@return numbers of the runs it has rows of} */
    List<Integer> runs() {
        return rows.stream().map(Row::run).distinct().toList();
    }

    String unit() {
        return unit;
    }

    boolean isHigherBetter() {
        return THROUGHPUT.equals(mode);
    }

    /** {@return rows by setting, in the order they occur; within it as JMH ran them} */
    Map<String, List<Row>> bySetting() {
        return rows.stream().collect(Collectors.groupingBy(Row::setting, LinkedHashMap::new, Collectors.toList()));
    }

    /** {@return for each setting that several designs share, which is ahead, and whether that is sure} */
    List<String> leaders() {
        final List<String> sentences = new ArrayList<>();
        bySetting().forEach((setting, some) -> {
            final List<Row> ranked = some.stream().filter(row -> row.median() > 0)
                .sorted((a, b) -> (isHigherBetter() ? -1 : 1) * Double.compare(a.median(), b.median())).toList();
            if (ranked.size() > 1) {
                final Row best = ranked.get(0);
                final Row next = ranked.get(1);
                sentences.add((setting.isEmpty() ? "" : setting + ": ") + best.design + " is ahead with "
                    + JmhFormat.brief(best.median()) + " " + unit + ", " + next.design + " follows with "
                    + Format.ratio(next.median() / best.median()) + " times that" + certainty(best, next));
            }
        });
        return sentences;
    }

    private static String certainty(final Row best, final Row next) {
        final ForkInterval one = best.interval();
        final ForkInterval other = next.interval();
        if (one == null || other == null) {
            return "; from a single fork, so that is not sure.";
        }
        return one.low() <= other.high() && other.low() <= one.high()
            ? "; their intervals overlap, so that is not sure." : "; their intervals lie apart.";
    }

    private static String type(final JmhResult result) {
        final int dot = result.shortName().indexOf('.');
        return dot < 0 ? result.shortName() : result.shortName().substring(0, dot);
    }

    private static String group(final JmhResult result) {
        return type(result) + "\n" + result.mode() + "\n" + result.primary().unit();
    }

    /** Names of parameters that every result has as a number. */
    private static Set<String> settings(final List<JmhResult> results) {
        final Set<String> names = new LinkedHashSet<>(results.get(0).params().keySet());
        results.forEach(result -> names.removeIf(name -> !NUMBER.matcher(
            Objects.requireNonNullElse(result.params().get(name), "")).matches()));
        return names;
    }

    /** Only what differs: the rest stands in the table. */
    private static String setting(final JmhResult result, final Set<String> common, final List<JmhResult> peers) {
        final List<String> parts = common.stream()
            .filter(name -> peers.stream().map(peer -> peer.params().get(name)).distinct().count() > 1)
            .map(name -> name + "=" + result.params().get(name)).collect(Collectors.toCollection(ArrayList::new));
        if (peers.stream().mapToInt(JmhResult::threads).distinct().count() > 1) {
            parts.add(result.threads() + (result.threads() == 1 ? " thread" : " threads"));
        }
        return String.join(", ", parts);
    }

    private static String design(final JmhResult result, final Set<String> common) {
        final String method = result.benchmark().substring(result.benchmark().lastIndexOf('.') + 1);
        final String words = result.params().entrySet().stream().filter(param -> !common.contains(param.getKey()))
            .map(param -> param.getKey() + "=" + param.getValue()).collect(Collectors.joining(", "));
        return words.isEmpty() ? method : method + ", " + words;
    }
}
