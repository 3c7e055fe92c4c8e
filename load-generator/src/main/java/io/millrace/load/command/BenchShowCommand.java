package io.millrace.load.command;

import io.millrace.load.run.ExitCodes;
import io.millrace.load.run.WorkloadYaml;
import io.millrace.load.workload.WorkloadBuilder;
import io.millrace.load.workload.WorkloadException;
import io.millrace.load.workload.WorkloadFile;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows a preset, or checks a workload file and shows what it comes to. Main thread. */
@Command(
    name = "show",
    mixinStandardHelpOptions = true,
    description = "Print a preset as it is, or, with --resolved, a preset or workload file with every value in force.",
    footerHeading = "%nExamples:%n",
    footer = {
        "  millrace bench show failover > mine.yaml",
        "  millrace bench show --resolved mine.yaml"})
public final class BenchShowCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "WORKLOAD", description = "Name of a preset, or a workload file.")
    private String workload;

    @Option(names = "--resolved", description = "Every value in force, defaults included.")
    private boolean isResolved;

    /** Picocli makes the instance. */
    public BenchShowCommand() {
    }

    @Override
    public Integer call() {
        try {
            final WorkloadFile file = WorkloadFile.read(workload);
            final WorkloadBuilder settings = new WorkloadBuilder();
            file.applyTo(settings);
            final String resolved = WorkloadYaml.write(settings.build());
            spec.commandLine().getOut().print(
                isResolved || !WorkloadFile.presets().contains(workload) ? resolved : WorkloadFile.preset(workload));
            spec.commandLine().getOut().flush();
            return ExitCodes.OK;
        } catch (final WorkloadException ex) {
            throw new ParameterException(spec.commandLine(), ex.getMessage(), ex);
        }
    }
}
