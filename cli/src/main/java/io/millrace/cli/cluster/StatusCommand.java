package io.millrace.cli.cluster;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.cli.exit.ExitCodes;
import io.millrace.cli.exit.UserError;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code millrace cluster status}. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    description = "Show controllers, brokers and shards: who leads, who is in sync, who lags; of a local cluster the "
        + "processes, too. Exits 0 when all is well, 1 when something is down or under-replicated, 3 when no broker of "
        + "--bootstrap-server answers.",
    footerHeading = "%nExamples:%n",
    footer = {
        "  millrace cluster status",
        "  millrace cluster status --bootstrap-server 10.0.0.1:9092,10.0.0.2:9092",
        "  millrace cluster status --json | jq '.problems'",
    })
final class StatusCommand implements Callable<Integer> {
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    @Spec
    private CommandSpec spec;

    @Mixin
    private ClusterOptions options;

    @Option(names = "--bootstrap-server", paramLabel = "HOST:PORT[,...]",
        description = "Ask these brokers, and those they name, instead of looking into a directory.")
    private String bootstrapServer;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        return bootstrapServer == null ? ofDirectory() : ofBrokers();
    }

    private int ofBrokers() throws IOException {
        final ClusterViews views = ClusterViews.ask(ClusterViews.parse(bootstrapServer), TIMEOUT);
        if (views.isEmpty()) {
            throw new UserError(ExitCodes.UNREACHABLE, "no broker answers: " + views.failures(),
                "Name a running Millrace broker with --bootstrap-server HOST:PORT.");
        }
        final ClusterOverview overview = ClusterOverview.of(views);
        final PrintWriter out = spec.commandLine().getOut();
        if (json) {
            final Map<String, Object> tree = new LinkedHashMap<>();
            tree.put("schema", "millrace/cluster-status/v1");
            tree.put("bootstrapServers", bootstrapServer);
            tree.putAll(overview.tree());
            print(out, tree);
        } else {
            OverviewPrinter.print(out, overview);
            OverviewPrinter.printVerdict(out, overview.problems());
        }
        return overview.problems().isEmpty() ? ExitCodes.OK : ExitCodes.FAILED;
    }

    private int ofDirectory() throws IOException {
        final ClusterLayout layout = options.layout();
        final List<NodeStatus> nodes = new LocalCluster(layout, line -> { }).status();
        if (nodes.isEmpty()) {
            throw new UserError("no cluster in " + layout.directory(),
                "Start one: millrace cluster start" + options.words()
                    + ", or name a broker of another one: --bootstrap-server HOST:PORT");
        }
        final List<InetSocketAddress> running = nodes.stream().filter(node -> node.state() == NodeStatus.State.UP)
            .map(node -> ClusterViews.parse(node.listener()).get(0)).toList();
        final ClusterViews views = ClusterViews.ask(running, TIMEOUT);
        final ClusterOverview overview = views.isEmpty() ? null : ClusterOverview.of(views);
        final List<String> problems = problems(nodes, overview);
        final PrintWriter out = spec.commandLine().getOut();
        if (json) {
            final Map<String, Object> tree = tree(layout, nodes);
            tree.putAll(overview == null ? Map.of() : overview.tree());
            tree.put("healthy", problems.isEmpty());
            tree.put("problems", problems);
            print(out, tree);
        } else {
            print(out, layout, nodes);
            if (overview != null) {
                out.println();
                OverviewPrinter.print(out, overview);
            }
            OverviewPrinter.printVerdict(out, problems);
        }
        return problems.isEmpty() ? ExitCodes.OK : ExitCodes.FAILED;
    }

    private List<String> problems(final List<NodeStatus> nodes, final ClusterOverview overview) {
        final List<String> problems = new ArrayList<>();
        final long downCount = nodes.stream().filter(node -> node.state() == NodeStatus.State.DOWN).count();
        final long startingCount = nodes.stream().filter(node -> node.state() == NodeStatus.State.STARTING).count();
        if (downCount > 0) {
            problems.add(downCount + " of " + nodes.size() + " brokers are down; bring them back: millrace cluster "
                + "start" + options.words());
        }
        if (startingCount > 0) {
            problems.add(startingCount + " of " + nodes.size() + " brokers run, but their Kafka port does not answer");
        }
        if (overview != null) {
            problems.addAll(overview.problems());
        } else if (downCount + startingCount < nodes.size()) {
            problems.add("no broker tells of the cluster; their logs say why");
        }
        return problems;
    }

    private static void print(final PrintWriter out, final Map<String, Object> tree) throws IOException {
        out.println(new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(tree));
    }

    private static void print(final PrintWriter out, final ClusterLayout layout, final List<NodeStatus> nodes) {
        out.println("Cluster " + layout.directory() + ", bootstrap servers " + layout.bootstrapServers());
        out.printf("%-5s %-9s %-9s %-16s %-16s %-12s%n", "node", "state", "pid", "kafka", "replication/udp",
            "metadata/udp");
        for (final NodeStatus node : nodes) {
            out.printf("%-5d %-9s %-9s %-16s %-16d %-12d%n", node.nodeId(), word(node.state()),
                node.pid() == 0 ? "-" : Long.toString(node.pid()), node.listener(), node.replicationPort(),
                node.metadataPort());
        }
        for (final NodeStatus node : nodes) {
            out.println("node " + node.nodeId() + ": data " + node.data() + ", log " + node.log());
        }
    }

    private static String word(final NodeStatus.State state) {
        return state.name().toLowerCase(java.util.Locale.ROOT);
    }

    private static Map<String, Object> tree(final ClusterLayout layout, final List<NodeStatus> nodes) {
        final Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("schema", "millrace/cluster-status/v1");
        tree.put("directory", layout.directory().toString());
        tree.put("bootstrapServers", layout.bootstrapServers());
        tree.put("nodes", nodes.stream().map(StatusCommand::tree).toList());
        return tree;
    }

    private static Map<String, Object> tree(final NodeStatus node) {
        final Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("nodeId", node.nodeId());
        tree.put("state", word(node.state()));
        tree.put("pid", node.pid() == 0 ? null : node.pid());
        tree.put("listener", node.listener());
        tree.put("replicationPort", node.replicationPort());
        tree.put("metadataPort", node.metadataPort());
        tree.put("data", node.data().toString());
        tree.put("log", node.log().toString());
        return tree;
    }
}
