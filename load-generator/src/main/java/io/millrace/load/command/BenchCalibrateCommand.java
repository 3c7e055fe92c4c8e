package io.millrace.load.command;

import io.millrace.load.run.ExitCodes;
import io.millrace.load.run.HarnessFloor;
import io.millrace.load.run.RunIdentity;
import io.millrace.load.run.RunReport;
import io.millrace.load.workload.Units;
import io.millrace.load.workload.Workload;
import io.millrace.load.workload.WorkloadBuilder;
import io.millrace.load.workload.WorkloadException;
import io.millrace.results.model.RunDocument;
import io.millrace.results.model.RunStatus;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.IModelTransformer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What the harness itself reaches on this machine. Main thread. */
@Command(
    name = "calibrate",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    modelTransformer = BenchCalibrateCommand.OwnHelp.class,
    description = {
        "Measure the load generator itself, with a driver that does nothing: the highest rate, the schedule lag and "
            + "the processor time of a record. Kept for this machine; later runs within three times of it say so.",
        "Options for a target, a schedule or a result have no effect here and are refused."},
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
        " 0:measured and kept",
        " 1:internal error",
        " 2:bad option",
        " 4:a run is invalid, this machine is too busy; nothing is kept",
        "130:interrupted"})
public final class BenchCalibrateCommand implements Callable<Integer> {
    private static final long DEFAULT_PACED_PER_S = 50_000;
    /** What the measurement sets itself, or has no use for. */
    private static final Set<String> NO_EFFECT = Set.of("--driver", "--target", "--bootstrap-server", "--rate",
        "--throughput", "--arrival", "--duration", "--num-records", "--warmup", "--consumers", "--faults", "--slo",
        "--workers", "--workers-file", "--workers-clock", "--worker-timeout", "--out", "--data", "--base-port",
        "--broker-pids", "--topic", "--replication-factor", "--verify", "--jfr", "--profile");

    @Spec
    private CommandSpec spec;

    @Option(order = 0, names = "--time", paramLabel = "TIME", defaultValue = "5s",
        description = "Of each of the two measurements (default: ${DEFAULT-VALUE}).")
    private String time;

    @Mixin
    private WorkloadOptions options;

    /** Picocli makes the instance. */
    public BenchCalibrateCommand() {
    }

    @Override
    public Integer call() {
        final Workload fastest;
        try {
            checkOptions();
            fastest = settings().set("rate", "-1").build();
        } catch (final WorkloadException ex) {
            throw new ParameterException(spec.commandLine(), ex.getMessage(), ex);
        }
        final BenchSession session = new BenchSession(spec.commandLine(), options);
        return session.execute(Path.of("."), true, () -> {
            try (ScratchDirectory scratch = ScratchDirectory.create()) {
                return run(session, fastest, scratch.path());
            }
        });
    }

    /** Keeps what is refused out of the help. */
    static final class OwnHelp implements IModelTransformer {
        @Override
        public CommandSpec transform(final CommandSpec command) {
            for (final OptionSpec option : List.copyOf(command.options())) {
                if (NO_EFFECT.contains(option.longestName())) {
                    command.remove(option);
                    command.addOption(option.toBuilder().hidden(true).build());
                }
            }
            return command;
        }
    }

    private void checkOptions() {
        final String idle = spec.commandLine().getParseResult().matchedOptions().stream()
            .map(OptionSpec::longestName).filter(NO_EFFECT::contains).distinct().collect(Collectors.joining(", "));
        if (!idle.isEmpty()) {
            throw new WorkloadException("calibrate: " + idle + " would have no effect: the null driver is measured, "
                + "with and without a schedule; leave it out, or use 'bench run', which takes other floors such as "
                + "--target file");
        }
    }

    /**
     * {@return what makes one of the two measurements worthless; empty if nothing does}
     *
     * @param fastest without a schedule
     * @param paced   with one
     */
    static List<String> invalidReasons(final RunDocument fastest, final RunDocument paced) {
        return Stream.of(fastest, paced).filter(run -> run.status() != RunStatus.OK)
            .flatMap(run -> run.invalidReasons().isEmpty() ? Stream.of(run.status().word())
                : run.invalidReasons().stream()).distinct().toList();
    }

    private int run(final BenchSession session, final Workload fastest, final Path dir) {
        session.progress().prefix("highest rate");
        final RunReport first = session.run(fastest, null, identity(session, dir.resolve("fastest")));
        if (first.document().status() == RunStatus.INTERRUPTED) {
            return ExitCodes.INTERRUPTED;
        }
        final long pacedPerS =
            Math.max(1, Math.min(DEFAULT_PACED_PER_S, (long) (first.document().measured().achievedPerS() / 2)));
        session.progress().prefix("paced");
        final RunReport second = session.run(settings().set("rate", String.valueOf(pacedPerS)).build(), null,
            identity(session, dir.resolve("paced")));
        if (second.document().status() == RunStatus.INTERRUPTED) {
            return ExitCodes.INTERRUPTED;
        }
        final HarnessFloor floor = HarnessFloor.of(BenchSession.fingerprint(), first.document().measured(),
            second.document().measured(), fastest.recordLength());
        print(floor);
        final List<String> reasons = invalidReasons(first.document(), second.document());
        if (!reasons.isEmpty()) {
            spec.commandLine().getErr().println("millrace: not kept, the measurement is invalid: "
                + String.join(", ", reasons) + "; quieten the machine and try again");
            return ExitCodes.INVALID;
        }
        final Path file = floor.store();
        if (!options.json) {
            spec.commandLine().getOut().println("kept in " + file);
            spec.commandLine().getOut().flush();
        }
        return ExitCodes.OK;
    }

    private WorkloadBuilder settings() {
        final long durationNs = Units.durationNsOf("time", time);
        return options.settings().set("driver", "null").set("arrival", "uniform").set("num-records", "0")
            .set("consumers", "0").set("faults", "").set("slo", "").set("backlog", "0")
            .set("warmup", "1s").set("duration", durationNs + "ns");
    }

    private static RunIdentity identity(final BenchSession session, final Path dir) {
        return new RunIdentity(UUID.randomUUID(), dir, null, null, null, 0, session.command(), null);
    }

    private void print(final HarnessFloor floor) {
        final PrintWriter out = spec.commandLine().getOut();
        if (options.json) {
            out.println(floor.json());
        } else {
            out.printf(Locale.ROOT, "%nhighest rate   %s of %d B, no schedule%n", Units.rate(floor.maxRatePerS()),
                floor.recordBytes());
            out.printf(Locale.ROOT, "at %s: schedule lag p99 %s, p99.9 %s; %s CPU a record%n",
                Units.rate(floor.pacedPerS()), CellPrinter.value(floor.lagP99Ns()),
                CellPrinter.value(floor.lagP999Ns()), floor.cpuNsPerMsg() == null ? "-"
                    : Units.duration(Math.round(floor.cpuNsPerMsg())));
        }
        out.flush();
    }
}
