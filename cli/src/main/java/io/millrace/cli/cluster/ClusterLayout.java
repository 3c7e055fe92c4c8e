package io.millrace.cli.cluster;

import io.millrace.cli.exit.ExitCodes;
import io.millrace.cli.exit.UserError;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a local cluster keeps its files and which ports it takes: everything follows from the directory and the base
 * port. Node ids run from 1; the rank of node {@code n} is {@code n - 1}.
 *
 * @param directory of the whole cluster
 * @param basePort  Kafka port of node 1
 * @param nodeCount brokers
 */
public record ClusterLayout(Path directory, int basePort, int nodeCount) {
    /** Where Kafka listens, too. */
    public static final int DEFAULT_BASE_PORT = 9092;
    /** Brokers of a local cluster when no other count is asked for. */
    public static final int NODE_COUNT = 3;
    static final int MAX_NODE_COUNT = 5;
    static final String HOST = "127.0.0.1";

    private static final int REPLICATION_PORT_OFFSET = 1000;
    private static final int METADATA_PORT_OFFSET = 2000;
    /** UDP ports a broker takes from its replication port on, and from its metadata port on. */
    static final int REPLICATION_PORT_COUNT = 15;
    static final int METADATA_PORT_COUNT = 10;

    /** From one node's ports to the next one's. */
    private static final int PORTS_PER_NODE = 20;
    private static final int SMALLEST_BASE_PORT = 1024;
    private static final int LARGEST_BASE_PORT =
        65_535 - METADATA_PORT_OFFSET - MAX_NODE_COUNT * PORTS_PER_NODE;

    /** Checks the port. */
    public ClusterLayout {
        if (basePort < SMALLEST_BASE_PORT || basePort > LARGEST_BASE_PORT) {
            throw new UserError(ExitCodes.USAGE,
                "base port out of range: base-port=" + basePort,
                "Choose one from " + SMALLEST_BASE_PORT + " to " + LARGEST_BASE_PORT
                    + "; replication and metadata ports are derived from it.");
        }
        if (nodeCount < 1 || nodeCount > MAX_NODE_COUNT) {
            throw new UserError(ExitCodes.USAGE, "count of brokers out of range: brokers=" + nodeCount,
                "Choose one from 1 to " + MAX_NODE_COUNT + ".");
        }
        directory = directory.toAbsolutePath().normalize();
    }

    /** {@return the layout in the directory that belongs to a base port when none is named} */
    public static ClusterLayout of(final Path directory, final int basePort) {
        return new ClusterLayout(directory == null ? defaultDirectory(basePort) : directory, basePort, NODE_COUNT);
    }

    private static Path defaultDirectory(final int basePort) {
        return Path.of(System.getProperty("user.home"), ".millrace", "cluster-" + basePort);
    }

    ClusterLayout withNodeCount(final int count) {
        return new ClusterLayout(directory, basePort, count);
    }

    int kafkaPort(final int nodeId) {
        return basePort + nodeId - 1;
    }

    int replicationPort(final int nodeId) {
        return basePort + REPLICATION_PORT_OFFSET + (nodeId - 1) * PORTS_PER_NODE;
    }

    int metadataPort(final int nodeId) {
        return basePort + METADATA_PORT_OFFSET + (nodeId - 1) * PORTS_PER_NODE;
    }

    /** {@return the value for a client's {@code bootstrap.servers}} */
    public String bootstrapServers() {
        final List<String> servers = new ArrayList<>();
        for (int nodeId = 1; nodeId <= nodeCount; nodeId++) {
            servers.add(HOST + ":" + kafkaPort(nodeId));
        }
        return String.join(",", servers);
    }

    Path lockFile() {
        return directory.resolve("cluster.lock");
    }

    Path stateFile() {
        return directory.resolve("cluster.json");
    }

    Path nodeDirectory(final int nodeId) {
        return directory.resolve("node-" + nodeId);
    }

    Path propertiesFile(final int nodeId) {
        return nodeDirectory(nodeId).resolve("node.properties");
    }

    /** {@return a broker's log.dirs} */
    public Path dataDirectory(final int nodeId) {
        return nodeDirectory(nodeId).resolve("data");
    }

    /** {@return what the broker prints} */
    public Path logFile(final int nodeId) {
        return nodeDirectory(nodeId).resolve("broker.log");
    }
}
