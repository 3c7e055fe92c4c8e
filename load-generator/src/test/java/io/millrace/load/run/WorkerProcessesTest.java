package io.millrace.load.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.load.command.BenchCommand;
import io.millrace.load.run.FakeBroker.Fault;
import io.millrace.results.model.Measured;
import io.millrace.results.model.RunDocument;
import io.millrace.results.model.RunStatus;
import io.millrace.results.model.Tags;
import io.millrace.results.model.TimelineRow;
import io.millrace.results.store.ExperimentStore;
import io.millrace.results.store.RunReader;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Runs whose load comes from processes of their own. */
@Timeout(900)
class WorkerProcessesTest {
    @TempDir
    private Path dir;

    private final List<Process> processes = new ArrayList<>();
    private final List<String> addresses = new ArrayList<>();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void startWorkers() throws IOException {
        for (int i = 0; i < 2; i++) {
            final Process process = new ProcessBuilder(ProcessHandle.current().info().command().orElse("java"),
                "--add-opens", "java.base/jdk.internal.misc=ALL-UNNAMED", "--add-opens",
                "java.base/sun.nio.ch=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
                "io.millrace.load.command.BenchMain", "worker", "--listen", "127.0.0.1:0", "-o",
                dir.resolve("worker-" + i).toString()).redirectError(ProcessBuilder.Redirect.DISCARD).start();
            processes.add(process);
        }
        for (final Process process : processes) {
            final BufferedReader said =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
            final String line = said.readLine();
            assertNotNull(line, "a worker ended before it listened");
            addresses.add("127.0.0.1:" + line.substring(line.lastIndexOf(':') + 1).trim());
        }
    }

    @AfterEach
    void endWorkers() throws InterruptedException {
        for (final Process process : processes) {
            process.destroyForcibly().waitFor(); // their directories are deleted next
        }
    }

    @Test
    void shouldAddUpLoadConsumersAndVerificationOfAllProcesses() {
        try (FakeBroker broker = new FakeBroker(i -> Fault.NONE)) {
            final int exitCode = bench(broker, "-R", "2000", "-n", "4001", "-w", "500ms", "--producers", "3",
                "--consumers", "2", "--slo", "lost_acked==0");
            final RunDocument document = RunReader.read(dir.resolve("out")).document();
            assertTrue(exitCode == ExitCodes.OK || exitCode == ExitCodes.INVALID, () -> err + " " + document.notes());
            final Measured measured = document.measured();
            assertEquals(4_001, measured.sent(), document.notes()::toString);
            assertEquals(4_001, measured.acked());
            assertEquals(4_001, measured.consumed());
            assertEquals(4_001, measured.latency().get(Tags.ACK_RT).count());
            assertEquals(4_001, measured.latency().get(Tags.E2E_RT).count());
            assertTrue(measured.latency().get(Tags.E2E_RT).maxNs() > 0);
            assertTrue(document.verify().isClean(), document.notes()::toString);
            assertTrue(document.verify().checked() >= 4_001, "those of the warm-up, too");
            assertNotNull(measured.cost().clientCpuNsPerMsg());
            assertTrue(measured.cost().allocBytesPerMsg() > 0);
            assertTrue(document.notes().stream().anyMatch(note -> note.contains("share its clock")),
                document.notes()::toString);
            assertEquals(2, document.params().get("workers"));
            assertEquals("one", document.params().get("workers_clock"));
            assertEquals(1, broker.deletedTopics.size(), "the run's own topic is deleted");
        }
    }

    @Test
    void shouldFindWhatABrokerLosesOfTheRecordsOfAnyProcess() {
        try (FakeBroker broker = new FakeBroker(i -> i == 40 ? Fault.LOSE : i == 80 ? Fault.DOUBLE : Fault.NONE)) {
            assertEquals(ExitCodes.INCORRECT, bench(broker, "-R", "2000", "-n", "2000", "-w", "0s", "--producers", "2",
                "--acks", "leader"), err::toString);
            final RunDocument document = RunReader.read(dir.resolve("out")).document();
            assertTrue(document.verify().lostAcked() > 0, document.notes()::toString);
            assertTrue(document.verify().duplicates() > 0, document.notes()::toString);
        }
    }

    @Test
    void shouldDecideForAllWhenTheWarmupEndsAndABacklogIsDrained() {
        try (FakeBroker broker = new FakeBroker(i -> Fault.NONE)) {
            bench(broker, "-R", "1000", "-d", "2s", "-w", "steady:40s", "--producers", "2", "--consumers", "1",
                "--set", "backlog=64KiB", "--set", "drain=60s", "--set", "cooldown=100ms");
            final RunDocument document = RunReader.read(dir.resolve("out")).document();
            assertTrue(document.findings().backlog().builtRecords() >= 1_024, document.notes()::toString);
            assertNotNull(document.findings().backlog().drainNs(), document.notes()::toString);
            assertEquals(2_000, document.measured().sent(), "the backlog is not in the measured phase");
            assertTrue(document.verify().isClean(), document.notes()::toString);
            // one that was steady too late for all to hear of it in time begins as planned
            assertTrue(document.invalidReasons().contains("steady") || document.notes().stream().anyMatch(note ->
                note.contains("all workers together was steady")) || warmupMs() > 33_000, document.notes()::toString);
        }
    }

    /** {@return from the first second of the warm-up to its last} */
    private long warmupMs() {
        final LongSummaryStatistics starts = RunReader.read(dir.resolve("out")).timeline().stream()
            .filter(row -> "warmup".equals(row.phase())).mapToLong(TimelineRow::startMs).summaryStatistics();
        return starts.getCount() == 0 ? 0 : starts.getMax() - starts.getMin();
    }

    @Test
    void shouldRunAComparisonAndKeepTheWorkersForTheNextRun() {
        try (FakeBroker broker = new FakeBroker(i -> Fault.NONE)) {
            final int exitCode = bench(broker, List.of("ab", "--a", "acks=leader", "--b", "acks=all", "--pairs", "1"),
                "-R", "500", "-n", "500", "-w", "0s", "--producers", "2");
            assertTrue(exitCode == ExitCodes.OK || exitCode == ExitCodes.INVALID, err::toString);
            final Path out = dir.resolve("out");
            assertEquals(List.of("A-1", "B-1"), ExperimentStore.read(out).runs());
            for (final String run : List.of("A-1", "B-1")) {
                assertEquals(500, RunReader.read(out.resolve(run)).document().measured().acked());
            }
        }
    }

    @Test
    void shouldKeepWhatWasMeasuredWhenAWorkerIsKilled() throws IOException {
        final RunDocument document = runAnd(() -> processes.get(1).destroyForcibly());
        assertTrue(document.notes().stream().anyMatch(note -> note.contains(addresses.get(1))
            && note.contains("is gone")), document.notes()::toString);
    }

    @Test
    void shouldKeepWhatWasMeasuredWhenAWorkerHangs() throws IOException {
        final RunDocument document = runAnd(() -> signal(processes.get(1), "STOP"));
        signal(processes.get(1), "CONT");
        assertTrue(document.notes().stream().anyMatch(note -> note.contains(addresses.get(1))
            && note.contains("has not answered")), document.notes()::toString);
    }

    /** Does something to a worker in the middle of a long run, which then ends early. */
    private RunDocument runAnd(final Runnable harm) throws IOException {
        try (FakeBroker broker = new FakeBroker(i -> Fault.NONE)) {
            // Not in the common pool: Java's HTTP client needs it, and on two processors it has one thread.
            final CompletableFuture<Integer> exitCode = CompletableFuture.supplyAsync(() -> bench(broker, "-R", "1000",
                "-d", "400s", "-w", "0s", "--producers", "2", "--worker-timeout", "20s"),
                task -> new Thread(task, "bench").start());
            final Path timeline = dir.resolve("out").resolve("timeline.csv");
            final long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(180);
            while (ackedIn(timeline) < 3_000) {
                assertTrue(System.nanoTime() - deadlineNs < 0, () -> "three seconds were never written: " + err);
                if (exitCode.isDone()) {
                    throw new AssertionError("over too soon, exit code " + exitCode.join() + ": " + err);
                }
                LockSupport.parkNanos(50_000_000);
            }
            harm.run();
            assertEquals(ExitCodes.INVALID, exitCode.join(), err::toString);
        }
        final RunDocument document = RunReader.read(dir.resolve("out")).document();
        assertEquals(RunStatus.INVALID, document.status());
        assertTrue(document.invalidReasons().contains("worker"), document.invalidReasons()::toString);
        assertTrue(document.measured().acked() > 2_000, "what both had told is counted");
        assertTrue(document.measured().latency().get(Tags.ACK_RT).count() > 2_000);
        assertTrue(document.verify().isClean(), document.notes()::toString);
        assertTrue(document.verify().checked() > 0, "the records of the one that lives are checked");
        return document;
    }

    private static long ackedIn(final Path timeline) throws IOException {
        return !Files.exists(timeline) ? 0 : Files.readAllLines(timeline).stream().skip(1).map(row -> row.split(","))
            .filter(row -> row.length > 8).mapToLong(row -> Long.parseLong(row[3])).sum();
    }

    private static void signal(final Process process, final String name) {
        try {
            assertEquals(0, new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).start().waitFor());
        } catch (final IOException | InterruptedException ex) {
            throw new IllegalStateException("cannot send a signal", ex);
        }
    }

    private int bench(final FakeBroker broker, final String... options) {
        return bench(broker, List.of("run"), options);
    }

    private int bench(final FakeBroker broker, final List<String> command, final String... options) {
        final List<String> words = new ArrayList<>(command);
        words.addAll(List.of("--workers", String.join(",", addresses), "--bootstrap-server", broker.address(), "-p",
            "3", "-r", "1", "-s", "64B", "-q", "-o", dir.resolve("out").toString()));
        words.addAll(Arrays.asList(options));
        if (!words.contains("--worker-timeout")) {
            words.addAll(List.of("--worker-timeout", "120s")); // processes that have just begun, on a busy machine
        }
        return new CommandLine(new BenchCommand()).setOut(new PrintWriter(new StringWriter()))
            .setErr(new PrintWriter(err)).execute(words.toArray(String[]::new));
    }
}
