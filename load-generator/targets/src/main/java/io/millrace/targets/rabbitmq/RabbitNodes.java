package io.millrace.targets.rabbitmq;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/**
 * Ports, files and environment of the nodes; nothing of them is the service's.
 *
 * @param kind      of the queues
 * @param nodeCount of the cluster
 * @param basePort  first of its ports
 * @param directory of the run
 */
record RabbitNodes(QueueKind kind, int nodeCount, int basePort, Path directory) {
    int amqpPort(final int id) {
        return basePort + id - 1;
    }

    int streamPort(final int id) {
        return basePort + nodeCount + id - 1;
    }

    private int distributionPort(final int id) {
        return basePort + 2 * nodeCount + id - 1;
    }

    /** {@return port of the daemon that knows the nodes' distribution ports} */
    int epmdPort() {
        return basePort + 3 * nodeCount;
    }

    /**
     * Writes what the nodes read.
     *
     * @param settings of the user, lines of rabbitmq.conf
     */
    void write(final Map<String, String> settings) throws IOException {
        final Path cookie = directory.resolve(".erlang.cookie");
        Files.writeString(cookie, UUID.randomUUID().toString().replace("-", ""));
        Files.setPosixFilePermissions(cookie, PosixFilePermissions.fromString("r--------"));
        for (int id = 1; id <= nodeCount; id++) {
            final Path node = Files.createDirectories(node(id));
            Files.writeString(directory.resolve("node-" + id + ".conf"), config(id, settings));
            Files.writeString(node.resolve("enabled_plugins"),
                kind == QueueKind.STREAM ? "[rabbitmq_stream].\n" : "[].\n");
        }
    }

    String config(final int id, final Map<String, String> settings) {
        final StringBuilder text = new StringBuilder("# everything else is RabbitMQ's default\n");
        text.append("listeners.tcp.1 = 127.0.0.1:").append(amqpPort(id)).append('\n');
        if (kind == QueueKind.STREAM) {
            text.append("stream.listeners.tcp.1 = 127.0.0.1:").append(streamPort(id)).append('\n')
                .append("stream.advertised_host = 127.0.0.1\n")
                .append("stream.advertised_port = ").append(streamPort(id)).append('\n')
                .append("stream.frame_max = 8388608\n"); // records may have a mebibyte, which is its default
        }
        if (nodeCount > 1) {
            text.append("cluster_formation.peer_discovery_backend = classic_config\n");
            for (int i = 1; i <= nodeCount; i++) {
                text.append("cluster_formation.classic_config.nodes.").append(i).append(" = ")
                    .append(RabbitCluster.nodeName(i)).append('\n');
            }
        }
        text.append("log.console = true\nlog.console.level = warning\n");
        settings.forEach((key, value) -> text.append(key).append(" = ").append(value).append('\n'));
        return text.toString();
    }

    /** {@return environment of a node} */
    Map<String, String> environment(final int id) {
        final Map<String, String> all = new HashMap<>(common());
        final Path node = node(id);
        all.put("RABBITMQ_NODENAME", RabbitCluster.nodeName(id));
        all.put("RABBITMQ_NODE_PORT", String.valueOf(amqpPort(id)));
        all.put("RABBITMQ_DIST_PORT", String.valueOf(distributionPort(id)));
        all.put("RABBITMQ_MNESIA_BASE", node.resolve("mnesia").toString());
        all.put("RABBITMQ_LOG_BASE", node.resolve("log").toString());
        all.put("RABBITMQ_LOGS", "-");
        all.put("RABBITMQ_CONFIG_FILE", directory.resolve("node-" + id + ".conf").toString());
        all.put("RABBITMQ_ADVANCED_CONFIG_FILE", node.resolve("advanced.config").toString());
        all.put("RABBITMQ_ENABLED_PLUGINS_FILE", node.resolve("enabled_plugins").toString());
        all.put("RABBITMQ_PID_FILE", node.resolve("pid").toString());
        // the shell becomes the server, whose process id is then known; it must not wait for a terminal
        all.put("RABBITMQ_ALLOW_INPUT", "true");
        all.put("RABBITMQ_SERVER_START_ARGS", "-noinput");
        all.put("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "-kernel inet_dist_use_interface {127,0,0,1}");
        return all;
    }

    /** {@return environment of rabbitmqctl} */
    Map<String, String> toolEnvironment() {
        final Map<String, String> all = new HashMap<>(common());
        all.put("RABBITMQ_CTL_DIST_PORT_MIN", String.valueOf(epmdPort() + 1));
        all.put("RABBITMQ_CTL_DIST_PORT_MAX", String.valueOf(epmdPort() + 10));
        return all;
    }

    private Map<String, String> common() {
        return Map.of("HOME", directory.toString(), "ERL_EPMD_PORT", String.valueOf(epmdPort()), "ERL_EPMD_ADDRESS",
            "127.0.0.1", "RABBITMQ_CONF_ENV_FILE", "/dev/null", "LANG", "C.UTF-8");
    }

    private Path node(final int id) {
        return directory.resolve("node-" + id);
    }
}
