package io.millrace.results.command;

import io.millrace.results.model.ResultsException;
import io.millrace.results.report.CompareText;
import io.millrace.results.statistics.Contest;
import io.millrace.results.statistics.JmhFigure;
import io.millrace.results.statistics.Metric;
import io.millrace.results.statistics.Rules;
import io.millrace.results.statistics.Side;
import io.millrace.results.statistics.Verdict;
import io.millrace.results.store.ExperimentData;
import io.millrace.results.store.ExperimentReader;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;

/** {@code millrace compare}: two sets of results in, ratios with intervals and a verdict each out. */
@Command(
    name = "compare",
    mixinStandardHelpOptions = true,
    description = {
        "Compare two sets of results, figure by figure: ratio, interval, verdict.",
        "A side is a run directory, a directory of runs, several of them joined with commas, or a JMH result. "
            + "#PART narrows it: DIR#A to a leg of an experiment, DIR#write to benchmark methods with that in their "
            + "name, DIR#Ring.write to those of a class. One experiment alone is compared leg against leg, pair by "
            + "pair."},
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
        "0:compared, and nothing that --fail-on names",
        "1:something failed",
        "2:a directory is no result, is damaged or of another version; or an option is wrong",
        "5:the candidate lost, duplicated, reordered or damaged records",
        "6:a figure regressed",
        "7:a figure is inconclusive and none regressed (only with --fail-on inconclusive)",
        "8:the sides are not comparable; the reasons are printed, --allow-mismatch compares all the same"},
    footerHeading = "%nExamples:%n",
    footer = {
        "  millrace compare results/ab-20260131          the two legs of one experiment",
        "  millrace compare results/before results/after          last week and today",
        "  millrace compare r1,r2,r3 r4,r5,r6 --metric rt.p99 --threshold 3%%",
        "  millrace compare jmh-before jmh-after --format md      JMH, as a comment",
        "  millrace compare jmh-1#ringToFile jmh-1#baselineFileOnly"})
public final class CompareCommand implements Callable<Integer> {
    static final int VIOLATED = 5;
    static final int REGRESSED = 6;
    static final int INCONCLUSIVE = 7;
    static final int NOT_COMPARABLE = 8;
    private static final int USAGE = 2;

    @Parameters(arity = "1..2", paramLabel = "SIDE", description = "Base and candidate; or one experiment.")
    private List<String> sides;
    @Option(names = "--metric", split = ",", paramLabel = "M", description = {
        "Judge these figures only; fewer figures, sharper verdicts. Default: all there are.", // lines that stay whole
        "rate, rt.p50, rt.p99, rt.p99.9, rt.max,",
        "e2e.p50, e2e.p99, e2e.p99.9, cpu.broker,",
        "cpu.client, alloc.broker, alloc.client,",
        "disk.amplification, fsync.p99,",
        "switches.broker, gc.broker;",
        "of JMH: score, alloc."})
    private List<String> metrics = new ArrayList<>();
    @Option(names = "--threshold", paramLabel = "SHARE", defaultValue = "5%", converter = ShareConverter.class,
        description = "Smallest difference that matters: 5%% or 0.05. Default: ${DEFAULT-VALUE}.")
    private double threshold;
    @Option(names = "--confidence", paramLabel = "SHARE", defaultValue = "0.95", converter = ShareConverter.class,
        description = "Of the intervals and, together, of the verdicts. Default: ${DEFAULT-VALUE}.")
    private double confidence;
    @Option(names = "--aa", paramLabel = "DIR", description = "A control: an experiment whose two legs are the same "
        + "(bench ab --control aa). A difference counts as improved or regressed only if it is more than twice what "
        + "they differ by; between the threshold and that it is inconclusive. Default: the one in control/ of a "
        + "compared experiment, else the newest of this machine beside it, if its settings are the base side's and "
        + Rules.MIN_PAIRS + " of its pairs are valid.")
    private Path equalSides;
    @Option(names = "--no-aa", description = "Leave a control that lies there alone.")
    private boolean isControlIgnored;
    @Option(names = "--allow-mismatch", description = "Compare although machines, workloads or JVMs differ or runs are "
        + "invalid. The differences are printed; from invalid runs no conclusion is drawn.")
    private boolean isMismatchAllowed;
    @Option(names = "--fail-on", paramLabel = "WHAT", defaultValue = "REGRESSION",
        description = "What to end with an exit code of its own for: regression, inconclusive (or regression) or "
            + "never. Default: regression.")
    private FailOn failOn;
    @Option(names = "--format", paramLabel = "F", defaultValue = "TABLE",
        description = "table, md or json. Default: table.")
    private Form format;
    @Spec
    private CommandSpec spec;

    /** Picocli makes the instance. */
    public CompareCommand() {
    }

    /** What ends with an exit code other than 0. */
    enum FailOn { REGRESSION, INCONCLUSIVE, NEVER }

    /** How it is printed. */
    enum Form { TABLE, MD, JSON }

    @Override
    public Integer call() {
        final Set<String> keys = keys();
        if (!(threshold > 0 && threshold < 1) || !(confidence >= 0.5 && confidence < 1)) {
            throw new ParameterException(spec.commandLine(), "--threshold=" + threshold + " --confidence=" + confidence
                + ": the threshold must be between 0 and 1, the confidence from 0.5 to below 1");
        }
        final PrintWriter out = spec.commandLine().getOut();
        final PrintWriter err = spec.commandLine().getErr();
        try {
            final List<Side> both = read();
            final Side base = both.get(0);
            final Side other = both.get(1);
            for (final Side side : List.copyOf(new LinkedHashSet<>(both))) {
                side.data().problems().forEach(problem -> err.println("millrace: left out: " + problem));
                side.data().runs().forEach(run -> run.warnings().forEach(warning ->
                    err.println("millrace: " + run.dir() + ": " + warning)));
            }
            final Rules rules = new Rules(threshold, confidence);
            final Controls.Choice control = control(both);
            final Map<String, Double> floors = control.dir() == null ? Map.of() : floors(control.dir());
            final Contest.Result found = Contest.run(base, other, rules, keys, floors);
            final String note = control.dir() == null ? control.objection() : words(control.dir(), floors);
            final Contest.Result result = note == null ? found : found.withNote(note);
            final int exitCode = exitCode(result);
            if (exitCode == NOT_COMPARABLE) {
                refuse(err, result);
            }
            print(out, err, result, base, other, rules, exitCode);
            return exitCode;
        } catch (final ResultsException ex) {
            err.println("millrace: " + ex.getMessage());
            return USAGE;
        } finally {
            out.flush();
            err.flush();
        }
    }

    private void print(final PrintWriter out, final PrintWriter err, final Contest.Result result, final Side base,
        final Side other, final Rules rules, final int exitCode) {
        if (format == Form.JSON) {
            out.print(CompareText.json(result, base.name(), other.name(), rules, exitCode));
        } else if (format == Form.MD) {
            out.print(exitCode == NOT_COMPARABLE ? CompareText.refusal(result, base.name(), other.name())
                : CompareText.markdown(result, base.name(), other.name(), rules));
        } else if (exitCode != NOT_COMPARABLE) {
            result.mismatches().forEach(mismatch -> err.println("millrace: not comparable: " + mismatch));
            err.flush();
            out.print(CompareText.table(result, base.name(), other.name(), rules));
        }
    }

    private static void refuse(final PrintWriter err, final Contest.Result result) {
        result.mismatches().forEach(mismatch -> err.println("millrace: not comparable: " + mismatch));
        result.notes().forEach(note -> err.println("  " + note));
        err.println(result.cells().isEmpty() ? "  Name results that were measured with the same settings."
            : "  Measure both sides alike, or add --allow-mismatch and keep the difference in mind.");
    }

    private int exitCode(final Contest.Result result) {
        if (result.cells().isEmpty() || !result.mismatches().isEmpty() && !isMismatchAllowed) {
            return NOT_COMPARABLE;
        }
        if (failOn == FailOn.NEVER) {
            return 0;
        }
        if (result.isViolated()) {
            return VIOLATED;
        }
        if (result.has(Verdict.REGRESSED)) {
            return REGRESSED;
        }
        return failOn == FailOn.INCONCLUSIVE && result.has(Verdict.INCONCLUSIVE) ? INCONCLUSIVE : 0;
    }

    private Set<String> keys() {
        final Set<String> known = new LinkedHashSet<>();
        Arrays.stream(Metric.values()).map(Metric::key).forEach(known::add);
        known.add(JmhFigure.SCORE);
        known.add(JmhFigure.ALLOCATION);
        for (final String metric : metrics) {
            if (!known.contains(metric)) {
                throw new ParameterException(spec.commandLine(), "--metric=" + metric + " is none of "
                    + String.join(", ", known));
            }
        }
        return new LinkedHashSet<>(metrics);
    }

    private List<Side> read() {
        if (sides.size() == 2) {
            return List.of(side(sides.get(0)), side(sides.get(1)));
        }
        return legs(sides.get(0));
    }

    /** The two legs of one experiment. */
    private static List<Side> legs(final String text) {
        final ExperimentData data = ExperimentReader.read(List.of(Path.of(text)));
        final Side all = new Side(text, data, null);
        if (all.parts().size() != 2) {
            throw new ResultsException(text + " has " + all.parts().size() + " sides (" + String.join(", ", all.parts())
                + "), not two; name base and candidate, each as DIR or DIR#SIDE");
        }
        return all.parts().stream().map(part -> {
            final String label = data.experiment().legs().get(all.parts().indexOf(part)).label();
            return new Side(label == null ? part : label, data, part);
        }).toList();
    }

    private static Side side(final String text) {
        final int hash = text.lastIndexOf('#');
        final String part = hash < 0 ? null : text.substring(hash + 1);
        final List<Path> dirs = Arrays.stream((hash < 0 ? text : text.substring(0, hash)).split(","))
            .filter(dir -> !dir.isBlank()).map(Path::of).toList();
        if (dirs.isEmpty()) {
            throw new ResultsException("side=" + text + " names no directory");
        }
        final Side side = new Side(text, ExperimentReader.read(dirs), part);
        if (side.runs().isEmpty() && side.jmhRuns().isEmpty()) {
            throw new ResultsException(text + ": no run belongs to " + part + "; there are "
                + String.join(", ", side.parts()));
        }
        return side;
    }

    /** The control that was named, or lies there and fits; none if none is wanted. */
    private Controls.Choice control(final List<Side> both) {
        if (isControlIgnored || equalSides != null) {
            return new Controls.Choice(isControlIgnored ? null : equalSides, null);
        }
        final List<Path> named = sides.stream().map(side -> side.replaceAll("#[^#]*$", ""))
            .flatMap(side -> Arrays.stream(side.split(","))).filter(dir -> !dir.isBlank()).map(Path::of).toList();
        return Controls.find(named, both.stream().map(Side::data).toList(), both.get(0).runs());
    }

    private static Map<String, Double> floors(final Path control) {
        final List<Side> both = legs(control.toString());
        return Contest.floors(both.get(0), both.get(1));
    }

    /** Where a difference must be larger than the threshold, and why. */
    private String words(final Path control, final Map<String, Double> floors) {
        final List<String> wider = floors.entrySet().stream().filter(floor -> 2 * floor.getValue() > threshold)
            .map(floor -> String.format(Locale.ROOT, "%s %.1f %%", floor.getKey(), 200 * floor.getValue())).toList();
        return "Equal sides were compared in " + control + (wider.isEmpty()
            ? ": twice what they differ by is below the threshold everywhere." : "; twice what they differ by is more "
            + "than the threshold, so a difference must exceed it, and one between the two is inconclusive: "
            + String.join(", ", wider) + ".");
    }
}
