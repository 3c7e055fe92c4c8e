package io.millrace.broker.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Gathers the commands that look at log files without a running node. Owned by the main thread. */
@Command(
    name = "log",
    mixinStandardHelpOptions = true,
    description = "Looks at the log files of a node that is down, and changes none of them.",
    subcommands = {LogVerifyCommand.class, LogDumpCommand.class},
    synopsisSubcommandLabel = "COMMAND",
    footerHeading = "%nExamples:%n",
    footer = {
        "  millrace log verify ~/.millrace/cluster-9092/node-1/data",
        "  millrace log dump ~/.millrace/cluster-9092/node-1/data/shard-0 --max-frames 20"})
public final class LogCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    /** Picocli makes the instance. */
    public LogCommand() {
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Which command: verify or dump?");
    }
}
