package io.millrace.results.command;

import io.millrace.results.model.HistoryPoint;
import io.millrace.results.statistics.HistoryPoints;
import io.millrace.results.store.ExperimentReader;
import io.millrace.results.store.HistoryStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** {@code millrace history add}. */
@Command(
    name = "add",
    mixinStandardHelpOptions = true,
    description = {
        "Add results: a point for each setting of each experiment, from its valid runs.",
        "Runs already there are left out."},
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:added, or there already", "2:a directory is no result, or the file cannot be used"})
final class HistoryAddCommand extends HistoryAction {
    @Parameters(index = "1..*", arity = "1..*", paramLabel = "DIR", description = "Results, as for millrace report.")
    private List<Path> dirs;

    @Override
    int run(final Path history, final PrintWriter out, final List<String> problems) {
        final Set<String> known = new HashSet<>();
        if (Files.exists(history)) {
            HistoryStore.read(history, problems).forEach(point -> point.runIds().forEach(id ->
                known.add(point.series() + "/" + id)));
        }
        final List<HistoryPoint> points =
            new ArrayList<>(HistoryPoints.of(ExperimentReader.read(dirs), dirs, problems));
        final int before = points.size();
        points.removeIf(point -> point.runIds().stream().anyMatch(id -> known.contains(point.series() + "/" + id)));
        HistoryStore.append(history, points);
        out.println(points.size() + " point" + (points.size() == 1 ? "" : "s") + " added to " + history
            + (points.size() < before ? "; " + (before - points.size()) + " were there already" : ""));
        return 0;
    }
}
