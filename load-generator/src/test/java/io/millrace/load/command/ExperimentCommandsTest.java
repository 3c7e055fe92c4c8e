package io.millrace.load.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.load.run.ExitCodes;
import io.millrace.results.model.Experiment;
import io.millrace.results.model.RunDocument;
import io.millrace.results.model.RunStatus;
import io.millrace.results.model.SweepResult;
import io.millrace.results.statistics.Rules;
import io.millrace.results.store.ExperimentStore;
import io.millrace.results.store.RunReader;
import io.millrace.results.store.SweepStore;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

@Timeout(900)
class ExperimentCommandsTest {
    private static final List<String> SHORT =
        List.of("--driver", "null", "-d", "200ms", "-w", "0s", "-q");

    @TempDir
    private Path dir;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void shouldAnnounceAMatrixAndRunNothingWhenItIsDry() {
        assertEquals(ExitCodes.OK, bench("matrix", "durability-matrix", "--dry-run"));
        assertTrue(out.toString().contains("16 cells x 3 = 48 runs"), out.toString());
        assertTrue(out.toString().contains("acks=leader rate=5k record-size=100B partitions=6"), out.toString());
    }

    @Test
    void shouldRunEveryCellThereAndBackAndResumeWhatIsMissing() throws IOException {
        final Path result = dir.resolve("matrix");
        final int exitCode = bench(with("matrix", "--axis", "acks=leader,all", "--axis", "rate=500,1000", "--repeat",
            "2", "-o", result.toString()));
        assertTrue(exitCode == ExitCodes.OK || exitCode == ExitCodes.INVALID, err.toString());
        assertEquals(List.of("C1-1", "C2-1", "C3-1", "C4-1", "C4-2", "C3-2", "C2-2", "C1-2"),
            ExperimentStore.read(result).runs());
        final RunDocument kept = RunReader.read(result.resolve("C1-1")).document();
        // as a process that was killed leaves it
        final Path run = result.resolve("C3-2").resolve("run.json");
        Files.writeString(run, Files.readString(run).replaceAll("\"status\" : \"[a-z]+\"", "\"status\" : \"running\""));
        Files.writeString(result.resolve("C2-2").resolve("run.json"), "{ \"schema\" : ");
        note(result, "Heard before.");
        final int resumed = bench("matrix", "--resume", result.toString());
        assertTrue(resumed == ExitCodes.OK || resumed == ExitCodes.INVALID, err.toString());
        assertEquals(kept.runId(), RunReader.read(result.resolve("C1-1")).document().runId(), "not run again");
        assertTrue(Files.exists(result.resolve("discarded/1/C3-2/run.json")), "nothing is overwritten");
        assertTrue(Files.exists(result.resolve("discarded/1/C2-2/run.json")), "nor what is damaged");
        assertEquals("C2", RunReader.read(result.resolve("C2-2")).document().leg());
        assertTrue(ExperimentStore.read(result).notes().contains("Heard before."), "what was known stays known");
        assertEquals("C3", RunReader.read(result.resolve("C3-2")).document().leg());
        assertEquals(8, ExperimentStore.read(result).runs().size());
        assertEquals(ExitCodes.USAGE, bench("ab", "--resume", result.toString()));
        assertTrue(err.toString().contains("of kind matrix"), err.toString());
    }

    private static void note(final Path result, final String sentence) {
        final Experiment e = ExperimentStore.read(result);
        ExperimentStore.write(result, new Experiment(e.schema(), e.experimentId(), e.kind(), e.started(), e.command(),
            e.legs(), e.pairs(), e.threshold(), e.runs(), List.of(sentence)));
    }

    @Test
    void shouldFindTheHighestRateWhenItSweeps() {
        final Path result = dir.resolve("sweep");
        final int exitCode = bench(with("sweep", "--slo", "rt.p50<10s", "--from", "500", "--to", "2000", "--points",
            "1", "--repeat", "1", "-o", result.toString()));
        final SweepResult sweep = SweepStore.read(result);
        assertTrue(sweep.isComplete());
        assertFalse(sweep.points().isEmpty());
        if (exitCode == ExitCodes.OK) { // a busy machine makes runs invalid, and those do not meet
            assertTrue(sweep.maxRatePerS() >= 1 && sweep.maxRatePerS() <= 2_000, sweep::toString);
        }
        final int again = bench("sweep", "--resume", result.toString());
        assertEquals(exitCode, again, err.toString());
        assertEquals(sweep, SweepStore.read(result), "everything was there already");
        assertEquals(ExitCodes.USAGE, bench(with("sweep", "-o", dir.resolve("none").toString())));
        assertTrue(err.toString().contains("say what a rate must meet"), err.toString());
    }

    @Test
    void shouldTellOfARateThatTheMachineSpoiltTwice() throws IOException {
        final Path result = dir.resolve("spoilt");
        bench(with("sweep", "--slo", "rt.p50<10s", "--from", "500", "--to", "500", "--points", "0", "--repeat", "1",
            "-o", result.toString()));
        spoil(result.resolve("P001-bracket"), "hiccup");
        keepOnly(result, 1); // what came after it was planned by another answer
        bench("sweep", "--resume", result.toString());
        final SweepResult once = SweepStore.read(result);
        assertTrue(once.points().get(0).isSpoilt() && !once.points().get(0).isMet(), once::toString);
        assertEquals("P002-bracket", once.points().get(1).run(), "it is repeated");
        spoil(result.resolve("P002-bracket"), "hiccup");
        keepOnly(result, 2);
        bench("sweep", "--resume", result.toString());
        final SweepResult twice = SweepStore.read(result);
        assertTrue(twice.points().get(0).isSpoilt() && twice.points().get(1).isSpoilt(), twice::toString);
        assertTrue(twice.undecidedPerS().contains(500L), twice::toString);
        assertTrue(twice.points().get(2).ratePerS() == 250, "as if it had missed");
        assertTrue(out.toString().contains("undecided: 500/s"), out.toString());
    }

    private static void keepOnly(final Path result, final int runCount) throws IOException {
        final List<Path> gone;
        try (Stream<Path> all = Files.walk(result)) {
            gone = all.filter(path -> path.startsWith(result) && !path.equals(result)).filter(path -> {
                final String name = result.relativize(path).getName(0).toString();
                return name.matches("P\\d+-.*") && Integer.parseInt(name.substring(1, 4)) > runCount;
            }).sorted(Comparator.reverseOrder()).toList();
        }
        for (final Path path : gone) {
            Files.delete(path);
        }
    }

    @Test
    void shouldTellARateAtWhichTheTargetWasWarmingUpFromOneThatItCouldNotKeep() throws IOException {
        final Path result = dir.resolve("unsteady");
        bench(with("sweep", "--slo", "rt.p50<10s", "--from", "500", "--to", "500", "--points", "0", "--repeat", "1",
            "-o", result.toString()));
        spoil(result.resolve("P001-bracket"), "steady");
        medians(result.resolve("P001-bracket"), 9, 5, 3);
        keepOnly(result, 1);
        bench("sweep", "--resume", result.toString());
        assertEquals("P002-bracket", SweepStore.read(result).points().get(1).run(), "it is repeated");
        spoil(result.resolve("P002-bracket"), "steady");
        medians(result.resolve("P002-bracket"), 9, 5, 3);
        keepOnly(result, 2);
        bench("sweep", "--resume", result.toString());
        final SweepResult warming = SweepStore.read(result);
        assertTrue(warming.points().get(1).isSpoilt() && warming.undecidedPerS().contains(500L), warming::toString);
        medians(result.resolve("P002-bracket"), 3, 5, 9);
        keepOnly(result, 2);
        bench("sweep", "--resume", result.toString());
        final SweepResult overload = SweepStore.read(result);
        assertFalse(overload.points().get(1).isSpoilt(), overload::toString);
        assertFalse(overload.undecidedPerS().contains(500L), overload::toString);
    }

    /** As a run with seconds of these median response times. */
    private static void medians(final Path run, final long... p50Ms) throws IOException {
        final StringBuilder rows = new StringBuilder("start_ms,phase,sent,acked,errors,bytes,p50_ns,p99_ns,max_ns\n");
        for (int i = 0; i < p50Ms.length; i++) {
            final long ns = p50Ms[i] * 1_000_000;
            rows.append(i * 1000).append(",measure,10,10,0,10,").append(ns).append(',').append(ns).append(',')
                .append(ns).append('\n');
        }
        Files.writeString(run.resolve("timeline.csv"), rows);
    }

    /** As a run in which this process was stalled, or whatever else. */
    private static void spoil(final Path run, final String reason) throws IOException {
        final Path file = run.resolve("run.json");
        Files.writeString(file, Files.readString(file).replaceAll("\"status\" : \"[a-z]+\"", "\"status\" : \"invalid\"")
            .replaceAll("\"invalidReasons\" : \\[[^\\]]*\\]", "\"invalidReasons\" : [ \"" + reason + "\" ]"));
    }

    @Test
    void shouldRunASideAgainstItselfAsAControl() throws IOException {
        final Path result = dir.resolve("aa");
        final int exitCode = bench(with("ab", "--control", "aa", "--a", "acks=all", "--pairs", "1", "-R", "500", "-o",
            result.toString()));
        assertTrue(exitCode == ExitCodes.OK || exitCode == ExitCodes.INVALID, err.toString());
        assertEquals(RunReader.read(result.resolve("A-1")).document().workloadSha256(),
            RunReader.read(result.resolve("B-1")).document().workloadSha256());
        assertEquals("aa", ExperimentStore.read(result).kind());
        final int resumed = bench("ab", "--resume", result.toString());
        assertEquals(exitCode, resumed, err.toString());
        shouldRefuseToMixBuilds(result, exitCode);
        shouldMakeAHalfPairAnew(result);
    }

    private void shouldRefuseToMixBuilds(final Path result, final int exitCode) throws IOException {
        final Path run = result.resolve("A-1").resolve("run.json");
        final String kept = Files.readString(run);
        Files.writeString(run, kept.replaceAll("\"sha\" : \"[^\"]*\"", "\"sha\" : \"0123456789abcdef\""));
        assertEquals(ExitCodes.USAGE, bench("ab", "--resume", result.toString()));
        assertTrue(err.toString().contains("another build or machine (source: 0123456789ab then, "), err.toString());
        assertTrue(err.toString().contains("pass --mixed"), err.toString());
        assertEquals(exitCode, bench("ab", "--resume", result.toString(), "--mixed"), err.toString());
        assertTrue(ExperimentStore.read(result).notes().stream().anyMatch(note ->
            note.startsWith("Resumed with another build")), "for the reader");
        Files.writeString(run, kept);
        assertEquals(ExitCodes.USAGE, bench(with("ab", "--control", "aa", "--mixed", "-o", result + "-2")));
    }

    private void shouldMakeAHalfPairAnew(final Path result) throws IOException {
        final String halfId = RunReader.read(result.resolve("A-1")).document().runId();
        final Path run = result.resolve("B-1").resolve("run.json");
        Files.writeString(run, Files.readString(run).replaceAll("\"status\" : \"[a-z]+\"", "\"status\" : \"running\""));
        final int exitCode = bench("ab", "--resume", result.toString());
        assertTrue(exitCode == ExitCodes.OK || exitCode == ExitCodes.INVALID, err.toString());
        assertEquals(halfId, RunReader.read(result.resolve("discarded/1/A-1")).document().runId());
        assertFalse(halfId.equals(RunReader.read(result.resolve("A-1")).document().runId()), "both halves are new");
        assertEquals(List.of("A-1", "B-1"), ExperimentStore.read(result).runs());
    }

    @Test
    void shouldRunAControlBesideAComparison() {
        final Path result = dir.resolve("ab");
        final int exitCode = bench(with("ab", "--a", "acks=leader", "--b", "acks=all", "--control", "aa", "--pairs",
            "2", "-R", "500", "-o", result.toString()));
        assertTrue(exitCode == ExitCodes.OK || exitCode == ExitCodes.INVALID, err.toString());
        assertEquals("ab", ExperimentStore.read(result).kind());
        assertEquals(List.of("A-1", "B-1", "B-2", "A-2"), ExperimentStore.read(result).runs());
        final Path control = result.resolve("control");
        assertEquals("aa", ExperimentStore.read(control).kind());
        assertEquals(List.of("A-1", "B-1", "B-2", "A-2"), ExperimentStore.read(control).runs());
        assertEquals("leader", RunReader.read(control.resolve("B-2")).document().params().get("acks"));
        assertEquals("all", RunReader.read(result.resolve("B-2")).document().params().get("acks"));
        assertTrue(out.toString().contains("control: " + control + ", which compare and report leave alone: it has "),
            out.toString());
        assertTrue(out.toString().contains(", fewer than " + Rules.MIN_PAIRS), out.toString());
    }

    @Test
    void shouldMakeAsManyPairsAsAVerdictNeedsUnlessToldOtherwise() {
        final CommandLine.Model.OptionSpec pairs =
            new CommandLine(new BenchAbCommand()).getCommandSpec().findOption("--pairs");
        assertEquals(String.valueOf(Rules.MIN_PAIRS), pairs.defaultValue());
        assertEquals(ExitCodes.OK, bench("ab", "--help"));
        assertTrue(out.toString().replaceAll("\\s+", " ").contains("Fewer than 3 valid pairs allow no verdict"),
            out.toString());
    }

    @Test
    void shouldLeaveAReadableResultWhenTheProcessIsKilled() throws Exception {
        final Path result = dir.resolve("killed");
        final List<String> command = new ArrayList<>(List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--add-opens",
            "java.base/jdk.internal.misc=ALL-UNNAMED", "--add-opens", "java.base/sun.nio.ch=ALL-UNNAMED",
            "-cp", System.getProperty("java.class.path"), "picocli.CommandLine"));
        command.set(command.size() - 1, BenchMain.class.getName());
        command.addAll(List.of("run", "--driver", "null", "-R", "1000", "-d", "300s", "-w", "0s", "-q", "-o",
            result.toString()));
        final Process process = new ProcessBuilder(command).redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        try {
            final Path timeline = result.resolve("timeline.csv");
            final long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(110);
            while (rowsOf(timeline).size() < 3 || rowsOf(timeline).stream().mapToLong(Long::longValue).sum() < 2_500) {
                assertTrue(System.nanoTime() - deadlineNs < 0 && process.isAlive(), "three seconds were never written");
                LockSupport.parkNanos(50_000_000);
            }
        } finally {
            process.destroyForcibly(); // SIGKILL
        }
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        final var run = RunReader.read(result);
        assertEquals(RunStatus.RUNNING, run.document().status());
        assertTrue(run.merged(io.millrace.results.model.Tags.ACK_RT).getTotalCount() > 1_000);
        assertTrue(run.timeline().size() >= 3);
        final int exitCode = bench("verify", result.toString());
        assertTrue(exitCode != ExitCodes.OK, "it never ended: " + out);
        final String page = report(result);
        assertTrue(page.contains("interrupted") && page.length() > 10_000, "the report says what it is");
    }

    /** {@return the acknowledged records of each second that was written, without a line that is just being written} */
    private static List<Long> rowsOf(final Path timeline) throws IOException {
        return !Files.exists(timeline) ? List.of() : Files.readAllLines(timeline).stream().skip(1)
            .map(row -> row.split(",")).filter(row -> row.length > 8).map(row -> Long.valueOf(row[3])).toList();
    }

    @Test
    void shouldMarkARunThatMissedItsRateInvalidAndKeepItReadable() throws IOException {
        final Path result = dir.resolve("missed");
        assertEquals(ExitCodes.INVALID, bench("run", "--driver", "null", "-R", "50M", "-d", "100ms", "-w", "0s", "-q",
            "-o", result.toString()), err::toString);
        final RunDocument document = RunReader.read(result).document();
        assertEquals(RunStatus.INVALID, document.status());
        assertTrue(document.invalidReasons().contains("rate"), document.invalidReasons()::toString);
        assertTrue(document.notes().stream().anyMatch(note -> note.startsWith("Achieved ")), "how far it came");
        assertTrue(document.measured().acked() > 0);
        assertTrue(report(result).contains("invalid"));
    }

    private String report(final Path result) throws IOException {
        final Path page = dir.resolve("report.html");
        assertEquals(0, new CommandLine(new io.millrace.results.command.ReportCommand())
            .setOut(new PrintWriter(out)).setErr(new PrintWriter(err))
            .execute(result.toString(), "-o", page.toString()), err::toString);
        return Files.readString(page);
    }

    @Test
    void shouldCheckResultsAndShowWorkloads() {
        final Path result = dir.resolve("run");
        final int exitCode = bench(with("run", "-R", "500", "-o", result.toString()));
        assertEquals(exitCode, bench("verify", result.toString()), out.toString());
        assertEquals(ExitCodes.OK, bench("list"));
        assertEquals(ExitCodes.OK, bench("list", "--settings"));
        assertEquals(ExitCodes.OK, bench("show", "failover"));
        assertEquals(ExitCodes.OK, bench("show", "--resolved", result.resolve("workload.resolved.yaml").toString()));
        assertTrue(out.toString().contains("failover") && out.toString().contains("millrace "), out.toString());
        assertEquals(ExitCodes.USAGE, bench("verify"));
        assertEquals(ExitCodes.USAGE, bench("verify", dir.resolve("nowhere").toString()));
        assertTrue(err.toString().contains("nowhere does not exist; name the directory"), err.toString());
        assertEquals(ExitCodes.USAGE, bench("show", "failoverr"));
    }

    @Test
    void shouldSayOfEachFindingWhetherItIsAllRight() {
        assertEquals(ExitCodes.OK, bench("doctor", "--data", dir.toString()));
        assertTrue(out.toString().lines().filter(line -> line.matches("(OK|WARN) .*")).count() >= 10, out.toString());
        out.getBuffer().setLength(0);
        assertEquals(ExitCodes.OK, bench("doctor", "--json", "--data", dir.toString()));
        assertTrue(out.toString().contains("\"name\" : \"fsync\""), out.toString());
    }

    @Test
    void shouldKeepTheFloorOfTheHarness() {
        System.setProperty("millrace.calibration.dir", dir.resolve("floor").toString());
        try {
            final int exitCode = bench("calibrate", "--time", "500ms", "-q");
            assertTrue(exitCode == ExitCodes.OK || exitCode == ExitCodes.INVALID, err.toString());
            assertTrue(out.toString().contains("highest rate"), out.toString());
            assertEquals(exitCode == ExitCodes.OK, Files.isDirectory(dir.resolve("floor")));
        } finally {
            System.clearProperty("millrace.calibration.dir");
        }
    }

    private static String[] with(final String... words) {
        final List<String> all = new ArrayList<>(List.of(words));
        all.addAll(SHORT);
        return all.toArray(String[]::new);
    }

    private int bench(final String... arguments) {
        return new CommandLine(new BenchCommand()).setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true)).execute(arguments);
    }
}
