package io.millrace.cli.cluster;

import io.millrace.cli.exit.ExitCodes;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code millrace cluster start}. */
@Command(
    name = "start",
    mixinStandardHelpOptions = true,
    description = "Start the brokers that do not run, and wait until the cluster is ready.",
    footerHeading = "%nExamples:%n",
    footer = {
        "  millrace cluster start",
        "  millrace cluster start --base-port 19092      a second cluster beside it",
        "  millrace cluster start --brokers 5            five brokers, three of them controllers",
        "  millrace cluster start --set min.insync.replicas=1",
    })
final class StartCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ClusterOptions options;

    @Option(names = "--brokers", paramLabel = "N",
        description = "How many brokers, 1 to " + ClusterLayout.MAX_NODE_COUNT + ", at the first start; the metadata "
            + "quorum takes three of them at most. Default: " + ClusterLayout.NODE_COUNT)
    private Integer brokers;

    @Option(names = "--timeout", paramLabel = "TIME", defaultValue = "60s", converter = DurationConverter.class,
        description = "How long to wait for readiness. Default: ${DEFAULT-VALUE}")
    private Duration timeout;

    @Option(names = "--set", paramLabel = "KEY=VALUE",
        description = "A property for every broker; kept for later starts. May be repeated.")
    private final Map<String, String> overrides = new LinkedHashMap<>();

    @Override
    public Integer call() throws IOException {
        final PrintWriter out = spec.commandLine().getOut();
        final ClusterLayout stored = options.layout();
        final ClusterLayout layout = brokers == null ? stored : stored.withNodeCount(brokers);
        final long startNs = System.nanoTime();
        final List<Integer> started = new LocalCluster(layout, out::println).start(overrides, timeout);
        if (started.isEmpty()) {
            out.println("All brokers run already.");
        }
        out.printf("Ready after %.1f s: bootstrap servers %s%n",
            Duration.ofNanos(System.nanoTime() - startNs).toMillis() / 1e3, layout.bootstrapServers());
        out.println("Files: " + layout.directory() + "; see millrace cluster status" + options.words());
        return ExitCodes.OK;
    }
}
