package io.millrace.cli.cluster;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.cli.exit.ExitCodes;
import io.millrace.cli.exit.UserError;
import java.io.IOException;
import java.io.PrintWriter;
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
    description = "Show the brokers, their processes, ports and files. Exits 0 when all are up, else 1.",
    footerHeading = "%nExamples:%n",
    footer = {
        "  millrace cluster status",
        "  millrace cluster status --json | jq '.nodes[].pid'",
    })
final class StatusCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ClusterOptions options;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        final ClusterLayout layout = options.layout();
        final List<NodeStatus> nodes = new LocalCluster(layout, line -> { }).status();
        if (nodes.isEmpty()) {
            throw new UserError("no cluster in " + layout.directory(),
                "Start one: millrace cluster start" + options.words());
        }
        final PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(tree(layout, nodes)));
        } else {
            print(out, layout, nodes);
        }
        final boolean allUp = nodes.stream().allMatch(node -> node.state() == NodeStatus.State.UP);
        return allUp ? ExitCodes.OK : ExitCodes.FAILED;
    }

    private void print(final PrintWriter out, final ClusterLayout layout, final List<NodeStatus> nodes) {
        out.println("Cluster " + layout.directory() + ", bootstrap servers " + layout.bootstrapServers());
        out.printf("%-5s %-9s %-9s %-16s %-16s %-12s%n", "node", "state", "pid", "kafka", "replication/udp",
            "metadata/udp");
        int down = 0;
        for (final NodeStatus node : nodes) {
            down += node.state() == NodeStatus.State.DOWN ? 1 : 0;
            out.printf("%-5d %-9s %-9s %-16s %-16d %-12d%n", node.nodeId(), word(node.state()),
                node.pid() == 0 ? "-" : Long.toString(node.pid()), node.listener(), node.replicationPort(),
                node.metadataPort());
        }
        for (final NodeStatus node : nodes) {
            out.println("node " + node.nodeId() + ": data " + node.data() + ", log " + node.log());
        }
        if (down > 0) {
            out.println(down + " of " + nodes.size() + " brokers are down; bring them back: millrace cluster start"
                + options.words());
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
