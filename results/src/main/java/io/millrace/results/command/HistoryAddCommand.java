package io.millrace.results.command;

import io.millrace.results.model.HistoryPoint;
import io.millrace.results.model.ResultsException;
import io.millrace.results.statistics.HistoryPoints;
import io.millrace.results.store.ExperimentReader;
import io.millrace.results.store.HistoryStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;

/** {@code millrace history add}. */
@Command(
    name = "add",
    mixinStandardHelpOptions = true,
    description = "Add results: a point for each setting, from its valid runs. Runs already there are left out.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:added, or there already", "2:a directory is no result, or the file cannot be used"})
final class HistoryAddCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "FILE", description = "History; created if absent.")
    private Path file;
    @Parameters(index = "1..*", arity = "1..*", paramLabel = "DIR", description = "Results, as for millrace report.")
    private List<Path> dirs;
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        final PrintWriter out = spec.commandLine().getOut();
        final PrintWriter err = spec.commandLine().getErr();
        final List<String> notes = new ArrayList<>();
        try {
            final Set<String> known = new HashSet<>();
            if (Files.exists(file)) {
                HistoryStore.read(file, notes).forEach(point -> point.runIds().forEach(id ->
                    known.add(point.series() + "/" + id)));
            }
            final List<HistoryPoint> points = new ArrayList<>(HistoryPoints.of(ExperimentReader.read(dirs), notes));
            final int before = points.size();
            points.removeIf(point -> point.runIds().stream().anyMatch(id -> known.contains(point.series() + "/" + id)));
            HistoryStore.append(file, points);
            notes.forEach(note -> err.println("millrace: " + note));
            out.println(points.size() + " point" + (points.size() == 1 ? "" : "s") + " added to " + file
                + (points.size() < before ? "; " + (before - points.size()) + " were there already" : ""));
            return 0;
        } catch (final ResultsException ex) {
            err.println("millrace: " + ex.getMessage());
            return 2;
        } finally {
            out.flush();
            err.flush();
        }
    }
}
