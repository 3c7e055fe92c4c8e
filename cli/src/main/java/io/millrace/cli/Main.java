package io.millrace.cli;

import io.millrace.broker.command.BrokerCommand;
import io.millrace.broker.command.CountersCommand;
import io.millrace.broker.command.LogCommand;
import io.millrace.broker.config.ConfigException;
import io.millrace.cli.cluster.ClusterCommand;
import io.millrace.cli.exit.ExitCodes;
import io.millrace.cli.exit.UserError;
import io.millrace.engine.io.FileProblems;
import io.millrace.load.command.BenchCommand;
import io.millrace.results.command.CompareCommand;
import io.millrace.results.command.HistoryCommand;
import io.millrace.results.command.ReportCommand;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The one command. Owned by the main thread. */
@Command(
    name = "millrace",
    versionProvider = BuildInfo.class,
    mixinStandardHelpOptions = true,
    description = "A replicated log built to be measured: Kafka's model and wire protocol on its own engine.",
    subcommands = {DemoCommand.class, BrokerCommand.class, ClusterCommand.class, BenchCommand.class,
        ReportCommand.class, CompareCommand.class, HistoryCommand.class, CountersCommand.class, JmhCommand.class,
        LogCommand.class, CampaignCommand.class, SimulateCommand.class, ChaosCommand.class},
    synopsisSubcommandLabel = "COMMAND",
    footerHeading = "%nExamples:%n",
    footer = {
        "  millrace demo                      a first look, in three minutes",
        "  millrace cluster start             three brokers on 127.0.0.1:9092, 9093 and 9094",
        "  millrace cluster status",
        "  millrace COMMAND --help            options and examples of a command",
    })
public final class Main implements Runnable {
    @Spec
    private CommandSpec spec;

    /** Picocli makes the instance. */
    public Main() {
    }

    /**
     * Runs one command and ends the process with its exit code.
     *
     * @param args the command line.
     */
    public static void main(final String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        final CommandLine top = new CommandLine(new Main());
        showVersionEverywhere(top);
        return top
            .setExecutionExceptionHandler(Main::explain)
            .setParameterExceptionHandler(Main::explainUsage)
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setAbbreviatedOptionsAllowed(false)
            .setUsageHelpAutoWidth(true);
    }

    private static void showVersionEverywhere(final CommandLine command) {
        for (final CommandLine subcommand : command.getSubcommands().values()) {
            subcommand.getCommandSpec().versionProvider(new BuildInfo());
            showVersionEverywhere(subcommand);
        }
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Which command?");
    }

    private static int explain(
        final Exception failure, final CommandLine command, final CommandLine.ParseResult parsed) {
        final PrintWriter err = command.getErr();
        if (failure instanceof UserError userError) {
            err.println("millrace: " + userError.getMessage());
            userError.remedy().lines().forEach(line -> err.println("  " + line));
            return userError.exitCode();
        }
        if (failure instanceof ConfigException) {
            err.println("millrace: " + failure.getMessage());
            return ExitCodes.FAILED;
        }
        if (FileProblems.isExplained(failure)) {
            err.println("millrace: " + FileProblems.describe((IOException) failure));
            return ExitCodes.FAILED;
        }
        err.printf("millrace: unexpected failure of %s; please report it:%n",
            command.getCommandSpec().qualifiedName());
        failure.printStackTrace(err);
        return ExitCodes.FAILED;
    }

    private static int explainUsage(final ParameterException failure, final String[] args) {
        final CommandLine command = failure.getCommandLine();
        final PrintWriter err = command.getErr();
        err.println("millrace: " + failure.getMessage());
        if (!CommandLine.UnmatchedArgumentException.printSuggestions(failure, err)
            && command.getCommandSpec().parent() == null && args.length == 0) {
            command.usage(err);
            return ExitCodes.USAGE;
        }
        err.println("  See: " + command.getCommandSpec().qualifiedName() + " --help");
        return ExitCodes.USAGE;
    }
}
