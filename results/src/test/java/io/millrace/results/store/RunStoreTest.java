package io.millrace.results.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.results.model.AgentCost;
import io.millrace.results.model.BrokerCost;
import io.millrace.results.model.Cost;
import io.millrace.results.model.GitRevision;
import io.millrace.results.model.LatencySummary;
import io.millrace.results.model.Measured;
import io.millrace.results.model.ResultsException;
import io.millrace.results.model.RunDocument;
import io.millrace.results.model.RunEvent;
import io.millrace.results.model.RunHeader;
import io.millrace.results.model.RunOutcome;
import io.millrace.results.model.RunStatus;
import io.millrace.results.model.Tags;
import io.millrace.results.model.TimelineRow;
import io.millrace.results.model.Verification;
import org.HdrHistogram.EncodableHistogram;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class RunStoreTest {
    private static final long START_MS = 1_790_000_000_000L;

    @TempDir
    private Path temp;

    @Test
    void shouldReadWhatWasWrittenWhenRunIsFinished() throws IOException {
        final Path dir = temp.resolve("run");
        try (RunWriter writer = RunWriter.create(dir, header())) {
            record(writer, 5);
            writer.event(RunEvent.at(START_MS, "phase", "measure"));
            writer.workload("schema: bench/workload/v1\n");
            writer.finish(outcome());
        }
        final RunData run = RunReader.read(dir);
        assertEquals(List.of(), run.warnings());
        assertEquals(RunStatus.OK, run.status());
        assertEquals(5, run.intervals(Tags.ACK_RT).size());
        assertEquals(START_MS + 2000, run.intervals(Tags.ACK_RT).get(2).startMs());
        assertEquals(START_MS + 3000, run.intervals(Tags.ACK_RT).get(2).endMs());
        assertEquals(5000, run.merged(Tags.ACK_RT).getTotalCount());
        assertEquals(new TimelineRow(START_MS, "measure", 1000, 1000, 0, 1_000_000, 1, 2, 3), run.timeline().get(0));
        assertEquals("measure", run.events().get(0).name());
        assertEquals(outcome().verification(), run.document().verify());
        final LatencySummary summary = run.document().measured().latency().get(Tags.ACK_RT);
        assertEquals(run.merged(Tags.ACK_RT), summary.histogram());
        assertEquals(run.merged(Tags.ACK_RT).getValueAtPercentile(99), summary.p99Ns());
        assertTrue(Files.exists(dir.resolve(RunFiles.ENV)));
    }

    @Test
    void shouldBeReadableByTheStandardLogReader() throws IOException {
        final Path dir = temp.resolve("run");
        try (RunWriter writer = RunWriter.create(dir, header())) {
            record(writer, 3);
            writer.finish(outcome());
        }
        int count = 0;
        try (HistogramLogReader reader = new HistogramLogReader(dir.resolve(RunFiles.LATENCY).toFile())) {
            for (EncodableHistogram h = reader.nextIntervalHistogram(); h != null; h = reader.nextIntervalHistogram()) {
                assertEquals(Tags.ACK_RT, h.getTag());
                count++;
            }
            assertEquals(START_MS / 1000.0, reader.getStartTimeSec(), 0.001);
        }
        assertEquals(3, count);
    }

    @Test
    void shouldSayInterruptedWhenClosedWithoutFinish() {
        final Path dir = temp.resolve("run");
        try (RunWriter writer = RunWriter.create(dir, header())) {
            record(writer, 2);
        }
        final RunData run = RunReader.read(dir);
        assertEquals(RunStatus.INTERRUPTED, run.document().status());
        assertEquals(2000, run.merged(Tags.ACK_RT).getTotalCount());
        assertEquals(1000.0, run.achievedPerS());
    }

    @Test
    void shouldReadAllWholeLinesWhenAnyFileIsCutAtAnyByte() throws IOException {
        final Path dir = temp.resolve("run");
        final RunWriter writer = RunWriter.create(dir, header());
        record(writer, 3);
        writer.event(RunEvent.at(START_MS, "phase", "measure"));
        for (final String name : List.of(RunFiles.LATENCY, RunFiles.TIMELINE, RunFiles.EVENTS)) {
            final byte[] whole = Files.readAllBytes(dir.resolve(name));
            final int step = whole.length > 1000 ? 11 : 1; // histograms: the decoder sees every kind of cut
            for (int length = whole.length - 1; length >= 0; length -= step) {
                Files.write(dir.resolve(name), java.util.Arrays.copyOf(whole, length));
                final RunData run = RunReader.read(dir);
                assertEquals(RunStatus.INTERRUPTED, run.status());
                assertTrue(run.warnings().stream().filter(w -> w.contains("damaged lines")).findAny().isEmpty(),
                    name + " at " + length + ": " + run.warnings());
            }
            Files.write(dir.resolve(name), whole);
        }
        Files.write(dir.resolve(RunFiles.LATENCY),
            java.util.Arrays.copyOf(Files.readAllBytes(dir.resolve(RunFiles.LATENCY)),
                (int) Files.size(dir.resolve(RunFiles.LATENCY)) - 20));
        final RunData run = RunReader.read(dir);
        assertEquals(2, run.intervals(Tags.ACK_RT).size());
        assertTrue(run.warnings().toString().contains("latency.hlog: the last line"), run.warnings().toString());
        writer.close();
    }

    @Test
    void shouldSayThatSamplesAreMissingWhenAFileIsCutBetweenLines() throws IOException {
        final Path dir = temp.resolve("run");
        try (RunWriter writer = RunWriter.create(dir, header())) {
            record(writer, 3);
            writer.finish(outcome());
        }
        assertEquals(List.of(), RunReader.read(dir).warnings());
        final List<String> lines = Files.readAllLines(dir.resolve(RunFiles.LATENCY));
        Files.write(dir.resolve(RunFiles.LATENCY), lines.subList(0, lines.size() - 1));
        assertEquals(List.of("latency.hlog was cut: it has 2000 of 3000 samples of ack.rt; figures are of what is "
            + "left"), RunReader.read(dir).warnings());
    }

    @Test
    void shouldGiveNoQuantileWithFewerThanTenSamplesBeyondIt() throws IOException {
        final Path dir = temp.resolve("run");
        try (RunWriter writer = RunWriter.create(dir, header())) {
            final Histogram histogram = new Histogram(3);
            for (int i = 1; i <= 1000; i++) {
                histogram.recordValue(i * 1000L);
            }
            writer.interval(Tags.ACK_RT, histogram, START_MS, START_MS + 1000);
            writer.finish(outcome());
        }
        final LatencySummary summary =
            RunReader.read(dir).document().measured().latency().get(Tags.ACK_RT);
        assertEquals(990_000, summary.p99Ns(), 1000);
        assertNull(summary.p999Ns());
        assertNull(summary.ci95().p999Ns());
        final JsonNode json = new ObjectMapper().readTree(dir.resolve(RunFiles.RUN).toFile());
        final JsonNode latency = json.path("measured").path("latency").path(Tags.ACK_RT);
        assertTrue(latency.has("p99.9_ns") && latency.get("p99.9_ns").isNull(), latency.toString());
        assertEquals("bench/result/v1", json.path("schema").asText());
        assertEquals("ok", json.path("status").asText());
    }

    @Test
    void shouldLeaveWarmupOutOfTheSummary() {
        final Path dir = temp.resolve("run");
        try (RunWriter writer = RunWriter.create(dir, header())) {
            final Histogram histogram = new Histogram(3);
            histogram.recordValueWithCount(1000, 100);
            writer.interval(Tags.WARMUP_PREFIX + Tags.ACK_RT, histogram, START_MS, START_MS + 1000);
            final RunDocument document = writer.finish(outcome());
            assertFalse(document.measured().latency().containsKey(Tags.WARMUP_PREFIX + Tags.ACK_RT));
        }
    }

    @Test
    void shouldRefuseToOverwriteWhenDirectoryIsNotEmpty() {
        final Path dir = temp.resolve("run");
        RunWriter.create(dir, header()).close();
        final ResultsException ex =
            assertThrows(ResultsException.class, () -> RunWriter.create(dir, header()));
        assertTrue(ex.getMessage().contains("never overwritten"), ex.getMessage());
    }

    @Test
    void shouldNameFileAndRemedyWhenDirectoryCannotBeUsed() throws IOException {
        assertMessage(temp.resolve("absent"), "does not exist", "millrace bench");
        assertMessage(temp, "not a run directory", "run.json");
        final Path dir = temp.resolve("run");
        RunWriter.create(dir, header()).close();
        final Path json = dir.resolve(RunFiles.RUN);
        final String text = Files.readString(json);
        Files.writeString(json, text.replace("bench/result/v1", "bench/result/v9"));
        assertMessage(dir, "schema=bench/result/v9", "bench/result/v1");
        Files.writeString(json, text.substring(0, text.length() / 2));
        assertMessage(dir, json.toString(), "damaged JSON at line");
        Files.writeString(json, text.replace("\"interrupted\"", "\"perfect\""));
        assertMessage(dir, json.toString(), "perfect");
        Files.writeString(json, "[]");
        assertMessage(dir, json.toString(), "not a JSON object");
    }

    private void assertMessage(final Path dir, final String... parts) {
        final ResultsException ex = assertThrows(ResultsException.class, () -> RunReader.read(dir));
        for (final String part : parts) {
            assertTrue(ex.getMessage().contains(part), ex.getMessage());
        }
    }

    private static void record(final RunWriter writer, final int secondCount) {
        for (int s = 0; s < secondCount; s++) {
            final Histogram histogram = new Histogram(3);
            for (int i = 0; i < 1000; i++) {
                histogram.recordValue(100_000L + i * 1000L + s);
            }
            final long startMs = START_MS + s * 1000L;
            writer.interval(Tags.ACK_RT, histogram, startMs, startMs + 1000);
            writer.timeline(new TimelineRow(startMs, "measure", 1000, 1000, 0, 1_000_000, 1, 2, 3));
        }
    }

    private static RunHeader header() {
        return new RunHeader("r-1", "e-1", "A", "acks=leader", 1, Instant.ofEpochMilli(START_MS),
            List.of("millrace", "bench", "ab"), GitRevision.unknown(), "0", Map.of("acks", "leader"),
            EnvironmentProbe.capture(Path.of("target")));
    }

    private static RunOutcome outcome() {
        return new RunOutcome(RunStatus.OK, List.of(), List.of(),
            new Measured(5_000_000_000L, 5000, 5000, 5000, Map.of(), 1000, 1e6, null,
                new Cost(1.5, null, null, 1L, null, null, null, 7.25, null, 9L, null, null, List.of(
                    new BrokerCost(42, 1, 5L, null, null, null, null, null, null, List.of(new AgentCost("engine",
                        3L, null, 4L, 0L, 1L, 2L, 3L, null, null)))), List.of("why"))),
            new Verification(5000, 0, 0, 0, 0, 0, 0));
    }
}
