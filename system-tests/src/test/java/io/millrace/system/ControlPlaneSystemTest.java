package io.millrace.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an operator sees and does: brokers beyond the controllers, status, elections by command, bad input. */
@Timeout(900)
class ControlPlaneSystemTest {
    private static final Duration PATIENCE = Duration.ofSeconds(180);

    @Test
    void shouldServeFromABrokerThatIsNoControllerAndElectByCommand() throws Exception {
        try (ClusterHarness harness = ClusterHarness.create(4)) {
            // nobody is to lose a leadership because the machine was busy
            harness.startMissing(
                Map.of("auto.leader.rebalance.enable", "false", "millrace.session.timeout.ms", "10000"));
            JavaClients.createTopic(harness, "t", 8);
            awaitHealthy(harness);
            final JsonNode status = status(harness);
            assertEquals(3, status.get("controllers").size(), status.toString());
            assertEquals(4, status.get("brokers").size(), status.toString());
            final int shard = shardLedBy(status, 4);
            assertTrue(shard >= 0, "broker 4 leads a shard: " + status);

            harness.kill(1);
            try (KafkaProducer<String, String> producer = JavaClients.producer(harness, Map.of())) {
                for (int partition = 0; partition < 8; partition++) {
                    producer.send(new ProducerRecord<>("t", partition, "k", "v")).get();
                }
            }
            final JsonNode[] without = new JsonNode[1];
            Await.until(PATIENCE, () -> "broker 1 missed: " + without[0], () -> {
                without[0] = status(harness); // of any broker: they hear of it one after the other
                return !without[0].get("healthy").asBoolean()
                    && without[0].get("problems").toString().contains("broker 1");
            });
            assertEquals(1, command(harness, "status").exitCode());
            harness.startMissing(Map.of());
            awaitHealthy(harness);
            elect(harness);
        }
    }

    private static void elect(final ClusterHarness harness) throws IOException {
        // a busy machine may not get a leadership moved in its time, and says so: then it is asked again
        Await.until(PATIENCE, () -> "elections of all", () -> command(harness, "elect", "--all").exitCode() == 0);
        final JsonNode shard = status(harness).get("shards").get(0);
        final int id = shard.get("id").asInt();
        final int other = shard.get("replicas").get(1).asInt();
        final Command.Result[] moved = new Command.Result[1];
        Await.until(PATIENCE, () -> "broker " + other + " leads: " + moved[0], () -> {
            moved[0] = command(harness, "elect", "--shard", Integer.toString(id), "--broker", Integer.toString(other));
            return moved[0].exitCode() == 0 && moved[0].output().contains("broker " + other + " leads");
        });
        Await.until(PATIENCE, () -> "everybody knows that broker " + other + " leads shard " + id,
            () -> status(harness).get("shards").get(0).get("leader").asInt() == other);
        final Command.Result refused = command(harness, "elect", "--shard", Integer.toString(id), "--unclean", "--yes")
            .requireExit(1);
        assertTrue(refused.output().contains("leads shard"), refused.output());
        assertTrue(command(harness, "elect", "--shard", "999").requireExit(1).error().contains("no such shard"));
    }

    @Test
    void shouldRefuseTheDirectoryOfAnotherClusterWithTheSameNodes() throws Exception {
        try (ClusterHarness harness = ClusterHarness.create()) {
            harness.startMissing(Map.of());
            final Path data = harness.layout().dataDirectory(3);
            harness.stop();
            final Path foreign = data.resolveSibling("foreign");
            Files.move(data, foreign);
            for (int nodeId = 1; nodeId <= 2; nodeId++) {
                org.agrona.IoUtil.delete(harness.layout().dataDirectory(nodeId).toFile(), false);
            }
            harness.startMissing(Map.of());
            harness.terminate(3);
            org.agrona.IoUtil.delete(data.toFile(), false);
            Files.move(foreign, data);
            final Command.Result result = command(harness, "start", "--timeout", "180s").requireExit(1);
            assertTrue(result.error().contains("belongs to cluster"), result.error());
            assertTrue(result.error().contains("nothing was changed"), result.error());
            assertEquals(3, status(harness).get("controllers").size());
        }
    }

    private static int shardLedBy(final JsonNode status, final int brokerId) {
        for (final JsonNode shard : status.get("shards")) {
            if (shard.get("leader").asInt() == brokerId) {
                return shard.get("id").asInt();
            }
        }
        return -1;
    }

    private static void awaitHealthy(final ClusterHarness harness) {
        final String[] last = new String[1];
        Await.until(PATIENCE, () -> "a healthy cluster: " + last[0], () -> {
            last[0] = command(harness, "status", "--json").output();
            return new ObjectMapper().readTree(last[0]).path("healthy").asBoolean();
        });
    }

    private static JsonNode status(final ClusterHarness harness) throws IOException {
        return new ObjectMapper().readTree(Command.millrace(PATIENCE, "cluster", "status", "--json",
            "--bootstrap-server", harness.bootstrapServers()).output());
    }

    private static Command.Result command(final ClusterHarness harness, final String verb, final String... more)
        throws IOException {
        final java.util.List<String> arguments = new java.util.ArrayList<>(java.util.List.of("cluster", verb,
            "--base-port", Integer.toString(harness.layout().basePort()), "--data",
            harness.layout().directory().toString()));
        arguments.addAll(java.util.List.of(more));
        return Command.millrace(PATIENCE, arguments.toArray(String[]::new));
    }
}
