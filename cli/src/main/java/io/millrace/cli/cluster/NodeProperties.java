package io.millrace.cli.cluster;

import io.millrace.broker.config.BrokerConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.StringJoiner;

/** What a node of a local cluster is told: the one place that knows the broker's keys. */
final class NodeProperties {
    private static final int MAX_REPLICATION_FACTOR = 3;

    private NodeProperties() {
    }

    static Map<String, String> of(final ClusterLayout layout, final int nodeId, final Map<String, String> overrides) {
        final Map<String, String> properties = new LinkedHashMap<>();
        properties.put("node.id", Integer.toString(nodeId));
        properties.put("listeners", "PLAINTEXT://" + ClusterLayout.HOST + ":" + layout.kafkaPort(nodeId));
        properties.put("log.dirs", layout.dataDirectory(nodeId).toString());
        properties.put("default.replication.factor", Integer.toString(replicationFactor(layout)));
        properties.put("min.insync.replicas", Integer.toString(Math.min(2, layout.nodeCount())));
        properties.put("millrace.cluster.nodes", nodes(layout));
        properties.putAll(overrides);
        return properties;
    }

    private static int replicationFactor(final ClusterLayout layout) {
        return Math.min(MAX_REPLICATION_FACTOR, layout.nodeCount());
    }

    /** Throws what the broker itself would, before it is started. */
    static void check(final ClusterLayout layout, final int nodeId, final Map<String, String> overrides) {
        final Properties properties = new Properties();
        properties.putAll(of(layout, nodeId, overrides));
        BrokerConfig.of(properties);
    }

    static void write(final ClusterLayout layout, final int nodeId, final Map<String, String> overrides)
        throws IOException {
        final StringBuilder text = new StringBuilder(512);
        text.append("# Written anew by each 'millrace cluster start'; pass --set KEY=VALUE to it for other values.\n");
        of(layout, nodeId, overrides).forEach(
            (key, value) -> text.append(key).append('=').append(value.replace("\\", "\\\\")).append('\n'));
        Files.createDirectories(layout.dataDirectory(nodeId));
        Files.write(layout.propertiesFile(nodeId), text.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static String nodes(final ClusterLayout layout) {
        final StringJoiner nodes = new StringJoiner(",");
        for (int nodeId = 1; nodeId <= layout.nodeCount(); nodeId++) {
            nodes.add(nodeId + "@" + ClusterLayout.HOST + ":" + layout.replicationPort(nodeId) + ":"
                + layout.metadataPort(nodeId));
        }
        return nodes.toString();
    }
}
