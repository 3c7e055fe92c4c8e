package io.millrace.results.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.results.model.HistoryPoint;
import io.millrace.results.model.ResultsException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** {@code millrace history export}. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description = {
        "Print a history for other tools.",
        "otava-csv: one series, a row a point. bmf: the newest point of each series, for Bencher. gh-action: the same "
            + "for github-action-benchmark, figures of which smaller is better; gh-action-bigger: the others."},
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:printed", "2:the file cannot be used, or otava-csv was asked for several series"})
final class HistoryExportCommand extends HistoryQuery {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @Option(names = "--format", paramLabel = "F", required = true,
        description = "otava-csv, bmf, gh-action or gh-action-bigger.")
    private String format;

    @Override
    int run(final List<HistoryLines.Line> lines, final PrintWriter out) {
        switch (format) {
            case "otava-csv" -> out.print(csv(lines));
            case "bmf" -> out.println(json(bmf(lines)));
            case "gh-action" -> out.println(json(action(lines, true)));
            case "gh-action-bigger" -> out.println(json(action(lines, false)));
            default -> throw new ResultsException("--format=" + format
                + " is none of otava-csv, bmf, gh-action, gh-action-bigger");
        }
        return 0;
    }

    private static String json(final Object value) {
        try {
            return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(value);
        } catch (final JsonProcessingException ex) {
            throw new IllegalStateException("strings and numbers are always writable", ex);
        }
    }

    private static String csv(final List<HistoryLines.Line> lines) {
        final Set<String> series = new LinkedHashSet<>();
        final Set<String> keys = new TreeSet<>();
        final Set<HistoryPoint> points = new LinkedHashSet<>();
        for (final HistoryLines.Line line : lines) {
            series.add(line.series());
            keys.add(line.key());
            points.addAll(line.points());
        }
        if (series.size() > 1) {
            throw new ResultsException("otava-csv holds one series, there are " + series.size()
                + "; choose with --series: " + String.join("; ", series));
        }
        final StringBuilder text = new StringBuilder("time,commit");
        keys.forEach(key -> text.append(',').append(key));
        text.append('\n');
        for (final HistoryPoint point : points) {
            text.append(point.time()).append(',').append(point.git() == null ? "" : point.git().sha());
            keys.forEach(key -> text.append(',').append(point.figures().containsKey(key)
                ? String.valueOf(point.figures().get(key).median()) : ""));
            text.append('\n');
        }
        return text.toString();
    }

    private static Map<String, Object> bmf(final List<HistoryLines.Line> lines) {
        final Map<String, Object> benchmarks = new LinkedHashMap<>();
        final Map<String, Map<String, Object>> bySeries = new LinkedHashMap<>();
        for (final HistoryLines.Line line : lines) {
            bySeries.computeIfAbsent(line.series(), s -> new LinkedHashMap<>()).put(line.key(), Map.of("value",
                line.last().median(), "lower_value", line.last().low(), "upper_value", line.last().high()));
        }
        benchmarks.putAll(bySeries);
        return benchmarks;
    }

    private static List<Object> action(final List<HistoryLines.Line> lines, final boolean isSmallerBetter) {
        final List<Object> all = new ArrayList<>();
        for (final HistoryLines.Line line : lines) {
            final HistoryPoint.Figure figure = line.last();
            if (figure.isLowerBetter() == isSmallerBetter) {
                final Map<String, Object> entry = new LinkedHashMap<>();
                entry.put("name", line.series() + " / " + line.key());
                entry.put("unit", figure.unit());
                entry.put("value", figure.median());
                entry.put("range", figure.low() + " to " + figure.high());
                entry.put("extra", "commit " + line.commit(line.points().size() - 1));
                all.add(entry);
            }
        }
        return all;
    }
}
