package io.millrace.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The commands as a user types them. */
@Timeout(1200)
class ClusterCommandSystemTest {
    private static final Duration PATIENCE = Duration.ofSeconds(300);

    @Test
    void shouldStartShowRepairAndStopWhenTheCommandsAreTyped() throws IOException {
        try (ClusterHarness harness = ClusterHarness.create()) {
            assertEquals(1, cluster(harness, "status").exitCode());
            cluster(harness, "start", "--timeout", "180s").requireSuccess();
            final List<Long> pids = pids(harness);
            cluster(harness, "start", "--timeout", "180s").requireSuccess();
            assertEquals(pids, pids(harness), "a second start leaves running brokers alone");

            harness.kill(3);
            cluster(harness, "status").requireExit(1);
            cluster(harness, "start", "--timeout", "180s").requireSuccess();
            final List<Long> after = pids(harness);
            assertEquals(pids.subList(0, 2), after.subList(0, 2));
            assertNotEquals(pids.get(2), after.get(2));

            cluster(harness, "stop").requireSuccess();
            cluster(harness, "status").requireExit(1);
            for (final long pid : after) {
                Await.until(PATIENCE, () -> "end of pid " + pid, () -> ProcessHandle.of(pid).isEmpty());
            }
        }
    }

    @Test
    void shouldNameTheRemedyWhenThePortIsInUse() throws IOException {
        try (ClusterHarness harness = ClusterHarness.create();
            ServerSocket taken =
                new ServerSocket(harness.layout().basePort() + 1, 1, InetAddress.getByName("127.0.0.1"))) {
            final Command.Result result = cluster(harness, "start").requireExit(1);
            assertTrue(result.error().contains("port in use: 127.0.0.1:" + taken.getLocalPort()), result.error());
            assertTrue(result.error().contains("--base-port"), result.error());
        }
    }

    @Test
    void shouldExitWithTwoWhenAFlagIsUnknown() throws IOException {
        final Command.Result result = Command.millrace(PATIENCE, "cluster", "start", "--bas-port", "1").requireExit(2);
        assertTrue(result.error().contains("--base-port"), result.error());
    }

    private static Command.Result cluster(final ClusterHarness harness, final String verb, final String... more)
        throws IOException {
        final List<String> arguments = new ArrayList<>(List.of("cluster", verb, "--base-port",
            Integer.toString(harness.layout().basePort()), "--data", harness.layout().directory().toString()));
        arguments.addAll(List.of(more));
        return Command.millrace(PATIENCE, arguments.toArray(String[]::new));
    }

    private static List<Long> pids(final ClusterHarness harness) throws IOException {
        final List<Long> pids = new ArrayList<>();
        for (final JsonNode node : new ObjectMapper().readTree(cluster(harness, "status", "--json").output())
            .get("nodes")) {
            pids.add(node.get("pid").asLong());
        }
        return pids;
    }
}
