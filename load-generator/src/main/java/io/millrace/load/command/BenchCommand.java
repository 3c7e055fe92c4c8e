package io.millrace.load.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Groups the commands of the load generator. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = "Measure a live cluster: ours, or any that speaks the Kafka protocol.",
    subcommands = {BenchRunCommand.class, BenchSweepCommand.class, BenchMatrixCommand.class, BenchAbCommand.class,
        BenchListCommand.class, BenchShowCommand.class, BenchCalibrateCommand.class, BenchDoctorCommand.class,
        BenchVerifyCommand.class, BenchWorkerCommand.class, BenchHiccupCommand.class, BenchConvertCommand.class},
    synopsisSubcommandLabel = "COMMAND")
public final class BenchCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    /** Picocli makes the instance. */
    public BenchCommand() {
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Which command?");
    }
}
