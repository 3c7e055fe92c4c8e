package io.millrace.targets.kafka;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;

/** Settings of the brokers: Kafka's defaults but for what a cluster of its size needs. No state. */
final class KafkaConfig {
    /** A setting of the tool, not of the broker. */
    static final String HEAP = "jvm.heap";
    /** What Kafka's own start script gives a broker. */
    static final String DEFAULT_HEAP = "1g";

    private KafkaConfig() {
    }

    /**
     * {@return what differs from the defaults of Kafka for reasons of durability and comparison, the user's on top}
     *
     * @param nodeCount nodes of the cluster
     * @param settings  of the user
     */
    static Map<String, String> chosen(final int nodeCount, final Map<String, String> settings) {
        final int replicas = Math.min(3, nodeCount);
        final int minInSync = Math.max(1, replicas - 1);
        final Map<String, String> chosen = new LinkedHashMap<>();
        chosen.put("default.replication.factor", String.valueOf(replicas));
        chosen.put("min.insync.replicas", String.valueOf(minInSync));
        chosen.put("offsets.topic.replication.factor", String.valueOf(replicas));
        chosen.put("transaction.state.log.replication.factor", String.valueOf(replicas));
        chosen.put("transaction.state.log.min.isr", String.valueOf(minInSync));
        chosen.put("share.coordinator.state.topic.replication.factor", String.valueOf(replicas));
        chosen.put("share.coordinator.state.topic.min.isr", String.valueOf(minInSync));
        chosen.put("group.initial.rebalance.delay.ms", "0");
        settings.forEach((key, value) -> {
            if (!HEAP.equals(key)) {
                chosen.put(key, value);
            }
        });
        return chosen;
    }

    /**
     * {@return a node's properties file}
     *
     * @param nodeId    from 1
     * @param nodeCount nodes of the cluster
     * @param basePort  first client port; the controllers' follow after all of them
     * @param dataDir   of the node
     * @param chosen    see above
     */
    static String properties(
        final int nodeId,
        final int nodeCount,
        final int basePort,
        final Path dataDir,
        final Map<String, String> chosen) {
        final StringJoiner voters = new StringJoiner(",");
        for (int i = 1; i <= nodeCount; i++) {
            voters.add(i + "@127.0.0.1:" + controllerPort(i, nodeCount, basePort));
        }
        final String client = "PLAINTEXT://127.0.0.1:" + clientPort(nodeId, basePort);
        final Map<String, String> all = new LinkedHashMap<>();
        all.put("process.roles", "broker,controller");
        all.put("node.id", String.valueOf(nodeId));
        all.put("controller.quorum.voters", voters.toString());
        all.put("listeners", client + ",CONTROLLER://127.0.0.1:" + controllerPort(nodeId, nodeCount, basePort));
        all.put("advertised.listeners", client);
        all.put("controller.listener.names", "CONTROLLER");
        all.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        all.put("log.dirs", dataDir.toString());
        all.putAll(chosen);
        final StringBuilder text = new StringBuilder("# everything else is Kafka's default\n");
        all.forEach((key, value) -> text.append(key).append('=').append(value.replace("\\", "\\\\")).append('\n'));
        return text.toString();
    }

    static int clientPort(final int nodeId, final int basePort) {
        return basePort + nodeId - 1;
    }

    static int controllerPort(final int nodeId, final int nodeCount, final int basePort) {
        return basePort + nodeCount + nodeId - 1;
    }
}
