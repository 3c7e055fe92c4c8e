package io.millrace.load.command;

import io.millrace.load.run.ExitCodes;
import io.millrace.load.target.TargetSystem;
import io.millrace.load.workload.WorkloadFile;
import io.millrace.load.workload.WorkloadKeys;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What there is to run, and against what. Main thread. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    description = "List the presets, the systems that can be started and, with --settings, every setting.")
public final class BenchListCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--settings", description = "Every setting of a workload, with its place in a workload file.")
    private boolean isSettings;

    /** Picocli makes the instance. */
    public BenchListCommand() {
    }

    @Override
    public Integer call() {
        final PrintWriter out = spec.commandLine().getOut();
        if (isSettings) {
            for (final WorkloadKeys.Key key : WorkloadKeys.all()) {
                out.printf("%-20s %-26s %-12s %s%n", key.name(), key.path(), key.defaultValue(), key.summary());
            }
            out.flush();
            return ExitCodes.OK;
        }
        out.println("presets (millrace bench show NAME, millrace bench run NAME):");
        for (final String name : WorkloadFile.presets()) {
            final String summary = WorkloadFile.preset(name).lines().filter(line -> line.startsWith("# ")).findFirst()
                .map(line -> line.substring(2)).orElse("");
            out.printf("  %-18s %s%n", name, summary);
        }
        out.println();
        out.println("systems (--target NAME):");
        for (final TargetSystem system : TargetSystem.all()) {
            out.printf("  %-18s %s%n", system.name(), system.summary());
        }
        out.flush();
        return ExitCodes.OK;
    }
}
