package io.millrace.targets.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;

class KafkaConfigTest {
    @Test
    void shouldReplicateThreefoldAndLetTheUserHaveTheLastWordWhenThereAreThreeNodes() throws IOException {
        final Map<String, String> chosen = KafkaConfig.chosen(3, Map.of("jvm.heap", "2g", "num.io.threads", "4",
            "min.insync.replicas", "3"));
        final Properties node = new Properties();
        node.load(new StringReader(KafkaConfig.properties(2, 3, 30_000, Path.of("/data/node-2"), chosen)));
        assertEquals("2", node.getProperty("node.id"));
        assertEquals("PLAINTEXT://127.0.0.1:30001", node.getProperty("advertised.listeners"));
        assertEquals("PLAINTEXT://127.0.0.1:30001,CONTROLLER://127.0.0.1:30004", node.getProperty("listeners"));
        assertEquals("1@127.0.0.1:30003,2@127.0.0.1:30004,3@127.0.0.1:30005",
            node.getProperty("controller.quorum.voters"));
        assertEquals("3", node.getProperty("default.replication.factor"));
        assertEquals("3", node.getProperty("min.insync.replicas"));
        assertEquals("0", node.getProperty("group.initial.rebalance.delay.ms"));
        assertEquals("4", node.getProperty("num.io.threads"));
        assertFalse(node.containsKey("jvm.heap"));
    }

    @Test
    void shouldReplicateOnceWhenThereIsOneNode() {
        final Map<String, String> chosen = KafkaConfig.chosen(1, Map.of());
        assertEquals("1", chosen.get("default.replication.factor"));
        assertEquals("1", chosen.get("min.insync.replicas"));
        assertEquals("1", chosen.get("transaction.state.log.min.isr"));
    }
}
