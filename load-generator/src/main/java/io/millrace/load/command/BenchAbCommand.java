package io.millrace.load.command;

import io.millrace.load.run.ExitCodes;
import io.millrace.load.run.RunIdentity;
import io.millrace.load.run.RunReport;
import io.millrace.load.run.WorkloadYaml;
import io.millrace.load.workload.Units;
import io.millrace.load.workload.Workload;
import io.millrace.load.workload.WorkloadBuilder;
import io.millrace.load.workload.WorkloadException;
import io.millrace.results.model.Experiment;
import io.millrace.results.model.RunStatus;
import io.millrace.results.statistics.ControlFit;
import io.millrace.results.statistics.Rules;
import io.millrace.results.store.ExperimentData;
import io.millrace.results.store.ExperimentReader;
import io.millrace.results.store.ExperimentStore;
import io.millrace.results.store.RunFiles;
import io.millrace.results.store.RunReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Two workloads that differ in a few settings, run in turns: A B B A A B ... Main thread. */
@Command(
    name = "ab",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
        "Compare two settings on one cluster: the sides take turns (A B B A), each run with a topic of its own.",
        "--control aa runs side A against itself: alone, or with --b beside the comparison, pair by pair, into "
            + "control/ of the result. 'compare' and 'report' then call no difference improved or regressed that is "
            + "less than twice what equal sides differed by.",
        "Every option of 'bench run' applies to both sides; --a and --b say in what they differ."},
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
        " 0:every run valid, nothing acknowledged lost",
        " 1:internal error",
        " 2:bad option, or not enough disk",
        " 3:the cluster does not answer",
        " 4:a run is invalid (rate missed, errors, machine stalled); its data is kept",
        " 5:acknowledged records lost, doubled, out of order or damaged",
        " 99:a service level was not met",
        "130:interrupted; the partial result is kept, --resume goes on with it"},
    footerHeading = "%nExamples:%n",
    footer = {
        "  millrace bench ab --a acks=leader --b acks=all",
        "  millrace bench ab --a acks=leader --b acks=all --rate 20k --pairs 4 -d 20s",
        "  millrace bench ab acks-tail --a acks=leader --b acks=all --pairs 10",
        "  millrace bench ab --a driver=lean --b driver=java --rate -1 -n 2M",
        "  millrace bench ab --a acks=leader --b acks=all --pairs 6 --control aa",
        "  millrace bench ab --control aa --a acks=all       this machine's noise alone",
        "  millrace bench ab --resume bench-results/20260131-120000",
        "  millrace bench ab --a linger=0ms --b linger=5ms \\",
        "    --bootstrap-server 127.0.0.1:9092"})
public final class BenchAbCommand extends ExperimentCommand {
    private static final int MAX_PAIRS = 1_000;
    private static final String AGAIN = " (again)";
    private static final String CONTROL_NOTE =
        "A control: both sides are the same, so a difference is the noise of this machine.";

    @Option(order = 0, names = "--a", split = ",", paramLabel = "KEY=VALUE",
        description = "Settings of side A, the base; several with commas.")
    private List<String> sideA;

    @Option(order = 1, names = "--b", split = ",", paramLabel = "KEY=VALUE",
        description = "Settings of side B.")
    private List<String> sideB;

    @Option(order = 1, names = "--control", paramLabel = "aa",
        description = "Run side A against itself, too: what then looks like a difference is this machine's noise. "
            + "Without --b nothing else is run.")
    private String control;

    @Option(order = 2, names = "--bootstrap-server-b", paramLabel = "H:P[,H:P...]",
        description = "Cluster of side B, where it is another one than side A's --bootstrap-server. Both run all the "
            + "time, so each also pays for the other one's idling.")
    private String bootstrapServerB;

    @Option(order = 2, names = "--pairs", paramLabel = "N", defaultValue = "" + Rules.MIN_PAIRS,
        description = "Runs of each side, and of each side of a control. Fewer than " + Rules.MIN_PAIRS
            + " valid pairs allow no verdict, and a control of fewer is not taken by itself; more make intervals "
            + "narrower (default: ${DEFAULT-VALUE}).")
    private int pairCount;

    @Option(order = 3, names = "--prime", paramLabel = "TIME", defaultValue = "5s",
        description = "Load of each side before the first pair on a cluster started for this command, so that the "
            + "first run does not pay for the start; 0s for none (default: ${DEFAULT-VALUE}).")
    private String prime;

    private boolean isSame;
    private Workload a;
    private Workload b;
    private long primeNs;

    /** Picocli makes the instance. */
    public BenchAbCommand() {
    }

    @Override
    ExperimentCommand fresh() {
        return new BenchAbCommand();
    }

    @Override
    void prepare() {
        checkSides();
        a = side(sideA);
        b = side(sideB);
        primeNs = Units.durationNsOf("prime", prime);
        check();
        checkClusters();
    }

    @Override
    int run(final BenchSession session, final Path out) {
        final boolean isControlAlone = control != null && isSame;
        final ExperimentRun experiment =
            new ExperimentRun(session, out, isControlAlone ? Experiment.CONTROL : "ab", before());
        experiment.legs(
            List.of(new Experiment.Leg("A", label(true)), new Experiment.Leg("B", label(false))), pairCount);
        if (isControlAlone) {
            experiment.note(CONTROL_NOTE);
        }
        experiment.store();
        final ExperimentRun beside = control == null || isControlAlone ? null : control(session, out);
        final List<Side> turns = new ArrayList<>(List.of(
            new Side(experiment, "", "A", label(true), a, null, true),
            new Side(experiment, "", "B", label(false), b, bootstrapServerB, false)));
        if (beside != null) {
            turns.add(new Side(beside, "control ", "A", label(true), a, null, true));
            turns.add(new Side(beside, "control ", "B", label(true) + AGAIN, a, null, true));
        }
        int exitCode = ExitCodes.OK;
        for (int pair = 1; pair <= pairCount; pair++) {
            final List<String> names = List.of("A-" + pair, "B-" + pair);
            turns.stream().map(Side::experiment).distinct().forEach(of -> of.redoUnlessWhole(names));
            for (int turn = 0; turn < turns.size(); turn++) {
                // A B, then B A, each followed by a pair of the control that turns about alike
                final Side side = turns.get(pair % 2 == 1 ? turn : turn ^ 1);
                final RunReport report = run(session, side, pair);
                exitCode = ExitCodes.worse(exitCode, report.exitCode());
                final RunStatus status = report.document().status();
                if (status == RunStatus.INTERRUPTED || status == RunStatus.FAILED) {
                    sayHowToGoOn(out);
                    return exitCode;
                }
            }
        }
        final Map<String, Object> paramsA = RunReader.read(out.resolve("A-1")).document().params();
        final Map<String, Object> paramsB = RunReader.read(out.resolve("B-1")).document().params();
        final List<String> unequal = Promises.differences(paramsA, paramsB);
        unequal.forEach(experiment::note);
        experiment.store();
        AbPrinter.print(out, options.json, Promises.lines(paramsA, paramsB), unequal, spec.commandLine().getOut());
        if (beside != null && !options.json) {
            sayWhatTheControlIsWorth(out);
        }
        return exitCode;
    }

    private void sayWhatTheControlIsWorth(final Path out) {
        final ExperimentData data = ExperimentReader.read(List.of(out));
        final String objection =
            data.control() == null ? "it cannot be read" : ControlFit.objection(data.control(), data.runs("A"));
        spec.commandLine().getOut().println("control: " + out.resolve(RunFiles.CONTROL) + (objection == null
            ? ", which compare and report take for the noise of this machine"
            : ", which compare and report leave alone: " + objection));
        spec.commandLine().getOut().flush();
    }

    /** One turn of a pair. */
    private record Side(
        ExperimentRun experiment,
        String prefix,
        String leg,
        String label,
        Workload workload,
        String bootstrap,
        boolean isA) {
    }

    private RunReport run(final BenchSession session, final Side side, final int pair) {
        final String name = side.leg() + "-" + pair;
        if (!side.experiment().isDone(name)) {
            prime(session, side.experiment(), side.isA());
        }
        session.progress().prefix(side.prefix() + side.leg() + " " + pair + "/" + pairCount);
        final RunReport report = side.experiment().run(name, side.workload(), side.bootstrap(), side.leg(),
            side.label(), pair, WorkloadYaml.sha256(a, differing(a, b)));
        if (!options.json) {
            RunPrinter.print(report, side.workload(), false, options.verbose, spec.commandLine().getOut());
        }
        return report;
    }

    private ExperimentRun control(final BenchSession session, final Path out) {
        final Path dir = out.resolve(RunFiles.CONTROL);
        final ExperimentRun beside = new ExperimentRun(session, dir, Experiment.CONTROL,
            Files.exists(dir.resolve(RunFiles.EXPERIMENT)) ? ExperimentStore.read(dir) : null);
        beside.legs(List.of(new Experiment.Leg("A", label(true)), new Experiment.Leg("B", label(true) + AGAIN)),
            pairCount);
        beside.note(CONTROL_NOTE);
        beside.store();
        return beside;
    }

    /** Load on a cluster that was started just now: the first run is not to pay for the start. */
    private void prime(final BenchSession session, final ExperimentRun experiment, final boolean isA) {
        final boolean isFreshEach = !BenchSession.identityOf(a).equals(BenchSession.identityOf(b));
        if (isFreshEach) {
            session.closeSystem(); // each run on a system of its own, and none that idles beside it
            experiment.note("The sides are different systems: each run had one started for it with new data, primed "
                + "for "
                + prime + ", and stopped after it; the other one did not run.");
        }
        if (!session.prepare(isA ? a : b, isA ? null : bootstrapServerB) || primeNs == 0) {
            return;
        }
        if (!isFreshEach) {
            experiment.note("A cluster was started for the experiment and primed for " + prime
                + " before its first run; "
                + "every run had a topic of its own.");
            prime(session, experiment, sideA);
            prime(session, experiment, sideB);
        } else {
            prime(session, experiment, isA ? sideA : sideB);
        }
    }

    /** What it measures is thrown away: it says how the brokers start, not how they run. */
    private void prime(final BenchSession session, final ExperimentRun experiment, final List<String> side) {
        final WorkloadBuilder settings = options.settings();
        side.forEach(settings::set);
        settings.set("warmup", "0s").set("verify", "false").set("num-records", "0").set("duration", primeNs + "ns")
            .set("faults", "").set("backlog", "0").set("cooldown", "0s").set("slo", "")
            .set("restart-broker", "false");
        session.progress().prefix("prime");
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            session.run(settings.build(), null, new RunIdentity(UUID.randomUUID(),
                scratch.path().resolve("run"), experiment.id(), null, null, 0, session.command(), null));
        }
    }

    private void checkSides() {
        if (control != null) {
            if (!"aa".equals(control)) {
                throw new WorkloadException("control: value=" + control + " is not aa");
            }
            isSame = sideB == null;
            sideA = sideA == null ? List.of() : sideA;
            sideB = isSame ? sideA : sideB;
        } else if (sideA == null || sideB == null) {
            throw new WorkloadException("sides: --a and --b say what is compared, such as --a acks=leader --b "
                + "acks=all; or pass --control aa");
        }
    }

    private Workload side(final List<String> assignments) {
        final WorkloadBuilder settings = options.settings();
        assignments.forEach(settings::set);
        return settings.build();
    }

    private String label(final boolean isA) {
        final String own = String.join(" ", isA ? sideA : sideB);
        final String settings = (own.isEmpty() ? "as given" : own) + (isSame && !isA ? AGAIN : "");
        return bootstrapServerB == null
            ? settings : settings + " at " + (isA ? options.bootstrapServer : bootstrapServerB);
    }

    private static List<String> differing(final Workload a, final Workload b) {
        final Map<String, Object> other = b.asTree();
        final List<String> keys = new ArrayList<>(List.of("topic"));
        a.asTree().forEach((key, value) -> {
            if (!Objects.equals(value, other.get(key))) {
                keys.add(key);
            }
        });
        return keys;
    }

    private void checkClusters() {
        if (bootstrapServerB == null) {
            return;
        }
        if (options.bootstrapServer == null) {
            throw new WorkloadException("bootstrap-server-b: value=" + bootstrapServerB + " names side B's cluster, "
                + "but side A has none to be compared with; add --bootstrap-server");
        }
        Addresses.check("bootstrap-server-b", bootstrapServerB, "127.0.0.1:9192");
    }

    private void check() {
        if (pairCount < 1 || pairCount > MAX_PAIRS) {
            throw new WorkloadException("pairs: value=" + pairCount + " is out of bounds; use 1 to " + MAX_PAIRS);
        }
        if (a.topic() != null || b.topic() != null) {
            throw new WorkloadException("topic: value=" + a.topic() + " cannot be set for a comparison, each run has a "
                + "topic of its own; leave --topic out");
        }
    }
}
