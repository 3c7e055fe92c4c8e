package io.millrace.cli.cluster;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Prints an overview for people. Stateless. */
final class OverviewPrinter {
    private OverviewPrinter() {
    }

    static void print(final PrintWriter out, final ClusterOverview overview) {
        out.println("Cluster id " + (overview.clusterId() == null ? "not yet known" : overview.clusterId())
            + ", metadata version " + overview.version() + ", " + overview.topicCount() + " topics");
        printControllers(out, overview);
        printBrokers(out, overview.brokers());
        printShards(out, overview.shards());
    }

    static void printVerdict(final PrintWriter out, final List<String> problems) {
        if (problems.isEmpty()) {
            out.println("Healthy.");
        } else {
            out.println(problems.size() == 1 ? "1 problem:" : problems.size() + " problems:");
            problems.forEach(problem -> out.println("  - " + problem));
        }
    }

    private static void printControllers(final PrintWriter out, final ClusterOverview overview) {
        if (overview.controllers().isEmpty()) {
            return;
        }
        out.printf("%n%-11s %-12s %-6s %-14s %s%n", "controller", "state", "term", "log position", "metadata/udp");
        for (final ClusterOverview.Controller controller : overview.controllers()) {
            out.printf("%-11d %-12s %-6s %-14s %s%n", controller.nodeId(), controller.state(),
                known(controller.term()), known(controller.commitPosition()), controller.address());
        }
    }

    private static void printBrokers(final PrintWriter out, final List<ClusterOverview.Broker> brokers) {
        out.printf("%n%-11s %-14s %-8s %-6s %s%n", "broker", "state", "epoch", "leads", "address");
        for (final ClusterOverview.Broker broker : brokers) {
            out.printf("%-11d %-14s %-8d %-6d %s%s%n", broker.id(), broker.state(), broker.epoch(),
                broker.ledCount(), broker.address(), broker.answers() ? "" : " (does not answer)");
        }
    }

    private static void printShards(final PrintWriter out, final List<ClusterOverview.Shard> shards) {
        if (shards.isEmpty()) {
            out.println();
            return;
        }
        out.printf("%n%-6s %-22s %-7s %-6s %-11s %-10s %-10s %-14s %s%n", "shard", "class", "leader", "epoch",
            "partitions", "replicas", "in sync", "committed", "bytes behind");
        for (final ClusterOverview.Shard shard : shards) {
            out.printf("%-6d %-22s %-7s %-6d %-11d %-10s %-10s %-14s %s%n", shard.id(),
                shard.replicationFactor() + "x " + shard.profile() + ", min " + shard.minInsyncReplicas(),
                shard.leader() < 0 ? "none" : Integer.toString(shard.leader()), shard.leaderEpoch(),
                shard.partitionCount(), ids(shard.replicas()), ids(shard.isr()), known(shard.committed()),
                lags(shard));
            if (shard.uncleanElections() + shard.powerCutElections() > 0) {
                out.println("       elections that may have lost records: " + shard.uncleanElections()
                    + " by command, " + shard.powerCutElections() + " after a power cut");
            }
            shard.pins().forEach(pin -> out.println("       topic " + pin.topic() + " partition " + pin.partition()
                + " keeps " + pin.deadLength() + " bytes of dead records on disk: its own oldest are live"));
            if (!shard.eligible().isEmpty()) {
                out.println("       may also be elected: " + ids(shard.eligible()));
            }
        }
        out.println();
    }

    private static String lags(final ClusterOverview.Shard shard) {
        return shard.lagLengths().entrySet().stream().filter(lag -> lag.getKey() != shard.leader())
            .map(OverviewPrinter::lag).collect(Collectors.joining(" "));
    }

    private static String lag(final Map.Entry<Integer, Long> lag) {
        return lag.getKey() + ":" + (lag.getValue() == null ? "?" : lag.getValue());
    }

    private static String ids(final List<Integer> ids) {
        return ids.stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    private static String known(final long value) {
        return value < 0 ? "-" : String.format(Locale.ROOT, "%d", value);
    }
}
