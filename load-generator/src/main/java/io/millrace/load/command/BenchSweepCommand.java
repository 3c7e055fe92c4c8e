package io.millrace.load.command;

import io.millrace.load.run.ExitCodes;
import io.millrace.load.run.RateSearch;
import io.millrace.load.run.RunReport;
import io.millrace.load.run.WorkloadYaml;
import io.millrace.load.workload.Slo;
import io.millrace.load.workload.Units;
import io.millrace.load.workload.Workload;
import io.millrace.load.workload.WorkloadException;
import io.millrace.results.model.Experiment;
import io.millrace.results.model.LatencySummary;
import io.millrace.results.model.RunDocument;
import io.millrace.results.model.RunStatus;
import io.millrace.results.model.SweepResult;
import io.millrace.results.model.Tags;
import io.millrace.results.store.RunFiles;
import io.millrace.results.store.SweepStore;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The highest rate that meets a service level, and latency against throughput up to it. Main thread. */
@Command(
    name = "sweep",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
        "Find the highest rate that meets every --slo: double until one is missed, halve the distance, then measure "
            + "points of the curve below and around the limit, and repeat the limit itself.",
        "A run that is invalid does not meet its service level; one that the machine spoilt is repeated once, and if "
            + "that is spoilt, too, its rate counts as missed, but is told as undecided. So is one that was still "
            + "warming up in both. The result has sweep.json beside its runs."},
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
        " 0:a rate was found, and held when it was repeated",
        " 1:internal error",
        " 2:bad option, or not enough disk",
        " 3:the cluster does not answer",
        " 5:acknowledged records lost, doubled, out of order or damaged",
        " 99:no rate meets the service level and holds when it is repeated",
        "130:interrupted; the partial result is kept, --resume goes on with it"},
    footerHeading = "%nExamples:%n",
    footer = {
        "  millrace bench sweep --slo 'rt.p99<10ms' --from 5k --to 200k -w 5s -d 15s",
        "  millrace bench sweep poisson --slo 'rt.p99.9<50ms' --repeat 5",
        "  millrace bench sweep --resume bench-results/20260131-120000"})
public final class BenchSweepCommand extends ExperimentCommand {
    /** What makes a run invalid without a word about its target. */
    private static final Set<String> SPOILERS = Set.of("hiccup", "clock", "disk", "worker");
    /** Stages that move the limit; the others are for the picture. */
    private static final Set<String> DECIDING = Set.of("bracket", "bisect", "repeat");

    @Option(order = 0, names = "--from", paramLabel = "RATE", defaultValue = "1k",
        description = "Where to begin (default: ${DEFAULT-VALUE}).")
    private String from;

    @Option(order = 1, names = "--to", paramLabel = "RATE", defaultValue = "1M",
        description = "Not beyond (default: ${DEFAULT-VALUE}).")
    private String to;

    @Option(order = 2, names = "--points", paramLabel = "N", defaultValue = "6",
        description = "Points of the curve below the limit (default: ${DEFAULT-VALUE}).")
    private int points;

    @Option(order = 3, names = "--refine", paramLabel = "PART", defaultValue = "0.05",
        description = "How close limit and first miss are to be, 0.05 for 5 %% (default: ${DEFAULT-VALUE}).")
    private double refine;

    @Option(order = 4, names = "--repeat", paramLabel = "N", defaultValue = "3",
        description = "Runs at the limit; most of them must meet it, else it is lowered (default: ${DEFAULT-VALUE}).")
    private int repeat;

    private final Set<Long> spoilt = new TreeSet<>();
    private RateSearch search;

    /** Picocli makes the instance. */
    public BenchSweepCommand() {
    }

    @Override
    ExperimentCommand fresh() {
        return new BenchSweepCommand();
    }

    @Override
    void prepare() {
        if (options.isGiven("rate")) {
            throw new WorkloadException("rate: a sweep sets it itself; say where to begin with --from and where to "
                + "end with --to");
        }
        final Workload first = workload(Units.rateOf("from", from));
        if (first.slo().isEmpty()) {
            throw new WorkloadException("slo: none; say what a rate must meet, such as --slo 'rt.p99<10ms'");
        }
        if (first.arrival().isCurve()) {
            throw new WorkloadException("arrival: value=" + first.arrival().word() + " has rates of its own; a "
                + "sweep sets the rate, use uniform, poisson or burst");
        }
        search = new RateSearch(Units.rateOf("from", from), Units.rateOf("to", to), points, refine, repeat);
    }

    @Override
    int run(final BenchSession session, final Path out) {
        final ExperimentRun experiment = new ExperimentRun(session, out, Experiment.SWEEP, before());
        experiment.store();
        final List<SweepResult.Point> found = new ArrayList<>();
        final PrintWriter console = spec.commandLine().getOut();
        int incorrect = ExitCodes.OK;
        for (RateSearch.Step step = search.next(); step != null; step = search.next()) {
            boolean isMet = false;
            boolean isSpoilt = false;
            boolean isOnceMore = true;
            for (int attempt = 1; attempt <= 2 && isOnceMore; attempt++) {
                final String name = String.format(Locale.ROOT, "P%03d-%s", found.size() + 1, step.stage());
                session.progress().prefix(name + " " + Units.rate(step.ratePerS()));
                final Workload workload = workload(step.ratePerS());
                final RunReport report = experiment.run(name, workload, null, "R" + step.ratePerS(),
                    "rate=" + step.ratePerS(), found.size() + 1, WorkloadYaml.sha256(workload, List.of("topic")));
                final RunDocument document = report.document();
                if (document.status() == RunStatus.INTERRUPTED || document.status() == RunStatus.FAILED) {
                    store(out, found, false);
                    sayHowToGoOn(out);
                    return report.exitCode();
                }
                if (report.exitCode() == ExitCodes.INCORRECT) {
                    incorrect = ExitCodes.INCORRECT;
                }
                isMet = report.exitCode() == ExitCodes.OK;
                final boolean isUnsteady = isStillWarming(document.invalidReasons());
                isSpoilt = isSpoilt(document.invalidReasons()) || isUnsteady && !report.isRising();
                isOnceMore = isSpoilt || isUnsteady;
                found.add(point(name, step, document, isMet, isSpoilt));
                if (!options.json) {
                    CellPrinter.row(console, name, "rate=" + step.ratePerS()
                        + (isMet ? "  met" : isSpoilt ? "  spoilt" : "  missed"), document);
                }
            }
            if (isSpoilt && DECIDING.contains(step.stage())) {
                spoilt.add(step.ratePerS());
            }
            search.answer(isMet);
            store(out, found, false);
        }
        store(out, found, true);
        if (options.json) {
            console.println(readBack(out));
        } else {
            summary(console, out);
        }
        console.flush();
        return incorrect != ExitCodes.OK ? incorrect : search.isFound() ? ExitCodes.OK : ExitCodes.SLO_MISSED;
    }

    /**
     * {@return true if nothing but the machine made a run invalid, so that it says nothing about its rate}
     *
     * @param reasons why it is invalid; none if it is not
     */
    static boolean isSpoilt(final List<String> reasons) {
        return !reasons.isEmpty() && SPOILERS.containsAll(reasons);
    }

    /**
     * A cluster that is still warming up is warmer in the next run, and gets faster; with a rate that is too high it is
     * not steady, ever, and gets slower.
     */
    private static boolean isStillWarming(final List<String> reasons) {
        return reasons.contains("steady") && isSpoilt(reasons.stream().map(reason ->
            "steady".equals(reason) ? "hiccup" : reason).toList());
    }

    /** Above the limit: what lies below it has been met since. */
    private List<Long> undecided() {
        return spoilt.stream().filter(rate -> rate > search.limitPerS()).toList();
    }

    private static String readBack(final Path out) {
        try {
            return Files.readString(out.resolve(RunFiles.SWEEP));
        } catch (final IOException ex) {
            throw new UncheckedIOException("cannot read back " + out, ex);
        }
    }

    private void summary(final PrintWriter console, final Path out) {
        console.println();
        if (search.isFound()) {
            console.printf(Locale.ROOT, "highest rate that meets %s: %s, met in %d of %d repeats%s%n",
                String.join(" and ", slo()),
                Units.rate(search.limitPerS()), search.repeatMet(), search.repeatCount(), search.missPerS() == 0
                    ? "; every rate tried met it, raise --to" : "; " + Units.rate(search.missPerS())
                    + (undecided().contains(search.missPerS()) ? " is undecided" : " did not"));
        } else {
            console.printf(Locale.ROOT, "no rate was found that meets %s and holds when it is repeated; the lowest "
                + "that missed is %s%n", String.join(" and ", slo()), Units.rate(search.missPerS()));
        }
        undecided().forEach(rate -> console.println("undecided: " + Units.rate(rate) + "; both of its runs "
            + "were spoilt by the machine or still warming up, so the search went on as if it had missed. Quieten the "
            + "machine or allow a longer --warmup, and sweep again."));
        console.println("result: " + out);
        console.println("report: millrace report " + out);
    }

    private Workload workload(final long ratePerS) {
        return options.settings().set("rate", String.valueOf(ratePerS)).build();
    }

    private List<String> slo() {
        return options.settings().build().slo().stream().map(Slo::word).toList();
    }

    private void store(final Path out, final List<SweepResult.Point> found, final boolean isComplete) {
        SweepStore.write(out, new SweepResult(SweepResult.SCHEMA, slo(),
            search.isFound() ? Long.valueOf(search.limitPerS()) : null, // a single run may have been lucky
            search.missPerS() == 0 ? null : Long.valueOf(search.missPerS()), undecided(),
            search.repeatMet(), search.repeatCount(), isComplete, List.copyOf(found)));
    }

    private static SweepResult.Point point(
        final String name, final RateSearch.Step step, final RunDocument document, final boolean isMet,
        final boolean isSpoilt) {
        final LatencySummary rt = document.measured().latency().get(Tags.ACK_RT);
        return new SweepResult.Point(name, step.stage(), step.ratePerS(), document.measured().achievedPerS(),
            rt == null ? null : rt.p50Ns(), rt == null ? null : rt.p99Ns(), rt == null ? null : rt.p999Ns(),
            document.status().word(), isMet, isSpoilt);
    }
}
