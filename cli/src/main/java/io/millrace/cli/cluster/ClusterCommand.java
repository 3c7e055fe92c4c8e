package io.millrace.cli.cluster;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Groups the commands of a local cluster. */
@Command(
    name = "cluster",
    mixinStandardHelpOptions = true,
    description =
        "Start, show and stop a local cluster, three brokers by default; show any cluster and elect leaders.",
    subcommands = {StartCommand.class, StatusCommand.class, ElectCommand.class, StopCommand.class},
    synopsisSubcommandLabel = "COMMAND")
public final class ClusterCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    /** Picocli makes the instance. */
    public ClusterCommand() {
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Which command?");
    }
}
