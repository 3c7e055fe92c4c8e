package io.millrace.broker.node;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.config.BrokerConfig;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node alone that has memory for one ring and is to lead two shards. */
@Timeout(600)
class RingsExhaustedNodeTest {
    private static final int PATIENCE_MS = 60_000;
    private static final int REFUSED_MS = 10_000;

    @TempDir
    private Path directory;
    private String server;

    private BrokerNode start(final ByteArrayOutputStream out) throws Exception {
        final int port = SingleNode.freePort();
        server = "127.0.0.1:" + port;
        final Properties properties = SingleNode.properties(port, directory);
        properties.setProperty("millrace.ring.bytes", "1m");
        properties.setProperty("millrace.ring.budget.bytes", "1m");
        properties.setProperty("message.max.bytes", "100000");
        properties.setProperty("auto.create.topics.enable", "false");
        return BrokerNode.start(
            BrokerConfig.of(properties), new NodeLog(new PrintStream(out, true, StandardCharsets.UTF_8)));
    }

    private void send(final String topic, final int patienceMs) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(Map.of("bootstrap.servers", server,
            "delivery.timeout.ms", patienceMs, "request.timeout.ms", patienceMs / 2, "max.block.ms", patienceMs,
            "linger.ms", 0),
            new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(topic, new byte[100])).get(2L * PATIENCE_MS, TimeUnit.MILLISECONDS);
        }
    }

    @Test
    void shouldRefuseWhatItHasNoRingForAndServeTheRest() throws Exception {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (BrokerNode node = start(out);
            Admin admin = Admin.create(Map.<String, Object>of("bootstrap.servers", server))) {
            SingleNode.createTopics(admin, List.of(new NewTopic("first", 1, (short) 1)));
            send("first", PATIENCE_MS);
            try {
                admin.createTopics(List.of(new NewTopic("second", 1, (short) 1)
                    .configs(Map.of("millrace.profile", "durable"))), new CreateTopicsOptions().timeoutMs(5_000))
                    .all().get(60, TimeUnit.SECONDS);
            } catch (final ExecutionException ex) {
                // nobody leads it, so the answer may come too late for the client; it is there all the same
                assertTrue(ex.getCause() instanceof TimeoutException, ex.toString());
            }
            final ExecutionException refused = assertThrows(ExecutionException.class, () -> send("second", REFUSED_MS));
            assertTrue(refused.getCause() instanceof RetriableException, refused.toString());
            send("first", PATIENCE_MS);
            assertFalse(node.ended().isDone());
            assertTrue(out.toString(StandardCharsets.UTF_8).contains("millrace.ring.budget.bytes"));
        }
    }
}
