package io.millrace.load.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.load.run.ExitCodes;
import io.millrace.results.model.Experiment;
import io.millrace.results.model.GitRevision;
import io.millrace.results.model.RunDocument;
import io.millrace.results.model.RunHeader;
import io.millrace.results.model.RunOutcome;
import io.millrace.results.model.RunStatus;
import io.millrace.results.model.Tags;
import io.millrace.results.store.ExperimentStore;
import io.millrace.results.store.RunReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

@Timeout(600)
class BenchCommandTest {
    @TempDir
    private Path dir;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void shouldWriteAResultWhenTheNullDriverRuns() {
        final Path result = dir.resolve("result");
        final int exitCode = bench("run", "--driver", "null", "--rate", "1000", "--duration", "1500ms", "--warmup",
            "300ms", "--producers", "3", "--quiet", "--out", result.toString());
        assertTrue(exitCode == ExitCodes.OK || exitCode == ExitCodes.INVALID, "invalid only on a busy machine: " + err);
        final RunDocument document = RunReader.read(result).document();
        assertTrue(document.status() == RunStatus.OK || document.status() == RunStatus.INVALID);
        assertEquals(1_500, document.measured().sent());
        assertEquals(1_500, document.measured().acked());
        assertEquals(1_500, document.measured().latency().get(Tags.ACK_RT).count(), "warm-up is left out");
        assertEquals(1_500, document.measured().latency().get(Tags.SCHED_LAG).count());
        assertTrue(document.command().contains("run"));
        assertTrue(out.toString().contains("response time"), out.toString());
    }

    @Test
    void shouldWriteAnExperimentWhenTwoSettingsAreCompared() throws IOException {
        final Path result = dir.resolve("ab");
        final int exitCode = bench("ab", "--a", "acks=leader,linger=0ms", "--b", "acks=all", "--pairs", "2",
            "--driver", "null", "--rate", "500", "--duration", "300ms", "--warmup", "0s", "-q", "-o",
            result.toString());
        assertTrue(exitCode == ExitCodes.OK || exitCode == ExitCodes.INVALID, err.toString());
        final Experiment experiment = ExperimentStore.read(result);
        assertEquals(List.of("A-1", "B-1", "B-2", "A-2"), experiment.runs());
        assertEquals("acks=leader linger=0ms", experiment.legs().get(0).label());
        final RunDocument a = RunReader.read(result.resolve("A-1")).document();
        final RunDocument b = RunReader.read(result.resolve("B-1")).document();
        assertEquals(a.workloadSha256(), b.workloadSha256(), "nothing but the sides differs");
        assertEquals(experiment.experimentId(), b.experimentId());
        assertTrue(out.toString().contains("millrace report " + result), out.toString());
    }

    @Test
    void shouldPrintJsonAlone() {
        final int exitCode = bench("run", "--driver", "null", "-n", "100", "-R", "1000", "-w", "0s", "--json", "-q",
            "-o", dir.resolve("json").toString());
        assertTrue(exitCode == ExitCodes.OK || exitCode == ExitCodes.INVALID, err.toString());
        assertTrue(out.toString().strip().startsWith("{") && out.toString().strip().endsWith("}"), out.toString());
    }

    @Test
    void shouldRefuseWhatItDoesNotKnow() {
        assertEquals(ExitCodes.USAGE, bench("run", "--speed", "1"));
        assertEquals(ExitCodes.USAGE, bench("run", "--acks", "most"));
        assertTrue(err.toString().contains("acks: value=most"), err.toString());
        assertEquals(ExitCodes.USAGE, bench("ab", "--a", "acks=leader"));
        assertEquals(ExitCodes.USAGE, bench("ab", "--a", "acks=leader", "--b", "colour=red"));
        assertEquals(ExitCodes.USAGE, bench("run", "--bootstrap-server", "here", "-q"));
        assertTrue(err.toString().contains("is not host:port"), err.toString());
        assertEquals(ExitCodes.USAGE, bench("run", "--driver", "null", "--consumers", "1", "-q"));
        assertTrue(err.toString().contains("consumers: value=1 goes with no null driver"), err.toString());
        assertEquals(ExitCodes.USAGE, bench("run", "--target", "nope", "-q"));
        assertTrue(err.toString().contains("target: value=nope is none of"), err.toString());
        assertEquals(ExitCodes.USAGE, bench("run", "--driver", "nope", "-q"));
        assertTrue(err.toString().contains("driver: value=nope is none of"), err.toString());
    }

    @Test
    void shouldRefuseADirectoryThatHoldsSomething() throws IOException {
        Files.writeString(dir.resolve("precious"), "x");
        assertEquals(ExitCodes.USAGE, bench("run", "--driver", "null", "-q", "-o", dir.toString()));
        assertTrue(err.toString().contains("never overwritten"), err.toString());
    }

    @Test
    void shouldNameTheAddressWhenNobodyAnswers() throws IOException {
        try (Socket held = new Socket()) { // nobody listens there, nor can anybody else meanwhile
            held.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            final String address = "127.0.0.1:" + held.getLocalPort();
            assertEquals(ExitCodes.UNREACHABLE, bench("run", "--bootstrap-server", address, "-d", "1s", "-q", "-o",
                dir.resolve("none").toString()));
            assertTrue(err.toString().contains(address), err.toString());
        }
    }

    @Test
    void shouldSwitchVerificationOff() {
        final WorkloadOptions options = new WorkloadOptions();
        new CommandLine(new Holder(options)).parseArgs("--no-verify");
        assertEquals(false, options.settings().build().verify());
        final WorkloadOptions others = new WorkloadOptions();
        new CommandLine(new Holder(others)).parseArgs("--verify");
        assertEquals(true, others.settings().build().verify());
    }

    @Test
    void shouldNotVerifyWhenTheWorkloadFileSaysSo() throws IOException {
        final Path file = dir.resolve("load.yaml");
        Files.writeString(file, "schema: bench/workload/v1\nname: unverified\nverify: false\n");
        final WorkloadOptions options = new WorkloadOptions();
        new CommandLine(new Holder(options)).parseArgs(file.toString());
        assertEquals(false, options.settings().build().verify());
        final WorkloadOptions others = new WorkloadOptions();
        new CommandLine(new Holder(others)).parseArgs(file.toString(), "--verify");
        assertEquals(true, others.settings().build().verify(), "the option beats the file");
        final WorkloadOptions plain = new WorkloadOptions();
        new CommandLine(new Holder(plain)).parseArgs();
        assertEquals(true, plain.settings().build().verify(), "the default");
    }

    @Test
    void shouldRefuseWhatHasNoEffectBesideResume() {
        final String where = dir.resolve("before").toString();
        assertEquals(ExitCodes.USAGE, bench("ab", "--resume", where, "--pairs", "20"));
        assertTrue(err.toString().contains("resume: --pairs would have no effect"), err.toString());
        assertEquals(ExitCodes.USAGE, bench("matrix", "acks-tail", "--resume", where, "--repeat", "3", "-q"));
        assertTrue(err.toString().contains("resume: --repeat, --quiet, WORKLOAD would have"), err.toString());
        assertEquals(ExitCodes.USAGE, bench("sweep", "--resume", where));
        assertTrue(err.toString().contains("is no experiment that can go on"), err.toString());
    }

    @Test
    void shouldTellARunThatTheMachineSpoiltFromAMiss() {
        assertTrue(BenchSweepCommand.isSpoilt(List.of("hiccup")));
        assertTrue(BenchSweepCommand.isSpoilt(List.of("disk", "hiccup")));
        assertFalse(BenchSweepCommand.isSpoilt(List.of()), "valid, met or not");
        assertFalse(BenchSweepCommand.isSpoilt(List.of("rate")));
        assertFalse(BenchSweepCommand.isSpoilt(List.of("hiccup", "rate")), "it missed, whatever else it did");
        assertFalse(BenchSweepCommand.isSpoilt(List.of("steady")), "an overloaded target never is");
    }

    @Test
    void shouldSayThatAWorkerCannotListenWhereNoHostIs() {
        assertEquals(ExitCodes.USAGE, bench("worker", "--listen", "n".repeat(70) + ":9410"), "no name is so long");
        assertEquals(ExitCodes.USAGE, bench("worker", "--listen", "127.0.0.1:99999"));
        assertTrue(err.toString().contains("listen: value=127.0.0.1:99999 is not host:port"), err.toString());
        assertTrue(err.toString().contains("names a host that is not known"), err.toString());
    }

    @Test
    void shouldRefuseARateThatASweepWouldNotUse() {
        assertEquals(ExitCodes.USAGE, bench("sweep", "--slo", "rt.p99<5ms", "-R", "5k"));
        assertTrue(err.toString().contains("rate: a sweep sets it itself; say where to begin with --from"),
            err.toString());
        assertEquals(ExitCodes.USAGE, bench("sweep", "--slo", "rt.p99<5ms", "--set", "load.rate=5k"));
        assertEquals(2, err.toString().split("a sweep sets it itself", -1).length - 1, err.toString());
    }

    @Test
    void shouldRefuseWhatCalibrateHasNoUseFor() {
        assertEquals(ExitCodes.OK, bench("calibrate", "--help"));
        assertTrue(out.toString().contains("--record-size") && !out.toString().contains("--target"), out.toString());
        assertEquals(ExitCodes.USAGE, bench("calibrate", "--target", "file", "--slo", "rt.p99<5ms", "-R", "7"));
        assertTrue(List.of("--target", "--slo", "--throughput", " would have no effect: the null driver").stream()
            .allMatch(err.toString()::contains), err.toString());
    }

    @Test
    void shouldNotKeepACalibrationOfWhichEitherHalfIsInvalid() {
        final RunDocument ok = document(RunStatus.OK, List.of());
        final RunDocument invalid = document(RunStatus.INVALID, List.of("hiccup"));
        assertEquals(List.of(), BenchCalibrateCommand.invalidReasons(ok, ok));
        assertEquals(List.of("hiccup"), BenchCalibrateCommand.invalidReasons(ok, invalid));
        assertEquals(List.of("hiccup"), BenchCalibrateCommand.invalidReasons(invalid, ok));
        assertEquals(List.of("failed", "hiccup"),
            BenchCalibrateCommand.invalidReasons(document(RunStatus.FAILED, List.of()), invalid));
    }

    private static RunDocument document(final RunStatus status, final List<String> reasons) {
        return RunDocument.running(new RunHeader("id", null, null, null, 0, Instant.EPOCH, List.of(),
            GitRevision.unknown(), null, Map.of(), null)).ended(new RunOutcome(status, reasons, List.of(), null, null),
            Instant.EPOCH, Map.of());
    }

    private int bench(final String... arguments) {
        return new CommandLine(new BenchCommand()).setOut(new PrintWriter(out)).setErr(new PrintWriter(err))
            .execute(arguments);
    }

    @CommandLine.Command(name = "holder")
    private static final class Holder {
        @CommandLine.Mixin
        private final WorkloadOptions options;

        Holder(final WorkloadOptions options) {
            this.options = options;
        }
    }
}
