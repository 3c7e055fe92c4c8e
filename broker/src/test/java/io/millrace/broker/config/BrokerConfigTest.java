package io.millrace.broker.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.engine.DurabilityProfile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.Test;

class BrokerConfigTest {
    private static Properties properties(final String... pairs) {
        final Properties properties = new Properties();
        properties.setProperty("node.id", "1");
        properties.setProperty("log.dirs", "data");
        for (int i = 0; i < pairs.length; i += 2) {
            properties.setProperty(pairs[i], pairs[i + 1]);
        }
        return properties;
    }

    private static void assertRefused(final String fragment, final String... pairs) {
        final String message =
            assertThrows(ConfigException.class, () -> BrokerConfig.of(properties(pairs))).getMessage();
        assertTrue(message.contains(fragment), message);
    }

    @Test
    void shouldStandOnDefaultsWhenOnlyTheRequiredKeysAreSet() {
        final BrokerConfig config = BrokerConfig.of(properties());
        assertEquals(9092, config.listener().port());
        assertEquals(DurabilityProfile.REPLICATED, config.profile());
        assertEquals(16 << 20, config.ringCapacity());
        assertEquals(1, config.defaultReplicationFactor());
        assertTrue(config.autoCreateTopics());
    }

    @Test
    void shouldReadEveryNodeOfACluster() {
        final BrokerConfig config = BrokerConfig.of(properties("millrace.cluster.nodes",
            "1@127.0.0.1:10092:11092,2@127.0.0.1:10112:11112,3@127.0.0.1:10132:11132"));
        assertEquals(3, config.clusterNodes().size());
        assertEquals(new ClusterNode(2, "127.0.0.1", 10_112, 11_112), config.clusterNodes().get(1));
        assertEquals(3, config.defaultReplicationFactor());
    }

    @Test
    void shouldTakeTheThreeLowestIdsForControllersUnlessTheyAreNamed() {
        final String nodes = "5@h:90:91,4@h:70:71,1@h:10:11,2@h:30:31,3@h:50:51";
        assertEquals(List.of(1, 2, 3), controllers("millrace.cluster.nodes", nodes));
        assertEquals(List.of(5),
            controllers("millrace.cluster.nodes", nodes, "millrace.cluster.controllers", "5"));
        assertEquals(List.of(1, 4, 5),
            controllers("millrace.cluster.nodes", nodes, "millrace.cluster.controllers", "5, 4,1"));
        assertEquals(List.of(1), controllers("millrace.cluster.nodes", "2@h:30:31,1@h:10:11"));
        assertEquals(List.of(), controllers());
    }

    private static List<Integer> controllers(final String... pairs) {
        return BrokerConfig.of(properties(pairs)).controllers().stream().map(ClusterNode::nodeId).toList();
    }

    @Test
    void shouldNameKeyLimitAndRemedyWhenAValueIsRefused() {
        assertRefused("did you mean log.segment.bytes", "log.segment.byte", "1m");
        assertRefused("unknown key: colour=blue; all keys", "colour", "blue");
        assertRefused("no such profile", "millrace.profile", "solid");
        assertRefused("out of range", "log.retention.bytes", "99999999999g");
        assertRefused("num.partitions=0", "num.partitions", "0");
        assertRefused("not a number", "num.partitions", "many");
        assertRefused("raise millrace.ring.bytes", "message.max.bytes", "4m");
        assertRefused("at most 33554368", "message.max.bytes", "33m", "millrace.ring.bytes", "1g", "log.segment.bytes",
            "1g");
        assertRefused("millrace.bind.beyond.loopback", "listeners", "PLAINTEXT://0.0.0.0:9092");
        assertRefused("SSL", "listeners", "SSL://127.0.0.1:9092");
        assertRefused("not a power of two", "millrace.ring.bytes", "3m");
        assertRefused("none to 5", "millrace.cluster.nodes", "1@h:1:2,2@h:3:4,3@h:5:6,4@h:7:8,5@h:9:10,6@h:11:12");
        assertRefused("lists a node id twice", "millrace.cluster.nodes", "1@h:1:2,1@h:3:4");
        assertRefused("allowed: 1, 3 or 5", "millrace.cluster.nodes", "1@h:1:2,2@h:3:4",
            "millrace.cluster.controllers", "1,2");
        assertRefused("not among", "millrace.cluster.nodes", "1@h:1:2", "millrace.cluster.controllers", "2");
        assertRefused("twice", "millrace.cluster.nodes", "1@h:1:2", "millrace.cluster.controllers", "1,1,1");
        assertRefused("not among", "millrace.cluster.nodes", "2@h:1:2");
        assertRefused("exactly one directory", "log.dirs", "a,b");
        final Properties none = new Properties();
        assertTrue(assertThrows(ConfigException.class, () -> BrokerConfig.of(none)).getMessage()
            .contains("node.id is required"));
    }

    @Test
    void shouldMatchTheDocumentation() throws IOException {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.exists(root.resolve("config/checkstyle"))) {
            root = root.getParent();
        }
        final Path page = root.resolve("docs/configuration.md");
        if ("true".equals(System.getenv("DOCS_WRITE"))) {
            Files.writeString(page, ConfigKeys.toMarkdown());
        }
        assertEquals(ConfigKeys.toMarkdown(), Files.readString(page),
            "docs/configuration.md differs from ConfigKeys; run the test with DOCS_WRITE=true in the environment");
    }
}
