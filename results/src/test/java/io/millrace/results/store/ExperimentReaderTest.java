package io.millrace.results.store;

import io.millrace.results.model.Experiment;
import io.millrace.results.model.GitRevision;
import io.millrace.results.model.ResultsException;
import io.millrace.results.model.RunHeader;
import io.millrace.results.model.Tags;
import io.millrace.results.model.TimelineRow;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class ExperimentReaderTest {
    @TempDir
    private Path temp;

    @Test
    void shouldTakeListedRunsAndThoseTheListDoesNotKnowYetButNotThePriming() {
        run("prime-A", null, 0, "leader");
        run("A-1", "A", 1, "leader");
        run("B-1", "B", 1, "all");
        ExperimentStore.write(temp, experiment(List.of("A-1")));
        final ExperimentData data = ExperimentReader.read(List.of(temp));
        assertEquals(List.of("A", "B"), data.runs().stream().map(run -> run.document().leg()).toList());
        assertEquals(2, data.experiment().legs().size());
        assertEquals(1, data.runs("B").size());
        assertEquals(List.of(), data.problems());
    }

    @Test
    void shouldMakeSidesOfAcksWhenRunsAreNamedOneByOne() {
        final Path all = run("x", null, 0, "all");
        final Path leader = run("y", null, 0, "leader");
        final ExperimentData data = ExperimentReader.read(List.of(all, leader, all));
        assertEquals(2, data.runs().size());
        assertEquals(List.of(new Experiment.Leg("acks=leader", "acks=leader"),
            new Experiment.Leg("acks=all", "acks=all")), data.experiment().legs());
        assertEquals(1, data.runs().get(0).document().pair());
    }

    @Test
    void shouldReportRunsThatAreListedButGone() {
        run("A-1", "A", 1, "leader");
        ExperimentStore.write(temp, experiment(List.of("A-1", "B-1")));
        final ExperimentData data = ExperimentReader.read(List.of(temp));
        assertEquals(1, data.runs().size());
        assertTrue(data.problems().get(0).contains("B-1 does not exist"), data.problems().toString());
    }

    @Test
    void shouldRefuseRunsOutsideOfTheExperiment() {
        ExperimentStore.write(temp.resolve("e"), experiment(List.of("../elsewhere")));
        assertMessage(temp.resolve("e"), "lies outside");
    }

    @Test
    void shouldExplainDamagedOrForeignExperiments() throws IOException {
        run("A-1", "A", 1, "leader");
        Files.writeString(temp.resolve(RunFiles.EXPERIMENT), "{");
        assertMessage(temp, "damaged JSON");
        Files.writeString(temp.resolve(RunFiles.EXPERIMENT), "{\"schema\":\"other\"}");
        assertMessage(temp, "schema=other");
        Files.writeString(temp.resolve(RunFiles.EXPERIMENT), "{\"schema\":\"" + Experiment.SCHEMA + "\"}");
        assertEquals(1, ExperimentReader.read(List.of(temp)).runs().size());
    }

    @Test
    void shouldMeasureAShortLastSecondByItsLength() {
        final Path dir = temp.resolve("short");
        try (RunWriter writer = RunWriter.create(dir, header("short", "A", 1, "all"))) {
            second(writer, 0, 1000, 1000);
            second(writer, 1000, 250, 250);
        }
        final RunData run = RunReader.read(dir);
        assertEquals(250, run.durationMs(run.timeline().get(1)));
        assertEquals(1000.0, run.achievedPerS());
    }

    private static void second(final RunWriter writer, final long startMs, final long lengthMs, final long acked) {
        final Histogram histogram = new Histogram(3);
        histogram.recordValueWithCount(1000, acked);
        final long atMs = Instant.EPOCH.plusSeconds(1000).toEpochMilli() + startMs;
        writer.interval(Tags.ACK_RT, histogram, atMs, atMs + lengthMs);
        writer.timeline(new TimelineRow(atMs, "measure", acked, acked, 0, acked, 1, 1, 1));
    }

    private Path run(final String name, final String leg, final int pair, final String acks) {
        final Path dir = temp.resolve(name);
        RunWriter.create(dir, header(name, leg, pair, acks)).close();
        return dir;
    }

    private static RunHeader header(final String name, final String leg, final int pair, final String acks) {
        return new RunHeader(name, "e", leg, leg == null ? null : "acks=" + acks, pair,
            Instant.EPOCH.plusSeconds(1000), List.of(), GitRevision.unknown(), null, Map.of("acks", acks), null);
    }

    private static Experiment experiment(final List<String> runs) {
        return new Experiment(Experiment.SCHEMA, "e", "ab", Instant.EPOCH, List.of(),
            List.of(new Experiment.Leg("A", "acks=leader"), new Experiment.Leg("B", "acks=all")), 1, 0.05, runs,
            List.of());
    }

    private static void assertMessage(final Path dir, final String part) {
        final ResultsException ex =
            assertThrows(ResultsException.class, () -> ExperimentReader.read(List.of(dir)));
        assertTrue(ex.getMessage().contains(part), ex.getMessage());
    }
}
