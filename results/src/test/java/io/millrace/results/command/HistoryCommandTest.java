package io.millrace.results.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.results.model.GitRevision;
import io.millrace.results.model.HistoryPoint;
import io.millrace.results.report.SyntheticRuns;
import io.millrace.results.store.HistoryStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class HistoryCommandTest {
    @TempDir
    private Path dir;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void shouldAddEachSettingOnceWhenTheSameResultIsAddedTwice() throws IOException {
        final Path file = dir.resolve("deep/history.jsonl");
        final Path result = SyntheticRuns.experiment(dir.resolve("ab"), 1, 2, 1.5, 4, 200);
        assertEquals(0, run("add", file.toString(), result.toString()), this::all);
        assertTrue(out.toString().startsWith("2 points added"), this::all);
        assertEquals(0, run("add", file.toString(), result.toString()), this::all);
        assertTrue(out.toString().contains("2 were there already"), this::all);
        assertEquals(2, Files.readAllLines(file).size());
        assertEquals(0, run("list", file.toString(), "--series", "acks=all", "--metric", "rt.p50"), this::all);
        assertTrue(out.toString().contains("acks=all") && out.toString().contains("rt.p50"), this::all);
        assertFalse(out.toString().contains("acks=leader") || out.toString().contains("rt.max"), this::all);
    }

    @Test
    void shouldBeginAnotherSeriesWhenTheRunsWereAskedForSomethingElse() throws IOException {
        final Path result = SyntheticRuns.experiment(dir.resolve("mixed"), 3, 3, 1.5, 4, 200);
        more(result.resolve("run-03-B"), "\"in_flight\" : 16");
        more(result.resolve("run-04-A"), "\"faults\" : \"10s kill leader\"");
        more(result.resolve("run-05-A"), "\"topic.segment.bytes\" : \"1048576\"");
        final Path file = dir.resolve("mixed.jsonl");
        assertEquals(0, run("add", file.toString(), result.toString()), this::all);
        assertTrue(out.toString().startsWith("5 points added"), this::all);
        final String lines = Files.readString(file);
        assertTrue(lines.contains(" in_flight=16") && lines.contains(" faults=10s kill leader")
            && lines.contains(" topic.segment.bytes=1048576"), lines);
    }

    @Test
    void shouldBeginAnotherSeriesForEachThingThatMakesARunAnother() throws IOException {
        final Path result = SyntheticRuns.experiment(dir.resolve("told"), 4, 5, 1, 4, 200);
        final List<String> params = List.of("\"other_settings\" : \"\"",
            "\"other_settings\" : \"connections=2; warmup=20s\"",
            "\"other_settings\" : \"\", \"recording\" : \"jfr\"",
            "\"other_settings\" : \"\", \"workers\" : 2",
            "\"other_settings\" : \"\", \"workers\" : 2, \"workers_clock\" : \"measured\"",
            "\"other_settings\" : \"\", \"workload\" : \"another-name\"", // which changes nothing
            "\"num_records\" : 1000", "\"num_records\" : 2000", "\"seed\" : 7", "\"seed\" : 8");
        final List<Path> runs = runs(result);
        for (int i = 0; i < runs.size(); i++) {
            more(runs.get(i), params.get(i));
            final Path file = runs.get(i).resolve("run.json");
            // the side tells nothing here, and runs 9 and 10 do not tell all, but that they had different workloads
            Files.writeString(file, Files.readString(file).replace("\"all\"", "\"leader\"").replace(
                "\"workloadSha256\" : \"abc\"", "\"workloadSha256\" : \"" + (i == 9 ? "other" : "abc") + "\""));
        }
        final Path file = dir.resolve("told.jsonl");
        assertEquals(0, run("add", file.toString(), result.toString()), this::all);
        final List<HistoryPoint> points = HistoryStore.read(file, new ArrayList<>());
        assertEquals(9, points.stream().map(HistoryPoint::series).distinct().count(), this::all);
        assertEquals(9, points.size(), "the first run and the sixth are one");
        assertEquals(1, points.stream().filter(point -> point.runIds().size() == 2).count());
        assertTrue(points.stream().anyMatch(point -> point.series().contains(" connections=2; warmup=20s @")),
            this::all);
    }

    @Test
    void shouldBeginAnotherSeriesWhenTheForksRanOnAnotherJvm() throws IOException {
        final Path file = dir.resolve("jmh.jsonl");
        for (final String jvm : List.of("\"jdkVersion\":\"17\",\"vmName\":\"VM\",\"jvmArgs\":[]",
            "\"jdkVersion\":\"25\",\"vmName\":\"VM\",\"jvmArgs\":[]",
            "\"jdkVersion\":\"25\",\"vmName\":\"VM\",\"jvmArgs\":[\"-Xint\"]")) {
            final Path jmh = Files.writeString(dir.resolve("r" + jvm.hashCode() + ".json"), "[{\"benchmark\":\"a.B.c\","
                + "\"mode\":\"avgt\",\"threads\":1,\"forks\":1,\"measurementIterations\":1," + jvm
                + ",\"primaryMetric\":{\"score\":7,\"scoreUnit\":\"ns/op\",\"rawData\":[[7]]}}]");
            assertEquals(0, run("add", file.toString(), jmh.toString()), this::all);
        }
        assertEquals(3, HistoryStore.read(file, new ArrayList<>()).stream().map(HistoryPoint::series).distinct()
            .count(), this::all);
    }

    private static List<Path> runs(final Path result) throws IOException {
        try (Stream<Path> below = Files.list(result)) {
            return below.filter(Files::isDirectory).sorted().toList();
        }
    }

    private static void more(final Path run, final String param) throws IOException {
        final Path file = run.resolve("run.json");
        Files.writeString(file,
            Files.readString(file).replace("\"partitions\" : 6", "\"partitions\" : 6, " + param));
    }

    @Test
    void shouldLeaveOutInvalidRuns() {
        final Path result = SyntheticRuns.troubled(dir.resolve("troubled"), 2);
        assertEquals(0, run("add", dir.resolve("h").toString(), result.toString()), this::all);
        assertTrue(err.toString().contains("invalid, left out"), this::all);
    }

    @Test
    void shouldEndWithSixWhenALineGotWorseLately() {
        final Path file = line(30, 4);
        assertEquals(6, run("gate", file.toString()), this::all);
        assertTrue(out.toString().contains("rt.p99: worse at"), this::all);
        assertEquals(0, run("gate", file.toString(), "--last", "3"), "four points ago" + all());
        assertEquals(0, run("gate", file.toString(), "--metric", "rate"), this::all);
        assertEquals(0, run("list", file.toString()), this::all);
        assertTrue(out.toString().contains("sha26"), this::all);
    }

    @Test
    void shouldEndWithSixWhenThreePointsOfAShortLineAreWorse() {
        assertEquals(6, run("gate", line(10, 3).toString()), this::all);
        assertTrue(out.toString().contains("2 lines: 1 got worse in the last 5 points; of the others changes of "),
            this::all);
        assertEquals(6, run("gate", line(8, 3).toString()), this::all);
        assertEquals(0, run("gate", line(9, 2).toString()), this::all);
    }

    @Test
    void shouldAddAPointForEachExperimentWhenSeveralAreNamed() {
        final Path file = dir.resolve("nights.jsonl");
        final Path first = SyntheticRuns.experiment(dir.resolve("nights/1"), 51, 2, 1.5, 4, 200);
        final Path second = SyntheticRuns.experiment(dir.resolve("nights/2"), 52, 2, 1.5, 4, 200);
        assertEquals(0, run("add", file.toString(), first.toString(), second.toString()), this::all);
        assertTrue(out.toString().startsWith("4 points added"), this::all);
        final List<HistoryPoint> points = HistoryStore.read(file, new ArrayList<>());
        assertTrue(points.stream().allMatch(point -> point.runIds().size() == 2), points::toString);
        assertEquals(0, run("add", file.toString(), second.toString(),
            SyntheticRuns.experiment(dir.resolve("nights/3"), 53, 2, 1.5, 4, 200).toString()), this::all);
        assertTrue(out.toString().startsWith("2 points added"), this::all);
        assertTrue(out.toString().contains("2 were there already"), this::all);
    }

    @Test
    void shouldLeaveOutAFigureWhenFailedRecordsMayHaveMovedIt() throws IOException {
        final Path result = SyntheticRuns.experiment(dir.resolve("failing"), 54, 2, 1, 8, 300);
        final Path file = runs(result).get(0).resolve("run.json");
        Files.writeString(file, Files.readString(file).replaceAll("\"errors\" : \\{\\s*\\}",
            "\"errors\" : {\"LOADING\" : 50}"));
        assertEquals(0, run("add", dir.resolve("f").toString(), result.toString()), this::all);
        assertTrue(err.toString().contains("rt.p99 left out, more records failed"), this::all);
        final List<HistoryPoint> points = HistoryStore.read(dir.resolve("f"), new ArrayList<>());
        assertEquals(1, points.stream().filter(point -> point.figures().containsKey("rt.p99")).count());
        assertEquals(2, points.stream().filter(point -> point.figures().containsKey("rt.p50")).count());
    }

    @Test
    void shouldEndWithSevenOnlyWhenAskedAndThereAreTooFewPoints() {
        final Path file = line(6, 3);
        assertEquals(0, run("gate", file.toString()), this::all);
        assertEquals(7, run("gate", file.toString(), "--fail-on", "inconclusive"), this::all);
    }

    @Test
    void shouldRefuseBoundsThatMakeNoSense() {
        final Path file = line(10, 3);
        assertEquals(2, run("gate", file.toString(), "--last", "0"), this::all);
        assertTrue(err.toString().contains("--last=0: it must be 3 or more"), this::all);
        assertEquals(2, run("gate", file.toString(), "--threshold", "300%"), this::all);
        assertTrue(err.toString().contains("the threshold must be between 0 and 1"), this::all);
        assertEquals(2, run("list", file.toString(), "--confidence", "7"), this::all);
    }

    @Test
    void shouldExportForOtherTools() throws IOException {
        final Path file = line(10, 3);
        assertEquals(0, run("export", file.toString(), "--format", "otava-csv"), this::all);
        final List<String> lines = out.toString().lines().toList();
        assertEquals("time,commit,rate,rt.p99", lines.get(0));
        assertEquals(11, lines.size());
        assertEquals(0, run("export", file.toString(), "--format", "bmf"), this::all);
        final JsonNode bmf = new ObjectMapper().readTree(out.toString());
        assertTrue(bmf.path("bench acks=all").path("rt.p99").path("value").isNumber(), this::all);
        assertEquals(0, run("export", file.toString(), "--format", "gh-action"), this::all);
        assertEquals("bench acks=all / rt.p99",
            new ObjectMapper().readTree(out.toString()).get(0).path("name").asText());
        assertEquals(0, run("export", file.toString(), "--format", "gh-action-bigger"), this::all);
        assertEquals("bench acks=all / rate",
            new ObjectMapper().readTree(out.toString()).get(0).path("name").asText());
        assertEquals(2, run("export", file.toString(), "--format", "xml"), this::all);
    }

    @Test
    void shouldSayWhichLinesAreDamagedAndReadTheOthers() throws IOException {
        final Path file = line(9, 3);
        Files.writeString(file, "{\"schema\":\"bench/hist", StandardOpenOption.APPEND);
        assertEquals(0, run("list", file.toString()), this::all);
        assertTrue(err.toString().contains("line 10: damaged"), this::all);
        assertEquals(2, run("list", dir.resolve("absent").toString()), this::all);
    }

    @Test
    void shouldKeepWhatIsAddedToAFileWhoseLastLineWasCutOff() throws IOException {
        final Path file = line(2, 0);
        final String whole = Files.readString(file);
        Files.writeString(file, whole.substring(0, whole.length() - 20));
        final Path result = SyntheticRuns.experiment(dir.resolve("ab"), 1, 2, 1.5, 4, 200);
        assertEquals(0, run("add", file.toString(), result.toString()), this::all);
        assertTrue(err.toString().contains("line 2: damaged"), this::all);
        assertEquals(0, run("list", file.toString()), this::all);
        assertTrue(out.toString().contains("acks=leader") && out.toString().contains("acks=all"), this::all);
    }

    @Test
    void shouldSayThatLinesAreDamagedWhenNothingElseIsThere() throws IOException {
        final Path file = dir.resolve("garbage.jsonl");
        Files.write(file, new byte[] {(byte) 0xC3, (byte) 0x28, '\n', 'x', '\n'});
        assertEquals(2, run("list", file.toString()), this::all);
        assertTrue(err.toString().contains("line 1: damaged") && err.toString().contains("line 2: damaged"),
            this::all);
    }

    /** A steady rate, and a p99 that is 40 % longer at the end. */
    private Path line(final int count, final int slow) {
        final SplittableRandom random = new SplittableRandom(count);
        final List<HistoryPoint> points = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            final double p99 = (i >= count - slow ? 1.4e6 : 1e6) * (1 + 0.02 * random.nextDouble());
            final double rate = 1000 * (1 + 0.001 * random.nextDouble());
            points.add(new HistoryPoint(HistoryPoint.SCHEMA, "bench acks=all", Instant.ofEpochSecond(1000L * i),
                new GitRevision("sha" + i, false), List.of("run" + i),
                Map.of("rt.p99", new HistoryPoint.Figure(p99, p99, p99, "ns", true),
                    "rate", new HistoryPoint.Figure(rate, rate, rate, "per_s", false))));
        }
        final Path file = dir.resolve("line-" + count + ".jsonl");
        HistoryStore.append(file, points);
        return file;
    }

    private int run(final String... args) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return new CommandLine(new HistoryCommand()).setCaseInsensitiveEnumValuesAllowed(true)
            .setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(args);
    }

    private String all() {
        return "out:\n" + out + "\nerr:\n" + err;
    }
}
