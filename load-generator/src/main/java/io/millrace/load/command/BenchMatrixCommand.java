package io.millrace.load.command;

import io.millrace.load.run.ExitCodes;
import io.millrace.load.run.RunReport;
import io.millrace.load.run.WorkloadYaml;
import io.millrace.load.workload.Units;
import io.millrace.load.workload.Workload;
import io.millrace.load.workload.WorkloadBuilder;
import io.millrace.load.workload.WorkloadException;
import io.millrace.load.workload.WorkloadKeys;
import io.millrace.results.model.Experiment;
import io.millrace.results.model.RunStatus;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Every combination of some settings. Main thread. */
@Command(
    name = "matrix",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
        "Run every combination of the values given, each several times, in turns: the first repeat of every cell, then "
            + "the second, there and back.",
        "The values are those under 'matrix:' in the workload file, and of --axis. The number of runs and the time "
            + "they take are printed first."},
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
        " 0:every run valid, nothing acknowledged lost",
        " 1:internal error",
        " 2:bad option, or not enough disk",
        " 3:the cluster does not answer",
        " 4:a run is invalid; its data is kept",
        " 5:acknowledged records lost, doubled, out of order or damaged",
        " 99:a service level was not met",
        "130:interrupted; the partial result is kept, --resume goes on with it"},
    footerHeading = "%nExamples:%n",
    footer = {
        "  millrace bench matrix durability-matrix --dry-run",
        "  millrace bench matrix --axis acks=leader,all --axis rate=5k,20k -d 20s",
        "  millrace bench matrix --resume bench-results/20260131-120000"})
public final class BenchMatrixCommand extends ExperimentCommand {
    private static final int MAX_RUNS = 10_000;
    /** Topic, reading back and cleaning up, about. */
    private static final long OVERHEAD_NS = 3_000_000_000L;

    @Option(order = 0, names = "--axis", paramLabel = "KEY=V1,V2,...",
        description = "A setting and its values; repeatable; takes the place of the file's values of that setting.")
    private List<String> axisOptions = List.of();

    @Option(order = 1, names = "--repeat", paramLabel = "N",
        description = "Runs of each cell (default: repeat.runs of the workload, else 1).")
    private Integer repeat;

    @Option(order = 2, names = "--order", paramLabel = "ORDER",
        description = "interleaved or random, drawn from the seed (default: interleaved).")
    private String order;

    @Option(order = 3, names = "--dry-run", description = "Print the runs and the time they take, and end.")
    private boolean isDryRun;

    private List<Cell> cells;
    private List<List<Cell>> rounds;


    /** Picocli makes the instance. */
    public BenchMatrixCommand() {
    }

    /**
     * One combination.
     *
     * @param name     "C1"
     * @param label    its values
     * @param workload with them
     */
    private record Cell(String name, String label, Workload workload) {
    }

    @Override
    ExperimentCommand fresh() {
        return new BenchMatrixCommand();
    }

    @Override
    void prepare() {
        cells = cells(axes());
        rounds = rounds();
        announce();
    }

    @Override
    boolean isDryRun() {
        return isDryRun;
    }

    @Override
    int run(final BenchSession session, final Path out) {
        final ExperimentRun experiment = new ExperimentRun(session, out, Experiment.MATRIX, before());
        experiment.legs(cells.stream().map(cell -> new Experiment.Leg(cell.name(), cell.label())).toList(),
            rounds.size());
        experiment.store();
        final PrintWriter console = spec.commandLine().getOut();
        int exitCode = ExitCodes.OK;
        int number = 0;
        final int total = cells.size() * rounds.size();
        for (int round = 0; round < rounds.size(); round++) {
            for (final Cell cell : rounds.get(round)) {
                number++;
                session.progress().prefix(cell.name() + " " + number + "/" + total);
                final RunReport report = experiment.run(cell.name() + "-" + (round + 1), cell.workload(), null,
                    cell.name(), cell.label(), round + 1, WorkloadYaml.sha256(cell.workload(), List.of("topic")));
                exitCode = ExitCodes.worse(exitCode, report.exitCode());
                if (!options.json) {
                    CellPrinter.row(console, cell.name(), cell.label(), report.document());
                }
                final RunStatus status = report.document().status();
                if (status == RunStatus.INTERRUPTED || status == RunStatus.FAILED) {
                    sayHowToGoOn(out);
                    return exitCode;
                }
            }
        }
        if (options.json) {
            AbPrinter.print(out, true, console);
        } else {
            console.println("result: " + out);
            console.println("report: millrace report " + out);
            console.flush();
        }
        return exitCode;
    }

    private Map<String, List<String>> axes() {
        final Map<String, List<String>> axes = new LinkedHashMap<>();
        if (options.file() != null) {
            axes.putAll(options.file().axes());
        }
        for (final String axis : axisOptions) {
            final int equals = axis.indexOf('=');
            if (equals < 1) {
                throw new WorkloadException("axis: value=" + axis + " is not of the form key=value,value");
            }
            final WorkloadKeys.Key key = WorkloadKeys.find(axis.substring(0, equals));
            axes.put(key == null ? axis.substring(0, equals) : key.name(),
                List.of(axis.substring(equals + 1).split(",", -1)));
        }
        if (axes.isEmpty()) {
            throw new WorkloadException("matrix: no values to combine; give --axis acks=leader,all, or a workload file "
                + "with matrix:");
        }
        return axes;
    }

    private List<Cell> cells(final Map<String, List<String>> axes) {
        long count = 1;
        for (final List<String> values : axes.values()) {
            count *= values.size();
        }
        if (count > MAX_RUNS) {
            throw new WorkloadException("matrix: " + count + " cells are more than " + MAX_RUNS
                + "; give fewer values");
        }
        List<Map<String, String>> combinations = List.of(Map.of());
        for (final Map.Entry<String, List<String>> axis : axes.entrySet()) {
            final List<Map<String, String>> longer = new ArrayList<>();
            for (final Map<String, String> combination : combinations) {
                for (final String value : axis.getValue()) {
                    final Map<String, String> more = new LinkedHashMap<>(combination);
                    more.put(axis.getKey(), value);
                    longer.add(more);
                }
            }
            combinations = longer;
        }
        final List<Cell> cells = new ArrayList<>();
        for (final Map<String, String> combination : combinations) {
            final WorkloadBuilder settings = options.settings();
            final List<String> words = new ArrayList<>();
            combination.forEach((key, value) -> {
                settings.set(key, value);
                words.add(key + "=" + value);
            });
            cells.add(new Cell("C" + (cells.size() + 1), String.join(" ", words), settings.build()));
        }
        return cells;
    }

    /** There and back, so that what drifts with time falls on all cells alike. */
    private List<List<Cell>> rounds() {
        final Workload first = cells.get(0).workload();
        final int count = repeat != null ? repeat : (int) Units.countOf("runs", first.settings().get("runs"));
        if (count < 1 || (long) count * cells.size() > MAX_RUNS) {
            throw new WorkloadException("repeat: value=" + count + " for " + cells.size() + " cells is out of bounds; "
                + "use 1 to " + MAX_RUNS + " runs in all");
        }
        final String word = order != null ? order : first.settings().get("order");
        if (!List.of("interleaved", "random").contains(word)) {
            throw new WorkloadException("order: value=" + word + " is none of interleaved, random");
        }
        final Random random = new Random(first.seed());
        final List<List<Cell>> rounds = new ArrayList<>();
        for (int round = 0; round < count; round++) {
            final List<Cell> turn = new ArrayList<>(cells);
            if ("random".equals(word)) {
                Collections.shuffle(turn, random);
            } else if (round % 2 == 1) {
                Collections.reverse(turn);
            }
            rounds.add(turn);
        }
        return rounds;
    }

    private void announce() {
        long totalNs = 0;
        for (final Cell cell : cells) {
            final Workload workload = cell.workload();
            final long countedNs = workload.isUnlimited() || workload.recordCount() == 0 ? 0
                : workload.recordCount() * 1_000_000_000L / workload.ratePerS();
            totalNs += rounds.size() * (workload.warmupNs() + workload.durationNs() + countedNs
                + workload.phases().cooldownNs() + OVERHEAD_NS);
        }
        final PrintWriter to = isDryRun ? spec.commandLine().getOut() : spec.commandLine().getErr();
        to.printf(Locale.ROOT, "%d cells x %d = %d runs, about %s%n", cells.size(), rounds.size(),
            cells.size() * rounds.size(), Units.duration(totalNs).replace(".00", "") + " (" + totalNs / 60_000_000_000L
            + " min)");
        if (isDryRun) {
            cells.forEach(cell -> to.printf("  %-4s %s%n", cell.name(), cell.label()));
            to.println("order: " + rounds.stream().map(round -> String.join(" ",
                round.stream().map(Cell::name).toList())).toList());
        }
        to.flush();
    }
}
