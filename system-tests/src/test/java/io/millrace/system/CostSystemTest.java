package io.millrace.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.cli.cluster.NodeStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What brokers count is seen from outside, and becomes the cost of a run. */
@Timeout(1200)
class CostSystemTest {
    private static final Duration PATIENCE = Duration.ofSeconds(240);
    private static final int INVALID = 4;
    private static final int ATTEMPT_COUNT = 4;

    @TempDir
    private Path dir;

    @Test
    void shouldStoreAndPrintWhatBrokersUsedWhenARunIsMeasured() throws IOException {
        final Map<String, String> properties = new TreeMap<>(ClusterHarness.STEADY);
        properties.put("millrace.profile", "durable");
        try (ClusterHarness harness = ClusterHarness.start(properties)) {
            boolean isMeasured = false;
            for (int attempt = 1; !isMeasured; attempt++) {
                isMeasured = isMeasured(harness, dir.resolve("run-" + attempt), attempt < ATTEMPT_COUNT);
            }
            countersArePrinted(harness);
        }
    }

    /** {@return whether all was measured; a run that the machine made invalid may lack something} */
    private static boolean isMeasured(final ClusterHarness harness, final Path result, final boolean mayBeInvalid)
        throws IOException {
        final Command.Result run = run(harness, result);
        try {
            requireCosts(harness, result, run);
            return true;
        } catch (final AssertionError ex) {
            if (run.exitCode() == INVALID && mayBeInvalid) {
                System.out.println("[cost] again, the machine spoilt a run: " + ex.getMessage());
                return false;
            }
            throw ex;
        }
    }

    private static Command.Result run(final ClusterHarness harness, final Path result) throws IOException {
        return Command.millrace(PATIENCE, "bench", "run", "--bootstrap-server", harness.bootstrapServers(), "--rate",
            "500", "--duration", "5s", "--warmup", "2s", "--record-size", "1KB", "--quiet", "--verbose", "--data",
            harness.layout().directory().toString(), "--out", result.toString());
    }

    private static void requireCosts(final ClusterHarness harness, final Path result, final Command.Result run)
        throws IOException {
        assertTrue(run.exitCode() == 0 || run.exitCode() == INVALID, run.output() + run.error());
        final JsonNode cost = new ObjectMapper().readTree(Files.readAllBytes(result.resolve("run.json")))
            .at("/measured/cost");
        assertTrue(cost.isObject(), run.output());
        final String context = cost.toPrettyString();
        for (final String field : List.of("client_cpu_ns_per_msg", "broker_cpu_s_per_GB", "alloc_bytes_per_msg",
            "broker_alloc_bytes_per_msg", "fsyncs", "longest_write_ns", "longest_sync_ns",
            "longest_duty_cycle_ns")) {
            assertTrue(cost.path(field).asDouble() > 0, field + " of " + context);
        }
        assertTrue(!areWritesCounted(harness) || cost.path("write_amplification").asDouble() > 0, context);
        assertEquals(0, cost.path("unavailable").size(), context);
        final List<Integer> nodeIds = new ArrayList<>();
        for (final JsonNode broker : cost.get("brokers")) {
            nodeIds.add(broker.get("node_id").asInt());
            assertEquals(5, broker.get("agents").size(), context);
            long agentsNs = 0;
            for (final JsonNode agent : broker.get("agents")) {
                assertTrue(agent.get("longest_duty_cycle_ns").asLong() > 0, agent.get("agent") + " " + context);
                agentsNs += agent.get("cpu_ns").asLong();
            }
            assertTrue(agentsNs > 0 && agentsNs < 2 * broker.get("cpu_ns").asLong(), context);
        }
        assertEquals(List.of(1, 2, 3), nodeIds.stream().sorted().toList());
        assertTrue(run.output().contains("CPU s per GB") && run.output().contains("    engine "), run.output());
    }

    /** Some kernels count no bytes that a process writes, as where the disk is memory: then there is no such cost. */
    private static boolean areWritesCounted(final ClusterHarness harness) throws IOException {
        for (final NodeStatus node : harness.status()) {
            final Path file = Path.of("/proc", Long.toString(node.pid()), "io");
            if (Files.readString(file).contains("\nwrite_bytes: 0\n")) {
                System.out.println("[cost] left out, write_amplification: no bytes written are counted in " + file);
                return false;
            }
        }
        return true;
    }

    private static void countersArePrinted(final ClusterHarness harness) throws IOException {
        final Command.Result all = Command.millrace(PATIENCE, "counters", "--data-dir",
            harness.layout().directory().toString()).requireSuccess();
        for (int nodeId = 1; nodeId <= 3; nodeId++) {
            assertTrue(all.output().contains("node " + nodeId + ", pid "), all.output());
        }
        assertTrue(all.output().contains("engine: longest write call, ns"), all.output());
        final NodeStatus first = harness.status().get(0);
        final Command.Result one = Command.millrace(PATIENCE, "counters", Long.toString(first.pid()), "--filter",
            "syncer: ").requireSuccess();
        assertTrue(one.output().contains("syncer: sync calls, count"), one.output());
        final Command.Result none =
            Command.millrace(PATIENCE, "counters", Long.toString(ProcessHandle.current().pid())).requireExit(1);
        assertTrue(none.error().contains("is no Millrace node"), none.error());
    }
}
