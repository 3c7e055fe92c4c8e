package io.millrace.results.store;

import io.millrace.results.model.JmhResult;
import io.millrace.results.model.ResultsException;
import io.millrace.results.model.RunKind;
import io.millrace.results.model.RunStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class JmhRunStoreTest {
    @TempDir
    private Path temp;

    @Test
    void shouldReadBackWhatWasWritten() throws IOException {
        final JmhRun run = JmhRunReader.read(JmhRuns.run(temp.resolve("r"), RunStatus.OK, JmhRuns.JSON));
        assertEquals(RunStatus.OK, run.status());
        assertEquals(RunKind.JMH, run.document().kind());
        assertEquals(List.of("millrace", "jmh", "RingToFile", "-prof", "gc"), run.document().command());
        assertTrue(run.document().git().dirty());
        assertEquals(List.of(), run.warnings());
        final JmhResult first = run.results().get(0);
        assertEquals("RingToFileBenchmark.ringToFile", first.shortName());
        assertEquals(List.of("length", "blockLength"), List.copyOf(first.params().keySet()));
        assertEquals(Map.of("length", "1024", "blockLength", "65536"), first.params());
        assertEquals(List.of(1_400_000.0, 1_600_001.0), first.primary().forkMeans());
        assertEquals(0.00251, first.allocation().score());
        assertTrue(Double.isNaN(first.allocation().scoreError()));
        assertTrue(first.isComplete());
        assertFalse(run.results().get(1).isComplete(), "a fork of two iterations where three of five were planned");
        assertEquals(List.of(3.8), run.results().get(2).primary().forkMeans());
        assertEquals(List.of(List.of(3.0, 7.0)), run.results().get(2).primary().forks());
    }

    @Test
    void shouldTakeARunThatStillSaysRunningForInterrupted() throws IOException {
        final JmhRunWriter writer = JmhRunWriter.create(temp.resolve("r"), JmhRuns.header("r"));
        Files.writeString(writer.resultFile(), "[]");
        final JmhRun run = JmhRunReader.read(temp.resolve("r"));
        assertEquals(RunStatus.INTERRUPTED, run.status());
        assertEquals(2, run.warnings().size(), run.warnings().toString());
    }

    @Test
    void shouldKeepTheFirstEndWhenEndedTwice() throws IOException {
        final JmhRunWriter writer = JmhRunWriter.create(temp.resolve("r"), JmhRuns.header("r"));
        Files.writeString(writer.resultFile(), "[]");
        writer.finish(RunStatus.INTERRUPTED, List.of("Ctrl-C"));
        writer.finish(RunStatus.OK, List.of());
        assertEquals(RunStatus.INTERRUPTED, JmhRunReader.read(temp.resolve("r")).status());
    }

    @Test
    void shouldLeaveNothingBehindWhenDiscarded() throws IOException {
        JmhRunWriter.create(temp.resolve("r"), JmhRuns.header("r")).discard();
        assertFalse(Files.exists(temp.resolve("r")));
        final JmhRunWriter other = JmhRunWriter.create(temp.resolve("s"), JmhRuns.header("s"));
        Files.writeString(temp.resolve("s/mine.txt"), "");
        other.discard();
        assertTrue(Files.exists(temp.resolve("s/mine.txt")));
    }

    @Test
    void shouldRefuseADirectoryThatIsNotEmpty() throws IOException {
        Files.writeString(temp.resolve("file"), "");
        final ResultsException ex =
            assertThrows(ResultsException.class, () -> JmhRunWriter.create(temp, JmhRuns.header("r")));
        assertTrue(ex.getMessage().contains("is not empty"), ex.getMessage());
    }

    @Test
    void shouldExplainWhenTheResultIsMissingOrDamaged() throws IOException {
        assertRefused(null, "jmh-result.json is missing", "leave this directory out");
        assertRefused(JmhRuns.JSON.substring(0, 700), "jmh-result.json: damaged JSON at line");
        assertRefused("", "damaged");
        assertRefused("{}", "not a JSON array");
        assertRefused("[{\"benchmark\":\"a.B.c\"}]", "element 0", "no primaryMetric");
        assertRefused("[7]", "element 0");
    }

    @Test
    void shouldReadWhatIsOddWithoutFailing() throws IOException {
        final JmhRun run = JmhRunReader.read(JmhRuns.run(temp.resolve("r"), RunStatus.OK,
            "[{\"benchmark\":\"x\",\"primaryMetric\":{\"score\":\"NaN\",\"rawData\":[[\"NaN\"],3,[[]]]}}]"));
        assertEquals("x", run.results().get(0).shortName());
        assertTrue(Double.isNaN(run.results().get(0).primary().score()));
        assertEquals(0, run.results().get(0).primary().iterationCount());
    }

    @Test
    void shouldNotParseAFileThatIsTooLong() throws IOException {
        final Path dir = JmhRuns.run(temp.resolve("r"), RunStatus.OK, "[]");
        try (RandomAccessFile file = new RandomAccessFile(dir.resolve("jmh-result.json").toFile(), "rw")) {
            file.setLength(Json.MAX_DOCUMENT_LENGTH + 1);
        }
        final ResultsException ex = assertThrows(ResultsException.class, () -> JmhRunReader.read(dir));
        assertTrue(ex.getMessage().contains("is more than a result document can have"), ex.getMessage());
    }

    @Test
    void shouldRefuseAKindItDoesNotKnow() throws IOException {
        final Path dir = JmhRuns.run(temp.resolve("r"), RunStatus.OK, "[]");
        Files.writeString(dir.resolve("run.json"), Files.readString(dir.resolve("run.json"))
            .replace("\"kind\" : \"jmh\"", "\"kind\" : \"dance\""));
        final ResultsException ex = assertThrows(ResultsException.class, () -> ExperimentReader.read(List.of(dir)));
        assertTrue(ex.getMessage().contains("kind=dance"), ex.getMessage());
    }

    @Test
    void shouldNotTakeItForARunOfTheLoadGenerator() throws IOException {
        final Path dir = JmhRuns.run(temp.resolve("r"), RunStatus.OK, "[]");
        final ResultsException ex = assertThrows(ResultsException.class, () -> RunReader.read(dir));
        assertTrue(ex.getMessage().contains("kind=jmh"), ex.getMessage());
    }

    private void assertRefused(final String json, final String... parts) throws IOException {
        final Path dir = Files.createTempDirectory(temp, "r");
        JmhRuns.run(dir, RunStatus.OK, json);
        final ResultsException ex = assertThrows(ResultsException.class, () -> JmhRunReader.read(dir), json);
        for (final String part : parts) {
            assertTrue(ex.getMessage().contains(part), ex.getMessage());
        }
    }
}
