package io.millrace.cli.cluster;

import io.millrace.cli.exit.ExitCodes;
import io.millrace.cli.exit.UserError;
import io.millrace.transport.kafka.message.ClusterControl;
import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code millrace cluster elect}. */
@Command(
    name = "elect",
    mixinStandardHelpOptions = true,
    description = "Elect the leader of a shard by hand: give it back to its first replica or another in-sync one, or, "
        + "with --unclean, to a replica that may lack committed records. Exits 0 when all that was asked for was "
        + "done.",
    footerHeading = "%nExamples:%n",
    footer = {
        "  millrace cluster elect --all                          every shard back to its first replica",
        "  millrace cluster elect --shard 3 --broker 2",
        "  millrace cluster elect --shard 3 --broker 2 --unclean  when no in-sync replica will ever return",
    })
final class ElectCommand implements Callable<Integer> {
    private static final Duration STATUS_TIMEOUT = Duration.ofSeconds(2);
    /** Longer than a broker waits for the quorum. */
    private static final Duration TIMEOUT = Duration.ofSeconds(15);

    @Spec
    private CommandSpec spec;

    @Mixin
    private ClusterOptions options;

    @ArgGroup(multiplicity = "1")
    private Which which;

    @Option(names = "--broker", paramLabel = "ID", defaultValue = "" + ClusterControl.ANY_BROKER,
        showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER,
        description = "Who is to lead. Default: the first replica, with --unclean whoever has most")
    private int broker;

    @Option(names = "--unclean",
        description = "Elect also a replica that may lack committed records; they are lost. Asks first.")
    private boolean unclean;

    @Option(names = "--yes", description = "Do not ask.")
    private boolean yes;

    @Option(names = "--bootstrap-server", paramLabel = "HOST:PORT[,...]",
        description = "Ask these brokers instead of those of a local cluster.")
    private String bootstrapServer;

    /** One shard or all. */
    private static final class Which {
        @Option(names = "--shard", paramLabel = "N", required = true, description = "One shard; see 'cluster status'.")
        private Integer shard;

        @Option(names = "--all", required = true,
            description = "Every shard that its first replica does not lead; with --unclean those without a leader.")
        private boolean all;
    }

    @Override
    public Integer call() throws IOException {
        final ClusterViews views = ClusterViews.ask(
            ClusterViews.parse(bootstrapServer == null ? options.layout().bootstrapServers() : bootstrapServer),
            STATUS_TIMEOUT);
        if (views.isEmpty()) {
            throw new UserError(ExitCodes.UNREACHABLE, "no broker answers: " + views.failures(),
                "Start the cluster, or name a running broker with --bootstrap-server HOST:PORT.");
        }
        final ClusterOverview overview = ClusterOverview.of(views);
        final List<ClusterOverview.Shard> shards = choose(overview);
        final PrintWriter out = spec.commandLine().getOut();
        if (shards.isEmpty()) {
            out.println(unclean ? "Every shard has a leader." : "Every shard is led by its first replica.");
            return ExitCodes.OK;
        }
        if (unclean && !yes) {
            confirm(out, shards);
        }
        int refusedCount = 0;
        for (final ClusterOverview.Shard shard : shards) {
            final ClusterControl.Response response = ControlClient.ask(target(views, overview),
                new ClusterControl.Request(ClusterControl.ELECT, shard.id(), broker, unclean), TIMEOUT);
            refusedCount += response.errorCode() == 0 ? 0 : 1;
            out.println("shard " + shard.id() + ": " + (response.errorCode() == 0 ? "" : "refused, ")
                + response.text());
        }
        return refusedCount == 0 ? ExitCodes.OK : ExitCodes.FAILED;
    }

    private List<ClusterOverview.Shard> choose(final ClusterOverview overview) {
        if (which.all) {
            return overview.shards().stream().filter(shard -> unclean ? shard.leader() < 0
                : shard.leader() != (broker < 0 ? shard.replicas().get(0) : broker)
                    && (broker < 0 || shard.replicas().contains(broker))).toList();
        }
        final List<ClusterOverview.Shard> shards =
            overview.shards().stream().filter(shard -> shard.id() == which.shard).toList();
        if (shards.isEmpty()) {
            throw new UserError("no such shard: --shard " + which.shard,
                "Shards of this cluster: " + overview.shards().stream().map(ClusterOverview.Shard::id).toList());
        }
        return shards;
    }

    /** {@return a live broker, for it reaches the quorum; else any that answers} */
    private static InetSocketAddress target(final ClusterViews views, final ClusterOverview overview) {
        return overview.brokers().stream().filter(one -> one.answers() && "live".equals(one.state()))
            .map(one -> views.addressOf(one.id())).findFirst()
            .orElseGet(() -> views.addressOf(views.newest().path("nodeId").asInt()));
    }

    private void confirm(final PrintWriter out, final List<ClusterOverview.Shard> shards) throws IOException {
        for (final ClusterOverview.Shard shard : shards) {
            out.println("Shard " + shard.id() + " with " + shard.partitionCount() + " partitions, in-sync replicas "
                + shard.isr() + ": what only these have is lost for good, records acknowledged with acks=all included."
                + (shard.leader() < 0 ? "" : " It has a leader, broker " + shard.leader()
                + ", so an unclean election is not needed."));
        }
        out.print("Elect " + (broker < 0 ? "whoever has most" : "broker " + broker) + " all the same? Type yes: ");
        out.flush();
        final Console console = System.console();
        final String answer = console != null ? console.readLine()
            : new BufferedReader(new java.io.InputStreamReader(System.in, java.nio.charset.StandardCharsets.UTF_8))
                .readLine();
        if (answer == null || !answer.trim().equals("yes")) {
            throw new UserError("nothing was elected: the answer was not yes",
                "Pass --yes to go without the question.");
        }
    }
}
