package io.millrace.system;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Apache Kafka's performance tools, unchanged. */
@Timeout(900)
class KafkaToolsSystemTest {
    private static final Duration PATIENCE = Duration.ofSeconds(240);
    private static ClusterHarness cluster;

    @BeforeAll
    static void startCluster() throws IOException {
        Peers.kafkaTool("ProducerPerformance");
        cluster = ClusterHarness.start(ClusterHarness.STEADY);
    }

    @AfterAll
    static void stopCluster() throws IOException {
        if (cluster != null) {
            cluster.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "all"})
    void shouldReportARateWhenProducerPerformanceRuns(final String acks) throws Exception {
        JavaClients.createTopic(cluster, "perf-" + acks, 3);
        final String output = run("ProducerPerformance", "--bootstrap-server", cluster.bootstrapServers(), "--topic",
            "perf-" + acks, "--num-records", "20000", "--record-size", "100", "--throughput", "-1",
            "--command-property", "acks=" + acks);
        assertTrue(output.contains("20000 records sent"), output);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "all"})
    void shouldReportPercentilesWhenEndToEndLatencyRuns(final String acks) throws Exception {
        JavaClients.createTopic(cluster, "latency-" + acks, 1);
        final String output = run("EndToEndLatency", "--bootstrap-server", cluster.bootstrapServers(), "--topic",
            "latency-" + acks, "--num-records", "200", "--producer-acks", acks, "--record-size", "100");
        assertTrue(output.contains("Percentiles"), output);
    }

    private static String run(final String tool, final String... arguments) throws IOException {
        final List<String> words = new ArrayList<>(Peers.kafkaTool(tool));
        words.addAll(List.of(arguments));
        return new Command(words, "").run(PATIENCE).requireSuccess().output();
    }
}
