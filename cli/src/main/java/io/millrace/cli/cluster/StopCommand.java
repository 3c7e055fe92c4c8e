package io.millrace.cli.cluster;

import io.millrace.cli.exit.ExitCodes;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code millrace cluster stop}. */
@Command(
    name = "stop",
    mixinStandardHelpOptions = true,
    description = "Stop the brokers of a cluster; its data stays.",
    footerHeading = "%nExamples:%n",
    footer = {
        "  millrace cluster stop",
        "  millrace cluster stop --base-port 19092",
    })
final class StopCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ClusterOptions options;

    @Option(names = "--timeout", paramLabel = "TIME", defaultValue = "20s", converter = DurationConverter.class,
        description = "How long a broker may take to end before it is killed. Default: ${DEFAULT-VALUE}")
    private Duration timeout;

    @Override
    public Integer call() throws IOException {
        final PrintWriter out = spec.commandLine().getOut();
        final ClusterLayout layout = options.layout();
        if (new LocalCluster(layout, out::println).stop(timeout) == 0) {
            out.println("No broker runs in " + layout.directory() + ".");
        }
        return ExitCodes.OK;
    }
}
