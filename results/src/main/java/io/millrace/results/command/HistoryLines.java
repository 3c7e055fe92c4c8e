package io.millrace.results.command;

import io.millrace.results.model.HistoryPoint;
import io.millrace.results.model.ResultsException;
import io.millrace.results.statistics.ChangePoint;
import io.millrace.results.statistics.ChangePoints;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** The lines of a history, one for each series and figure. */
final class HistoryLines {
    private HistoryLines() {
    }

    /**
     * One figure over time.
     *
     * @param series what was measured
     * @param key    of the figure
     * @param points that have it, oldest first
     */
    record Line(String series, String key, List<HistoryPoint> points) {
        HistoryPoint.Figure figure(final int index) {
            return points.get(index).figures().get(key);
        }

        HistoryPoint.Figure last() {
            return figure(points.size() - 1);
        }

        double[] medians() {
            return points.stream().mapToDouble(point -> point.figures().get(key).median()).toArray();
        }

        List<ChangePoint> changes(final double level, final double threshold) {
            return ChangePoints.find(medians(), level, threshold);
        }

        boolean isWorse(final ChangePoint change) {
            return change.ratio() > 1 == last().isLowerBetter();
        }

        String commit(final int index) {
            final String sha = points.get(index).git() == null ? "unknown" : points.get(index).git().sha();
            return sha.substring(0, Math.min(10, sha.length()));
        }
    }

    /** Lines whose series has all the words and whose figure is asked for. */
    static List<Line> of(
        final List<HistoryPoint> points, final Path file, final String words, final List<String> keys) {
        final Map<String, List<HistoryPoint>> bySeries = new LinkedHashMap<>();
        for (final HistoryPoint point : points) {
            if (words == null || List.of(words.split("\\s+")).stream().allMatch(point.series()::contains)) {
                bySeries.computeIfAbsent(point.series(), s -> new ArrayList<>()).add(point);
            }
        }
        if (bySeries.isEmpty()) {
            throw new ResultsException(file + " has no series" + (words == null ? "" : " with \"" + words + "\"")
                + "; millrace history list shows all");
        }
        final List<Line> lines = new ArrayList<>();
        bySeries.forEach((series, ofSeries) -> {
            final TreeSet<String> all = new TreeSet<>();
            ofSeries.forEach(point -> all.addAll(point.figures().keySet()));
            all.stream().filter(key -> keys == null || keys.isEmpty() || keys.contains(key)).forEach(key ->
                lines.add(new Line(series, key, ofSeries.stream().filter(point -> point.figures().containsKey(key))
                    .toList())));
        });
        return lines;
    }
}
