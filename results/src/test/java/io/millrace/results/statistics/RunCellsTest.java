package io.millrace.results.statistics;

import io.millrace.results.model.GitRevision;
import io.millrace.results.model.RunDocument;
import io.millrace.results.model.RunHeader;
import io.millrace.results.model.RunParams;
import io.millrace.results.store.RunData;
import org.junit.jupiter.api.Test;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

class RunCellsTest {
    private static final List<String> NAMED = List.of("target", "driver", "acks", "profile", "rate_per_s",
        "record_bytes", "partitions", "producers", "consumers", "replication_factor", "batch_bytes", "linger_ns",
        "compression", "arrival", "record_size", "keys", "topics", "in_flight", "threads", "payload",
        "min_insync_replicas", "faults", "workers", "workers_clock", "recording", "other_settings");

    @Test
    void shouldBeAnotherCellForEachSettingThatDiffers() {
        final List<RunData> runs = new ArrayList<>(List.of(run("A", Map.of()), run("A", Map.of())));
        NAMED.forEach(name -> runs.add(run("A", Map.of(name, "other"))));
        assertEquals(1 + NAMED.size(), RunCells.group(runs).size());
        assertEquals(2, RunCells.group(runs).values().iterator().next().size());
        runs.add(run("A", Map.of("workload", "a name", "topic", "bench-7", "seed", 9, "driver_description", "words")));
        assertEquals(1 + NAMED.size(), RunCells.group(runs).size(), "names make no cell");
    }

    @Test
    void shouldNameCellsByTheSettingsThatTellThemApart() {
        final List<RunData> runs = List.of(run("C1", Map.of(RunParams.OTHER_SETTINGS, "")),
            run("C2", Map.of(RunParams.OTHER_SETTINGS, "connections=2; nodes=1")),
            run("C3", Map.of(RunParams.OTHER_SETTINGS, "", "rate_per_s", 5000)));
        assertEquals(RunCells.PARAMS, RunCells.names(runs), "the side tells nothing more");
        assertEquals(List.of("rate=-, defaults", "rate=-, connections=2; nodes=1", "rate=5000, defaults"),
            List.copyOf(RunCells.labels(RunCells.group(runs).keySet()).values()));
        assertEquals(List.of("rate_per_s", "other_settings"), RunCells.factors(runs));
        final List<RunData> warm = List.of(run("C1", Map.of(RunParams.OTHER_SETTINGS, "warmup=20s")),
            run("C2", Map.of(RunParams.OTHER_SETTINGS, "connections=2; warmup=20s")));
        assertEquals(List.of("defaults", "connections=2"),
            List.copyOf(RunCells.labels(RunCells.group(warm).keySet()).values()), "what all have tells none apart");
    }

    @Test
    void shouldNotCompareCellsThatDifferInMoreThanTheFactor() {
        final List<RunData> runs = List.of(run("C1", Map.of("acks", "leader", RunParams.OTHER_SETTINGS, "nodes=1")),
            run("C2", Map.of("acks", "all", RunParams.OTHER_SETTINGS, "nodes=3")));
        assertNull(MatrixComparison.of(runs, 0.05));
    }

    private static RunData run(final String leg, final Map<String, Object> params) {
        final Map<String, Object> all = new HashMap<>(Map.of("partitions", 6));
        all.putAll(params);
        final RunDocument document = RunDocument.running(new RunHeader(leg, "made-up", leg, leg, 1, Instant.EPOCH,
            List.of(), GitRevision.unknown(), "sha", all, null));
        return new RunData(Path.of(leg), document, Map.of(), List.of(), List.of(), List.of());
    }
}
