package io.millrace.results.command;

import io.millrace.results.model.GitRevision;
import io.millrace.results.model.RunHeader;
import io.millrace.results.store.RunWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class ReportCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path temp;

    @Test
    void shouldWriteTheReportIntoTheFirstDirectoryByDefault() throws IOException {
        final Path run = run("r1");
        assertEquals(0, execute(run.toString()), err.toString());
        assertTrue(Files.readString(run.resolve("report.html")).startsWith("<!DOCTYPE html>"));
        assertTrue(out.toString().contains(run.resolve("report.html").toString()), out.toString());
    }

    @Test
    void shouldWriteWhereAskedAndReplaceWhatIsThere() throws IOException {
        final Path file = temp.resolve("new/dir/out.html");
        assertEquals(0, execute(run("r1").toString(), run("r2").toString(), "-o", file.toString()), err.toString());
        assertEquals(0, execute(temp.resolve("r1").toString(), "-o", file.toString()), err.toString());
        assertTrue(Files.size(file) > 1000);
        assertEquals(1, Files.list(file.getParent()).count(), "a temporary file is left");
    }

    @Test
    void shouldPrintOnlyTheTableWhenAsked() {
        final Path run = run("r1");
        assertEquals(0, execute(run.toString(), "--table"));
        assertTrue(out.toString().contains("achieved rate"), out.toString());
        assertFalse(Files.exists(run.resolve("report.html")));
    }

    @Test
    void shouldPrintFiguresWhenAnotherFormatIsAsked() throws IOException {
        final Path run = run("r1");
        assertEquals(0, execute(run.toString(), "--format", "JSON"), err.toString());
        assertTrue(out.toString().startsWith("{") && out.toString().contains("bench/report/v1"), out.toString());
        final Path csv = temp.resolve("out.csv");
        assertEquals(0, execute(run.toString(), "--format", "CSV", "-o", csv.toString()), err.toString());
        assertEquals(2, Files.readAllLines(csv).size());
        final List<String> lines = Files.readAllLines(csv);
        assertEquals(lines.get(0).split(",", -1).length, lines.get(1).split(",", -1).length, lines.toString());
        assertEquals(0, execute(run.toString(), "--format", "MD"), err.toString());
        assertTrue(out.toString().contains("# Run of acks=all"), out.toString());
    }

    @Test
    void shouldReportJmhFilesByThemselvesAndBesideRuns() throws IOException {
        final Path file = Files.writeString(temp.resolve("jmh.json"), "[{\"benchmark\":\"a.B.c\",\"mode\":\"avgt\","
            + "\"primaryMetric\":{\"score\":1.5,\"scoreUnit\":\"ns/op\",\"rawData\":[[1.5]]}}]");
        assertEquals(0, execute(file.toString()), err.toString());
        assertTrue(Files.readString(temp.resolve("report.html")).contains("B<wbr>.c"));
        final Path run = run("r1");
        assertEquals(0, execute(run.toString(), file.toString()), err.toString());
        final String html = Files.readString(run.resolve("report.html"));
        assertTrue(html.contains("B<wbr>.c") && html.contains("id=\"correctness-section\"")
            && html.contains("jmh.json"));
    }

    @Test
    void shouldExplainWhatCannotBeRead() throws IOException {
        assertEquals(2, execute(temp.resolve("absent").toString()));
        assertMessage("does not exist", "millrace bench");
        assertEquals(2, execute(temp.toString()));
        assertMessage("holds no run that can be read", "run.json");
        final Path run = run("r1");
        Files.writeString(run.resolve("run.json"), "{\"schema\": \"bench/result/v1\", ");
        assertEquals(2, execute(run.toString()));
        assertMessage("run.json", "damaged JSON at line 1");
        Files.writeString(run.resolve("run.json"), "{\"schema\": \"bench/result/v2\"}");
        assertEquals(2, execute(run.toString()));
        assertMessage("schema=bench/result/v2", "the version of millrace that wrote it");
        assertEquals(2, execute());
        assertMessage("DIR");
    }

    @Test
    void shouldLeaveADamagedRunOutOfAnExperimentAndSaySo() throws IOException {
        run("x/r1");
        Files.writeString(run("x/r2").resolve("run.json"), "");
        assertEquals(0, execute(temp.resolve("x").toString()), err.toString());
        assertMessage("left out", "r2");
        assertTrue(Files.readString(temp.resolve("x/report.html")).contains("Left out: "));
    }

    @Test
    void shouldSayWhatIsMissingOfARun() throws IOException {
        final Path run = run("r1");
        Files.delete(run.resolve("latency.hlog"));
        assertEquals(0, execute(run.toString()));
        assertMessage("latency.hlog is missing");
    }

    @Test
    void shouldExplainWhereItCannotWrite() throws IOException {
        final Path run = run("r1");
        assertEquals(1, execute(run.toString(), "-o", temp.toString()));
        assertMessage("is a directory", "-o");
        final Path file = Files.writeString(temp.resolve("file"), "");
        assertEquals(1, execute(run.toString(), "-o", file.resolve("report.html").toString()));
        assertMessage("cannot write the report", "-o");
    }

    @Test
    void shouldShowHelpWithExamples() {
        assertEquals(0, execute("--help"));
        assertTrue(out.toString().contains("Examples:") && out.toString().contains("Exit codes:"), out.toString());
    }

    private Path run(final String name) {
        final Path dir = temp.resolve(name);
        RunWriter.create(dir, new RunHeader(name, null, null, null, 0, Instant.EPOCH, List.of("millrace"),
            GitRevision.unknown(), null, Map.of("acks", "all"), null)).close();
        return dir;
    }

    private int execute(final String... args) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return new CommandLine(new ReportCommand()).setOut(new PrintWriter(out)).setErr(new PrintWriter(err))
            .execute(args);
    }

    private void assertMessage(final String... parts) {
        for (final String part : parts) {
            assertTrue(err.toString().contains(part), err.toString());
        }
    }
}
