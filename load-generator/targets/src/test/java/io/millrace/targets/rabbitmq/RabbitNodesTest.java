package io.millrace.targets.rabbitmq;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RabbitNodesTest {
    @TempDir
    private Path dir;

    @Test
    void shouldShareNothingWithTheServiceWhenWritten() throws IOException {
        final RabbitNodes nodes = new RabbitNodes(QueueKind.STREAM, 3, 23000, dir);
        nodes.write(Map.of("vm_memory_high_watermark.relative", "0.2"));
        assertEquals("r--------",
            PosixFilePermissions.toString(Files.getPosixFilePermissions(dir.resolve(".erlang.cookie"))));
        final Set<Integer> ports = new HashSet<>(List.of(nodes.epmdPort()));
        for (int id = 1; id <= 3; id++) {
            assertTrue(ports.add(nodes.amqpPort(id)) && ports.add(nodes.streamPort(id)));
            final Map<String, String> environment = nodes.environment(id);
            assertTrue(ports.add(Integer.parseInt(environment.get("RABBITMQ_DIST_PORT"))));
            for (final String file : List.of("HOME", "RABBITMQ_MNESIA_BASE", "RABBITMQ_LOG_BASE",
                "RABBITMQ_CONFIG_FILE", "RABBITMQ_ENABLED_PLUGINS_FILE", "RABBITMQ_PID_FILE")) {
                assertTrue(environment.get(file).startsWith(dir.toString()), file);
            }
            final String config = Files.readString(dir.resolve("node-" + id + ".conf"));
            assertTrue(config.contains("listeners.tcp.1 = 127.0.0.1:" + nodes.amqpPort(id) + "\n"), config);
            assertTrue(config.contains("classic_config.nodes.3 = bench3@localhost"), config);
            assertTrue(config.endsWith("vm_memory_high_watermark.relative = 0.2\n"), config);
        }
        assertEquals(10, ports.size());
    }

    @Test
    void shouldListenForNoStreamsWhenTheyAreQueues() {
        final String config = new RabbitNodes(QueueKind.QUORUM, 1, 23000, dir).config(1, Map.of());
        assertFalse(config.contains("stream"), config);
        assertFalse(config.contains("cluster_formation"), config);
    }
}
