package io.millrace.results.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.results.report.ReportData;
import io.millrace.results.report.SummaryTable;
import io.millrace.results.report.SyntheticRuns;
import io.millrace.results.statistics.Comparison;
import io.millrace.results.statistics.Metric;
import io.millrace.results.statistics.RatioEstimate;
import io.millrace.results.statistics.Verdict;
import io.millrace.results.store.ExperimentData;
import io.millrace.results.store.ExperimentReader;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class CompareCommandTest {
    @TempDir
    private static Path dir;
    private static Path slow;
    private static Path same;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeAll
    static void measure() {
        slow = SyntheticRuns.experiment(dir.resolve("slow"), 11, 5, 2.5, 8, 300);
        same = SyntheticRuns.experiment(dir.resolve("same"), 12, 5, 1, 8, 300);
    }

    @Test
    void shouldEndWithSixWhenTheCandidateIsSlower() {
        assertEquals(6, run(slow.toString()), this::all);
        assertTrue(out.toString().contains("acks=leader") && out.toString().contains("regressed"), this::all);
        assertTrue(out.toString().contains("runs paired"), this::all);
        assertEquals(0, run(slow.toString(), "--fail-on", "never"));
    }

    @Test
    void shouldNotClaimADifferenceWhenTheSidesAreTheSame() {
        assertEquals(0, run(same.toString(), "--metric", "rt.p50,rt.p99,rate"), this::all);
        assertFalse(out.toString().contains("regressed") || out.toString().contains("improved"), this::all);
    }

    @Test
    void shouldCompareCellByCellWhenTwoExperimentsAreNamed() throws IOException {
        final int exitCode = run(same.toString(), slow.toString(), "--format", "json", "--metric", "rt.p50");
        assertEquals(6, exitCode, this::all);
        final JsonNode json = new ObjectMapper().readTree(out.toString());
        assertEquals("bench/compare/v1", json.path("schema").asText());
        assertEquals(2, json.path("cells").size(), this::all);
        assertEquals("acks=leader", json.path("cells").get(0).path("cell").asText());
        assertEquals("regressed", json.path("cells").get(1).path("figures").get(0).path("verdict").asText(), this::all);
        assertFalse(json.path("cells").get(0).path("paired").asBoolean(), this::all);
    }

    @Test
    void shouldImproveWhenTheSidesAreSwapped() {
        assertEquals(0, run(slow + "#B", slow + "#A", "--metric", "rt.p50", "--format", "md"), this::all);
        assertTrue(out.toString().contains("**improved**"), this::all);
    }

    @Test
    void shouldRefuseWhenTheLoadDiffers() {
        assertEquals(8, run(same + "#A", slow + "#B"), this::all);
        assertTrue(err.toString().contains("acks=leader against all"), this::all);
        assertTrue(err.toString().contains("--allow-mismatch"), this::all);
        assertEquals(6, run(same + "#A", slow + "#B", "--allow-mismatch"), this::all);
        assertTrue(err.toString().contains("acks=leader against all"), this::all);
    }

    @Test
    void shouldRefuseWhenTheMachineDiffers() throws IOException {
        final Path elsewhere = SyntheticRuns.experiment(dir.resolve("elsewhere"), 13, 3, 1, 4, 200);
        try (java.util.stream.Stream<Path> files = Files.walk(elsewhere)) {
            for (final Path file : files.filter(path -> path.endsWith("run.json")).toList()) {
                Files.writeString(file, Files.readString(file).replaceAll("\"fingerprint\" : \"\\w+\"",
                    "\"fingerprint\" : \"other\"").replaceAll("\"cores\" : \\d+", "\"cores\" : 192"));
            }
        }
        assertEquals(8, run(same.toString(), elsewhere.toString()), this::all);
        assertTrue(err.toString().contains("cores=") && err.toString().contains("against 192"), this::all);
    }

    @Test
    void shouldLeaveOutInvalidRunsAndNameAViolation() {
        final Path troubled = SyntheticRuns.troubled(dir.resolve("troubled"), 5);
        assertEquals(0, run(troubled.toString()), this::all);
        assertTrue(out.toString().contains("not valid (rate, hiccup"), this::all);
        assertTrue(out.toString().contains("needs at least 2 more pairs"), this::all);
        assertEquals(7, run(troubled.toString(), "--fail-on", "inconclusive"), this::all);
        assertEquals(5, run(troubled + "#B", troubled + "#A"), this::all);
    }

    @Test
    void shouldExplainWhenTheInputIsWrong() {
        assertEquals(2, run(dir.resolve("nowhere").toString(), slow.toString()), this::all);
        assertEquals(2, run(slow + "#C", slow + "#A"), this::all);
        assertEquals(2, run(slow.toString(), "--metric", "p99"), this::all);
        assertTrue(err.toString().contains("rt.p99"), this::all);
        assertEquals(2, run(slow.toString(), "--threshold", "many"), this::all);
    }

    @Test
    void shouldSayWhatItIsWhenADirectoryIsNoResult() throws IOException {
        final Path empty = Files.createDirectories(dir.resolve("empty"));
        refused(2, "holds no run that can be read: neither it nor a directory in it has a run.json; name the directory "
            + "that millrace bench or millrace jmh wrote", empty.toString(), slow.toString());
        final Path text = Files.writeString(dir.resolve("notes.txt"), "no result");
        refused(2, "notes.txt is a file; name the directory", text.toString(), slow.toString());
        refused(2, "nowhere does not exist; name the directory", slow.toString(), dir.resolve("nowhere").toString());
        final Path json = Files.writeString(dir.resolve("other.json"), "{\"benchmark\": 1}");
        refused(2, "other.json: damaged: not a JSON array", json.toString(), json.toString());
        final Path none = Files.writeString(dir.resolve("none.json"), "[]");
        refused(2, "none.json has no benchmark in it", none.toString(), none.toString());
    }

    @Test
    void shouldRefuseAResultThatANewerVersionWroteOrThatIsHalfWritten() throws IOException {
        final Path newer = SyntheticRuns.experiment(dir.resolve("newer"), 31, 1, 1, 4, 100);
        rewrite(newer, "bench/result/v1", "bench/result/v2");
        refused(2, "run.json: schema=bench/result/v2 but this version reads bench/result/v1; use the version of "
            + "millrace that wrote it", newer.toString(), slow.toString());
        final Path above = SyntheticRuns.experiment(dir.resolve("above"), 32, 1, 1, 4, 100);
        rewrite(above, "bench/experiment/v1", "bench/experiment/v2");
        refused(2, "experiment.json: schema=bench/experiment/v2 but this version reads bench/experiment/v1",
            above.toString());
        final Path cut = SyntheticRuns.experiment(dir.resolve("cut"), 33, 1, 1, 4, 100).resolve("run-01-A");
        final String whole = Files.readString(cut.resolve("run.json"));
        Files.writeString(cut.resolve("run.json"), whole.substring(0, whole.length() / 2));
        refused(2, "run.json: damaged JSON at line", cut.toString(), slow.toString());
        Files.writeString(cut.resolve("run.json"), "");
        refused(2, "run.json: damaged: not a JSON object", cut.toString(), slow.toString());
        Files.writeString(cut.resolve("run.json"), "{\"schema\":\"bench/result/v1\",\"runId\":\"x\"}");
        refused(2, "one of runId, status, started is missing", cut.toString(), slow.toString());
    }

    @Test
    void shouldCompareWhatIsLeftWhenARunOfASideIsHalfWritten() throws IOException {
        final Path some = SyntheticRuns.experiment(dir.resolve("left"), 34, 4, 1, 4, 200);
        Files.writeString(some.resolve("run-01-A/run.json"), "{");
        assertEquals(0, run(some.toString(), "--metric", "rt.p50"), this::all);
        assertTrue(err.toString().contains("left out: ") && err.toString().contains("damaged JSON"), this::all);
        assertTrue(out.toString().contains("runs paired"), this::all);
    }

    @Test
    void shouldRefuseJmhResultsBesideLoadRuns() throws IOException {
        final Path jmh = Files.writeString(dir.resolve("jmh.json"), "[{\"benchmark\":\"a.B.c\",\"mode\":\"avgt\","
            + "\"forks\":1,\"measurementIterations\":1,\"jdkVersion\":\"17\",\"primaryMetric\":{\"score\":7,"
            + "\"scoreUnit\":\"ns/op\",\"rawData\":[[7]]}}]");
        refused(8, "holds runs with load, " + jmh + " JMH results: these have no figure in common; compare load with "
            + "load and JMH with JMH, or put both into one report", slow.toString(), jmh.toString());
        refused(8, jmh + " holds JMH results, ", jmh.toString(), slow.toString(), "--allow-mismatch");
        assertFalse(err.toString().contains("add --allow-mismatch"), this::all);
        assertFalse(err.toString().contains("has ."), this::all);
    }

    @Test
    void shouldSayInWhatTheSidesDifferWhenNoSettingIsCommon() throws IOException {
        final Path many = SyntheticRuns.matrix(dir.resolve("many"), 35, 4);
        final Path others = SyntheticRuns.matrix(dir.resolve("others"), 36, 4);
        rewrite(others, "\"partitions\" : 6", "\"partitions\" : 60");
        refused(8, "no setting was measured on both; they differ in partitions", many.toString(),
            others.toString());
    }

    @Test
    void shouldNotMindAHashWhereTheSettingsTellAll() throws IOException {
        final Path before = SyntheticRuns.experiment(dir.resolve("hash/before"), 37, 3, 1, 4, 200);
        final Path after = SyntheticRuns.experiment(dir.resolve("hash/after"), 38, 3, 1, 4, 200);
        rewrite(after, "\"abc\"", "\"def\"");
        refused(8, "the workloads differ: hash abc and def", before.toString(), after.toString());
        rewrite(before, "\"partitions\" : 6", "\"partitions\" : 6, \"other_settings\" : \"\"");
        rewrite(after, "\"partitions\" : 6", "\"partitions\" : 6, \"other_settings\" : \"\"");
        assertEquals(0, run(before.toString(), after.toString(), "--metric", "rt.p50"), this::all);
        rewrite(after, "\"other_settings\" : \"\"", "\"other_settings\" : \"warmup=20s\"");
        refused(8, "the workloads differ: other_settings=none against warmup=20s", before + "#A", after + "#A");
    }

    @Test
    void shouldCompareByTheHashWhereAnOlderResultDoesNotTellAllSettings() throws IOException {
        final Path before = SyntheticRuns.experiment(dir.resolve("older/before"), 39, 3, 1, 4, 200);
        final Path after = SyntheticRuns.experiment(dir.resolve("older/after"), 40, 3, 1, 4, 200);
        rewrite(after, "\"partitions\" : 6", "\"partitions\" : 6, \"other_settings\" : \"duration=15s\"");
        assertEquals(0, run(before.toString(), after.toString(), "--metric", "rt.p50"), this::all);
        rewrite(after, "\"abc\"", "\"def\"");
        refused(8, "the workloads differ: hash abc and def", before.toString(), after.toString());
        final Path many = SyntheticRuns.matrix(dir.resolve("older/many"), 41, 4);
        final Path told = SyntheticRuns.matrix(dir.resolve("older/told"), 42, 4);
        rewrite(told, "\"partitions\" : 6", "\"partitions\" : 6, \"other_settings\" : \"duration=15s\"");
        run(many.toString(), told.toString(), "--metric", "rt.p50");
        assertFalse(err.toString().contains("in common") || err.toString().contains("other_settings"), this::all);
        assertTrue(err.toString().contains("told, acks=all, rate=900: no run is valid"), "cell by cell" + all());
    }

    @Test
    void shouldMakeNoClaimWhenAllRunsOfASideMetOneCluster() throws IOException {
        final Path before = SyntheticRuns.experiment(dir.resolve("one/before"), 61, 5, 1, 4, 200);
        final Path after = SyntheticRuns.experiment(dir.resolve("one/after"), 62, 5, 2, 4, 200);
        assertEquals(6, run(before.toString(), after.toString(), "--metric", "rt.p50"), this::all);
        rewriteAll(before, "\"cluster\" : \"[^\"]+\"", "\"cluster\" : \"first\"");
        rewriteAll(after, "\"cluster\" : \"[^\"]+\"", "\"cluster\" : \"second\"");
        assertEquals(0, run(before.toString(), after.toString(), "--metric", "rt.p50"), this::all);
        assertTrue(out.toString().contains("needs runs on at least 2 more clusters a side, each started anew "
            + "(restart-broker=true)") && out.toString().contains("pair them with bench ab"), this::all);
        assertEquals(6, run(after.toString(), "--metric", "rt.p50"), "its pairs met the same brokers" + all());
        rewriteAll(before, ",\\s*\"cluster\" : \"[^\"]+\"", "");
        rewriteAll(after, ",\\s*\"cluster\" : \"[^\"]+\"", "");
        assertEquals(0, run(before.toString(), after.toString(), "--metric", "rt.p50"), "older results" + all());
        assertTrue(out.toString().contains("those of one command are taken for runs on one cluster"), this::all);
        rewriteAll(before, "\"partitions\" : 6", "\"partitions\" : 6, \"other_settings\" : \"restart-broker=true\"");
        rewriteAll(after, "\"partitions\" : 6", "\"partitions\" : 6, \"other_settings\" : \"restart-broker=true\"");
        assertEquals(6, run(before.toString(), after.toString(), "--metric", "rt.p50"), this::all);
    }

    @Test
    void shouldGiveNoRatioWhenFailedRecordsMayHaveMovedAFigure() throws IOException {
        final Path failing = SyntheticRuns.experiment(dir.resolve("failing"), 63, 5, 0.5, 8, 300);
        assertEquals(0, run(failing.toString(), "--metric", "rt.p50,rt.p99", "--format", "json"), this::all);
        assertEquals(2, count("\"verdict\" : \"improved\""), this::all);
        final Path run = failing.resolve("run-02-B/run.json");
        Files.writeString(run, Files.readString(run).replaceAll("\"errors\" : \\{\\s*\\}",
            "\"errors\" : {\"LOADING\" : 50}"));
        assertEquals(0, run(failing.toString(), "--metric", "rt.p50,rt.p99", "--format", "json"), this::all);
        assertEquals(1, count("\"verdict\" : \"improved\""), this::all);
        assertTrue(out.toString().contains("not known in 1 run: more records failed, were never sent or never received "
            + "than may be slower than it"), this::all);
    }

    private int count(final String word) {
        return out.toString().split(java.util.regex.Pattern.quote(word), -1).length - 1;
    }

    private static void rewriteAll(final Path experiment, final String pattern, final String after) throws IOException {
        try (java.util.stream.Stream<Path> files = Files.walk(experiment)) {
            for (final Path file : files.filter(path -> path.endsWith("run.json")).toList()) {
                Files.writeString(file, Files.readString(file).replaceAll(pattern, after));
            }
        }
    }

    private void refused(final int exitCode, final String why, final String... args) {
        assertEquals(exitCode, run(args), this::all);
        assertTrue(err.toString().contains(why), this::all);
    }

    @Test
    void shouldGiveNoVerdictWhenEqualSidesDifferedNearlyAsMuch() {
        assertEquals(0, run(slow.toString(), "--aa", slow.toString(), "--metric", "rt.p50"), this::all);
        assertTrue(out.toString().contains("1 inconclusive; "), this::all);
        assertTrue(out.toString().contains("more than the threshold, but less than"), this::all);
        assertEquals(7, run(slow.toString(), "--aa", slow.toString(), "--metric", "rt.p50", "--fail-on",
            "inconclusive"), this::all);
    }

    @Test
    void shouldTakeTheControlThatLiesThereUnlessToldNotTo() throws IOException {
        final Path home = dir.resolve("home");
        final Path compared = SyntheticRuns.experiment(home.resolve("ab-1"), 14, 4, 2.5, 6, 300);
        assertEquals(6, run(compared.toString(), "--metric", "rt.p50"), this::all);
        assertFalse(out.toString().contains("Equal sides"), this::all);
        control(SyntheticRuns.experiment(home.resolve("aa-1"), 15, 3, 1.3, 6, 300));
        assertEquals(6, run(compared.toString(), "--metric", "rt.p50"), this::all);
        assertTrue(out.toString().contains("Equal sides were compared in " + home.resolve("aa-1")), this::all);
        assertTrue(out.toString().contains("between the two is inconclusive: "), this::all);
        assertTrue(out.toString().contains("rt.p50 "), this::all);
        control(SyntheticRuns.experiment(compared.resolve("control"), 16, 3, 2.2, 6, 300));
        assertEquals(0, run(compared.toString(), "--metric", "rt.p50"), this::all);
        assertTrue(out.toString().contains("Equal sides were compared in " + compared.resolve("control")), this::all);
        assertEquals(6, run(compared.toString(), "--metric", "rt.p50", "--no-aa"), this::all);
        assertEquals(0, run(home.resolve("aa-1").toString(), "--metric", "rt.p50", "--fail-on", "never"), this::all);
        assertFalse(out.toString().contains("Equal sides"), this::all);
        final ExperimentData data = ExperimentReader.read(List.of(compared));
        assertEquals(8, data.runs().size(), "the control's runs are not the experiment's");
        final RatioEstimate p50 = Comparison.of(data).estimate(Metric.RT_P50);
        assertTrue(p50.margin() > 1.5 && p50.verdict() != Verdict.REGRESSED, p50.toString());
    }

    private static void control(final Path experiment) throws IOException {
        rewrite(experiment, "\"kind\" : \"ab\"", "\"kind\" : \"aa\"");
        rewrite(experiment, "\"acks\" : \"all\"", "\"acks\" : \"leader\"");
    }

    private static void rewrite(final Path experiment, final String before, final String after) throws IOException {
        try (java.util.stream.Stream<Path> files = Files.walk(experiment)) {
            for (final Path file : files.filter(path -> path.toString().endsWith(".json")).toList()) {
                Files.writeString(file, Files.readString(file).replace(before, after));
            }
        }
    }

    @Test
    void shouldSayWhyAControlIsNotTakenWhenItDoesNotFit() throws IOException {
        final Path compared = SyntheticRuns.experiment(dir.resolve("few/ab-1"), 18, 4, 2.5, 6, 300);
        final Path few = SyntheticRuns.experiment(compared.resolve("control"), 19, 2, 2.2, 6, 300);
        control(few);
        assertEquals(6, run(compared.toString(), "--metric", "rt.p50"), this::all);
        assertTrue(out.toString().contains("The control in " + few + " is not taken by itself: it has 2 valid pairs, "
            + "fewer than 3. "), this::all);
        final ExperimentData data = ExperimentReader.read(List.of(compared));
        assertEquals(0.05, Comparison.of(data).estimate(Metric.RT_P50).margin(), 1e-9);
        assertTrue(ReportData.markdown(data).contains("the verdicts stand without it: it has 2 valid pairs"));
        assertEquals(0, run(compared.toString(), "--metric", "rt.p50", "--aa", few.toString()), this::all);
        assertTrue(out.toString().contains("Equal sides were compared in " + few), this::all);
        final Path other = SyntheticRuns.experiment(dir.resolve("other/ab-1"), 20, 4, 2.5, 6, 300);
        control(SyntheticRuns.experiment(dir.resolve("other/aa-1"), 21, 3, 2.2, 6, 200));
        assertEquals(6, run(other.toString(), "--metric", "rt.p50"), this::all);
        assertTrue(out.toString().contains("its settings are not those of the base side, they differ in rate_per_s. "),
            this::all);
    }

    @Test
    void shouldGiveNoVerdictOnACostThatIsZeroInARun() throws IOException {
        final Path some = SyntheticRuns.experiment(dir.resolve("zero"), 22, 4, 1, 6, 200);
        assertEquals(0, run(some.toString(), "--metric", "gc.broker"), this::all);
        assertTrue(out.toString().contains("same"), this::all);
        rewrite(some.resolve("run-02-B"), "\"broker_gc_pause_ns\" : 2000000", "\"broker_gc_pause_ns\" : 0");
        assertEquals(7, run(some.toString(), "--metric", "gc.broker", "--fail-on", "inconclusive", "--format", "json"),
            this::all);
        final JsonNode figure =
            new ObjectMapper().readTree(out.toString()).path("cells").get(0).path("figures").get(0);
        assertTrue(figure.path("ratio").isNull(), this::all);
        assertEquals(4, figure.path("candidate_runs").asInt(), this::all);
        assertEquals("zero in 1 of 8 runs, and of nothing there is no ratio: compare the figures themselves",
            figure.path("advice").asText());
        for (final String name : List.of("run-03-B", "run-06-B", "run-07-B")) {
            rewrite(some.resolve(name), "\"broker_gc_pause_ns\" : 2000000", "\"broker_gc_pause_ns\" : 0");
        }
        run(some.toString(), "--metric", "gc.broker");
        assertTrue(out.toString().contains("zero in 4 of 8 runs"), this::all);
        assertTrue(SummaryTable.render(ExperimentReader.read(List.of(some)))
            .contains("broker GC pauses: zero in 4 of 8 runs"));
    }

    @Test
    void shouldPrintTheDifferencesFirstWhenAMismatchIsAllowed() {
        assertEquals(6, run(same + "#A", slow + "#B", "--allow-mismatch", "--format", "md", "--metric", "rt.p50"),
            this::all);
        final String text = out.toString();
        assertTrue(text.indexOf("**Not comparable:** the workloads differ") > 0
            && text.indexOf("Not comparable:") < text.indexOf("| RT p50 |"), this::all);
        run(same + "#A", slow + "#B", "--allow-mismatch");
        assertTrue(out.toString().indexOf("NOT COMPARABLE") < out.toString().indexOf("RT p50"), this::all);
        assertEquals(8, run(same + "#A", slow + "#B", "--format", "md"), this::all);
        assertTrue(out.toString().startsWith("### Not comparable") && out.toString().contains("the workloads differ"),
            this::all);
    }

    @Test
    void shouldGiveGeometricMeansOfRatiosOverSettings() throws IOException {
        assertEquals(6, run(same.toString(), slow.toString(), "--metric", "rt.p50", "--format", "json"), this::all);
        final JsonNode json = new ObjectMapper().readTree(out.toString());
        final double first = json.path("cells").get(0).path("figures").get(0).path("ratio").asDouble();
        final double second = json.path("cells").get(1).path("figures").get(0).path("ratio").asDouble();
        assertEquals(Math.sqrt(first * second), json.path("geomeans").get(0).path("ratio").asDouble(), 1e-9);
        assertEquals(2, json.path("geomeans").get(0).path("cells").asInt());
        run(same.toString(), slow.toString(), "--metric", "rt.p50");
        assertTrue(out.toString().contains("geometric means of the ratios"), this::all);
        run(slow.toString());
        assertFalse(out.toString().contains("geometric means"), this::all);
    }

    private int run(final String... args) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return new CommandLine(new CompareCommand()).setCaseInsensitiveEnumValuesAllowed(true)
            .setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(args);
    }

    private String all() {
        return String.format(Locale.ROOT, "out:%n%s%nerr:%n%s", out, err);
    }
}
