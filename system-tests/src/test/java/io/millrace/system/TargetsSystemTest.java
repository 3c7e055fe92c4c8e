package io.millrace.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every other system is started by the tool, takes a few records, gives all of them back and is gone afterwards. */
@Timeout(1500)
class TargetsSystemTest {
    private static final Duration PATIENCE = Duration.ofSeconds(300);
    private static final int RECORD_COUNT = 400;
    private static final int ATTEMPT_COUNT = 3;
    private static final String CHECKED_RATE = "400";

    @TempDir
    private Path dir;

    @ParameterizedTest
    @CsvSource({
        "file,          1, 1, 0, ",
        "file,          1, 1, 0, sync=batch",
        "chronicle,     1, 1, 0, ",
        "aeron-archive, 1, 1, 1, ",
        "redis,         1, 1, 1, appendfsync=always",
        "nats,          1, 1, 1, ",
        "nats,          3, 3, 3, "})
    void shouldGiveEveryRecordBackWhenASystemIsMeasured(
        final String target, final int nodes, final int replicas, final int processCount, final String settings)
        throws IOException {
        requireServer(target);
        final JsonNode run = run(target, nodes, replicas, settings == null ? "" : settings);
        assertEquals(target, run.at("/params/driver").asText(), run.at("/params").toPrettyString());
        assertEquals(replicas, run.at("/params/replication_factor").asInt());
        if (run.at("/measured/cost").isObject()) { // a run of seconds on a busy machine may have been too short for it
            assertEquals(processCount, run.at("/measured/cost/brokers").size(), run.toPrettyString());
        }
    }

    @Test
    void shouldGiveEveryRecordBackWhenApacheKafkaIsMeasured() throws IOException {
        Peers.maven();
        final JsonNode run = run("kafka", 3, 3, "jvm.heap=256m");
        final String context = run.at("/params").toPrettyString();
        assertTrue(run.at("/params/target").asText().startsWith("Apache Kafka "), context);
        assertEquals("2", run.at("/params/durability/setting min.insync.replicas").asText(), context);
        if (run.at("/measured/cost").isObject()) {
            assertEquals(3, run.at("/measured/cost/brokers").size(), run.toPrettyString());
            assertTrue(run.at("/measured/cost/broker_cpu_s_per_GB").isNumber(), run.toPrettyString());
            assertTrue(run.at("/measured/cost/broker_gc_pause_ns").isNumber(), run.toPrettyString());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "kafka,           3, lean,            all in-sync replicas, no,  jvm.heap=256m",
        "nats,            3, nats,            a majority,           no,  ",
        "redis,           1, redis,           one copy,             no,  ",
        "rabbitmq,        3, rabbitmq-quorum, a majority,           yes, ",
        "rabbitmq-stream, 3, rabbitmq-stream, a majority,           no,  "})
    void shouldProveEachFaultAndLoseNothingWhenTheLeaderOfAnotherSystemIsKilled(
        final String target,
        final int nodes,
        final String driver,
        final String waitsFor,
        final String synced,
        final String settings) throws IOException {
        requireServer(target);
        Path result = dir.resolve("faults-1");
        Command.Result run = killLeader(target, nodes, settings, "14s", result);
        // a machine that is too busy to kill and to start in time says so: then it is tried again
        for (int attempt = 2; attempt <= ATTEMPT_COUNT && !isEachFaultProven(result, run); attempt++) {
            result = dir.resolve("faults-" + attempt);
            run = killLeader(target, nodes, settings, 30 * attempt + "s", result);
        }
        requireNothingLost(new ObjectMapper().readTree(result.resolve("run.json").toFile()), run.output());
        final JsonNode document = new ObjectMapper().readTree(result.resolve("run.json").toFile());
        assertEquals(driver, document.at("/params/driver").asText());
        assertEquals(waitsFor, document.at("/params/durability/waits_for").asText());
        assertEquals(synced, document.at("/params/durability/synced").asText());
    }

    private Command.Result killLeader(
        final String target, final int nodes, final String settings, final String duration, final Path result)
        throws IOException {
        final Command.Result run = Command.millrace(PATIENCE, "bench", "run", "--target", target, "--set",
            "nodes=" + nodes, "--set", "target-settings=" + (settings == null ? "" : settings), "--faults",
            "2s kill leader; 3s restart last", "-d", duration, "--partitions", "3", "--rate", "100", "--record-size",
            "200B", "--consumers", "1", "--warmup", "0s", "--quiet", "--data", dir.resolve("data").toString(), "--out",
            result.toString());
        // 4: what failed while there was no leader makes the run invalid, and so does a busy machine
        assertTrue(run.exitCode() == 0 || run.exitCode() == 4, run.exitCode() + run.output() + run.error());
        return run;
    }

    /** A fault that was not proven, or was not due before the load was over, must have made the run invalid. */
    private static boolean isEachFaultProven(final Path result, final Command.Result run) throws IOException {
        final JsonNode document = new ObjectMapper().readTree(result.resolve("run.json").toFile());
        final JsonNode verdict = document.at("/findings/faults");
        if (verdict.path("proven").asBoolean() && verdict.get("faults").size() == 2) {
            return true;
        }
        assertEquals(4, run.exitCode(), run.output());
        assertTrue(document.get("invalidReasons").toString().contains("fault"), run.output());
        System.out.println("[targets] again, not each fault was proven: " + verdict);
        return false;
    }

    private static void requireNothingLost(final JsonNode document, final String output) {
        final JsonNode verdict = document.at("/findings/faults");
        assertEquals(2, verdict.get("faults").size(), verdict.toPrettyString());
        for (final JsonNode fault : verdict.get("faults")) {
            assertTrue(fault.get("proven").asBoolean(), verdict.toPrettyString());
        }
        assertTrue(verdict.at("/faults/0/target").asText().contains("leader"), verdict.toPrettyString());
        assertEquals(0, verdict.get("lost_acked").asInt(), output);
        assertEquals(0, document.at("/verify/lost_acked").asInt(), output);
        for (final String kind : List.of("duplicates", "reordered", "corrupt")) {
            assertEquals(0, document.at("/verify/" + kind).asInt(), kind + output);
        }
        assertTrue(document.at("/verify/checked").asInt() >= document.at("/measured/acked").asInt(), output);
        assertTrue(document.at("/measured/latency/e2e.rt/count").asInt() > 0, output);
    }

    @Test
    void shouldRefuseFaultsBeforeTheStartWhenNothingCanBeHit() throws IOException {
        final Command.Result run = Command.millrace(PATIENCE, "bench", "run", "--target", "file", "--faults",
            "1s kill leader", "-d", "3s", "--out", dir.resolve("run").toString());
        assertEquals(2, run.exitCode(), run.output() + run.error());
        assertTrue(run.error().contains("no nodes that a fault could hit"), run.error());
    }

    @Test
    void shouldAlternateSystemsWhenTheSidesDifferInTheirTarget() throws IOException {
        final Path result = dir.resolve("ab");
        final Command.Result ab = Command.millrace(PATIENCE, "bench", "ab", "--a", "target=file", "--b",
            "target=aeron-archive", "--pairs", "1", "--prime", "1s", "--num-records", String.valueOf(RECORD_COUNT),
            "--rate", CHECKED_RATE, "--warmup", "0s", "--quiet", "--out", result.toString());
        assertTrue(ab.exitCode() == 0 || ab.exitCode() == 4, ab.output() + ab.error());
        final JsonNode experiment = new ObjectMapper().readTree(result.resolve("experiment.json").toFile());
        assertEquals(2, experiment.get("runs").size(), experiment.toPrettyString());
        assertTrue(experiment.get("notes").toString().contains("different systems"), experiment.toPrettyString());
        final Set<String> starts = new TreeSet<>();
        for (final JsonNode run : experiment.get("runs")) {
            starts.add(new ObjectMapper().readTree(result.resolve(run.asText()).resolve("run.json").toFile())
                .path("params").path("cluster").asText());
        }
        assertEquals(2, starts.size(), "each met a start of its own: " + starts);
        assertFalse(starts.contains(""), starts.toString());
        final Path report = dir.resolve("report.html");
        Command.millrace(PATIENCE, "report", result.toString(), "-o", report.toString()).requireSuccess();
        assertTrue(Files.readString(report).contains("Aeron Archive"));
    }

    @Test
    void shouldNameEverySystemWhenOneIsUnknown() throws IOException {
        final Command.Result run = Command.millrace(PATIENCE, "bench", "run", "--target", "nothing", "--out",
            dir.resolve("run").toString());
        assertEquals(2, run.exitCode());
        for (final String name : List.of("aeron-archive", "chronicle", "file", "kafka", "millrace", "nats",
            "rabbitmq", "rabbitmq-stream", "redis")) {
            assertTrue(run.error().contains(name), run.error());
        }
    }

    @Test
    void shouldKeepOtherSystemsOffTheClassPathWhenAssembled() throws IOException {
        final Path lib = ClusterHarness.launcher().getParent().getParent().resolve("lib");
        final List<String> foreign = new ArrayList<>();
        try (Stream<Path> files = Files.list(lib)) {
            files.map(file -> file.getFileName().toString())
                .filter(name -> name.matches(
                    "(chronicle|affinity|jna|kafka_|kafka-server|scala|jnats|jedis|lettuce|amqp|stream-|driver-).*"))
                .forEach(foreign::add);
        }
        assertEquals(List.of(), foreign);
        try (Stream<Path> files = Files.list(lib.resolve("drivers").resolve("chronicle"))) {
            final List<String> own = files.map(file -> file.getFileName().toString()).toList();
            assertTrue(own.stream().anyMatch(name -> name.startsWith("chronicle-queue-")), own.toString());
            assertFalse(own.stream().anyMatch(name -> name.startsWith("load-generator")), own.toString());
        }
    }

    private static void requireServer(final String target) {
        switch (target) {
            case "kafka" -> Peers.maven();
            case "nats", "redis" -> Peers.server(target + "-server");
            case "rabbitmq", "rabbitmq-stream" -> Peers.server("rabbitmq-server");
            default -> {
                // in the application itself
            }
        }
    }

    private JsonNode run(final String target, final int nodes, final int replicas, final String settings)
        throws IOException {
        JsonNode document = measured(target, nodes, replicas, settings, 1);
        // a machine that is too busy to answer all within the ten seconds after the load says so
        for (int attempt = 2; attempt <= ATTEMPT_COUNT && isOwedAnswers(document); attempt++) {
            document = measured(target, nodes, replicas, settings, attempt);
        }
        final String context = document.toPrettyString();
        assertEquals(RECORD_COUNT, document.at("/measured/acked").asInt(), context);
        assertEquals(RECORD_COUNT, document.at("/verify/checked").asInt(), context);
        assertEquals(0, document.at("/verify/gaps").asInt(), context);
        assertTrue(document.at("/measured/latency/e2e.rt/count").asInt() > 0, context);
        for (final String part : List.of("system", "nodes", "replicas", "acks_leader", "acks_all", "sync",
            "batching")) {
            assertFalse(document.at("/params/durability/" + part).asText().isEmpty(), part);
        }
        for (final JsonNode broker : document.at("/measured/cost/brokers")) {
            Await.until(PATIENCE, () -> "the end of " + broker,
                () -> !Files.exists(Path.of("/proc", broker.get("pid").asText())));
        }
        return document;
    }

    private static boolean isOwedAnswers(final JsonNode document) {
        return document.at("/measured/errors").has("NO_ANSWER") || document.at("/measured/errors").has("NOT_SENT");
    }

    private JsonNode measured(
        final String target, final int nodes, final int replicas, final String settings, final int attempt)
        throws IOException {
        final Path result = dir.resolve("run-" + attempt);
        final Command.Result run = Command.millrace(PATIENCE, "bench", "run", "--target", target, "--set",
            "nodes=" + nodes, "--set", "target-settings=" + settings, "-r", String.valueOf(replicas), "--num-records",
            String.valueOf(RECORD_COUNT), "--rate", CHECKED_RATE, "--record-size", "200B", "--producers", "2",
            "--consumers", "1", "--warmup", "0s", "--quiet", "--data", dir.resolve("data").toString(), "--out",
            result.toString());
        // 4: a busy machine makes a run invalid, which says nothing of its records
        assertTrue(run.exitCode() == 0 || run.exitCode() == 4, run.exitCode() + run.output() + run.error());
        final JsonNode document = new ObjectMapper().readTree(result.resolve("run.json").toFile());
        final JsonNode verify = document.get("verify");
        for (final String fault : List.of("lost_acked", "duplicates", "reordered", "corrupt")) {
            assertEquals(0, verify.get(fault).asInt(), fault + " of " + verify);
        }
        return document;
    }
}
