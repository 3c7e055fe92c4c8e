package io.millrace.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every client through every scenario, one after the other against one cluster; then docs/clients.md is compared with
 * what passed. With DOCS_WRITE=true in the environment it is written.
 */
@Timeout(900)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ClientsSystemTest {
    private static final ClientTable TABLE = new ClientTable();
    private static ClusterHarness cluster;
    private static PeerClient runningClient;
    private static PeerProcess running;
    private static int killedCount;

    @BeforeAll
    static void startCluster() throws IOException {
        cluster = ClusterHarness.start(Map.of());
    }

    @AfterAll
    static void stopAll() throws IOException {
        if (running != null) {
            running.close();
        }
        if (cluster != null) {
            cluster.close();
        }
    }

    static Stream<Arguments> clientsAndScenarios() {
        return Arrays.stream(PeerClient.values()).flatMap(client ->
            ClientTable.SCENARIOS.keySet().stream().map(scenario -> Arguments.of(client, scenario)));
    }

    @ParameterizedTest
    @MethodSource("clientsAndScenarios")
    @Order(1)
    void shouldPassOrBeUnableWhenAClientTriesAScenario(final PeerClient client, final String scenario)
        throws Exception {
        final PeerProcess process = processOf(client);
        final String name = client.name().toLowerCase() + "-" + scenario;
        final int partitionCount = "codecs".equals(scenario) ? 5 : 3;
        JavaClients.createTopic(cluster, name, partitionCount);
        JavaClients.awaitLeaders(cluster, name, partitionCount);
        final List<PeerProcess.Case> cases;
        try {
            cases = process.order(scenario, name, () -> killAndStartAgain(name));
        } catch (final AssertionError | Exception ex) {
            TABLE.add(client, process.version(), scenario,
                List.of(new PeerProcess.Case("all", "failed", ex.toString())));
            throw ex;
        }
        TABLE.add(client, process.version(), scenario, cases);
        assertTrue(cases.stream().allMatch(one -> one.isPassed() || one.isUnable()), () -> cases.stream()
            .map(one -> one.id() + " " + one.result() + "\n" + one.why()).collect(Collectors.joining("\n")));
        if ("codecs".equals(scenario)) {
            requireStoredCodecs(name, cases);
        }
    }

    private static PeerProcess processOf(final PeerClient client) throws IOException {
        if (runningClient != client || !running.isAlive()) {
            if (running != null) {
                running.close();
                running = null;
            }
            runningClient = null;
            running = client.start(cluster.bootstrapServers());
            runningClient = client;
        }
        return running;
    }

    /** Another broker each time, so that coordinators, leaders and controllers are all hit. */
    private static void killAndStartAgain(final String topic) throws IOException {
        final int nodeId = 1 + killedCount++ % 3;
        cluster.kill(nodeId);
        cluster.startMissing(Map.of());
        JavaClients.awaitFullIsr(cluster, topic);
    }

    private static void requireStoredCodecs(final String topic, final List<PeerProcess.Case> cases) throws Exception {
        final List<String> stored = StoredCodecs.of(cluster, topic);
        for (int i = 0; i < cases.size(); i++) {
            if (cases.get(i).isPassed()) {
                assertEquals(cases.get(i).id(), stored.get(i), "codec of the stored batches of partition " + i);
            }
        }
    }

    @Test
    @Order(2)
    void shouldEqualTheTableInTheDocsWhenClientsHaveRun() throws IOException {
        Assumptions.assumeFalse(TABLE.clients().isEmpty(), "no client has run");
        final Path page = ClusterHarness.projectRoot().resolve("docs/clients.md");
        final boolean hasAll = TABLE.clients().equals(Set.of(PeerClient.values()));
        if ("true".equals(System.getenv("DOCS_WRITE"))) {
            assertTrue(hasAll, "only " + TABLE.clients() + " have run; docs/clients.md shows all clients");
            Files.writeString(page, TABLE.toMarkdown());
        }
        final String text = Files.readString(page);
        for (final PeerClient client : TABLE.clients()) {
            final String version = client.isPinned() ? null : versionIn(text, client);
            assertTrue(text.contains(version == null ? rowAsRun(client) : TABLE.row(client, version))
                    && text.contains(TABLE.notes(client)),
                () -> "docs/clients.md differs from\n" + TABLE.toMarkdown()
                    + "\nrun the test with DOCS_WRITE=true in the environment");
        }
    }

    private static String rowAsRun(final PeerClient client) {
        return TABLE.toMarkdown().lines().filter(line -> line.startsWith("| " + client.title() + " |"))
            .findFirst().orElseThrow() + "\n";
    }

    /** {@return the version in the page, which another distribution need not have; null where there is none} */
    private static String versionIn(final String text, final PeerClient client) {
        return text.lines().filter(line -> line.startsWith("| " + client.title() + " | "))
            .map(line -> line.split(" \\| ")[1]).findFirst().orElse(null);
    }
}
