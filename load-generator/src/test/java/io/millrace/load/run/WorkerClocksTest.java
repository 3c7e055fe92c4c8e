package io.millrace.load.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.load.command.BenchCommand;
import io.millrace.load.run.FakeBroker.Fault;
import io.millrace.load.worker.WorkerServer;
import io.millrace.results.model.LatencySummary;
import io.millrace.results.model.RunDocument;
import io.millrace.results.model.Tags;
import io.millrace.results.store.RunReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.SystemNanoClock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Workers whose clocks are hours apart, as those of several hosts are: a time taken by the wrong one would show. */
@Timeout(300)
class WorkerClocksTest {
    private static final long ONE_NS = TimeUnit.HOURS.toNanos(5);
    private static final long OTHER_NS = TimeUnit.HOURS.toNanos(-7);
    private static final long MUCH_NS = TimeUnit.HOURS.toNanos(1);

    @TempDir
    private Path dir;

    private final StringWriter err = new StringWriter();

    @Test
    void shouldConsumeWhatItHasSentItselfWhenClocksDiffer() {
        try (FakeBroker broker = new FakeBroker(i -> Fault.NONE);
            WorkerServer one = worker("one", ONE_NS);
            WorkerServer two = worker("two", OTHER_NS)) {
            final RunDocument document = bench(broker, one, two);
            assertEquals(2_001, document.measured().consumed(), document.notes()::toString);
            final LatencySummary endToEnd = document.measured().latency().get(Tags.E2E_RT);
            assertEquals(2_001, endToEnd.count(), "each by the one that sent it, and by nobody else");
            assertTrue(endToEnd.maxNs() > 0 && endToEnd.maxNs() < MUCH_NS, endToEnd::toString);
            assertTrue(document.notes().stream().anyMatch(note -> note.contains("consumed what it had sent itself")),
                document.notes()::toString);
            assertTrue(document.notes().stream().filter(note -> note.contains("its clock is known to within")).count()
                == 2, document.notes()::toString);
        }
    }

    @Test
    void shouldMeasureBetweenWorkersByClocksThatWereCompared() {
        try (FakeBroker broker = new FakeBroker(i -> Fault.NONE);
            WorkerServer one = worker("one", ONE_NS);
            WorkerServer here = new WorkerServer(anyPort(), dir.resolve("here"), silent())) {
            final RunDocument document = bench(broker, one, here, "--workers-clock", "measured");
            final LatencySummary endToEnd = document.measured().latency().get(Tags.E2E_RT);
            assertTrue(endToEnd.maxNs() > 0 && endToEnd.maxNs() < MUCH_NS, endToEnd::toString);
            // one that takes less time than the clocks are known to may seem to come before it is due, and is left out;
            // but not those of both ways between the two, 445 each
            assertTrue(endToEnd.count() > 1_500 && endToEnd.count() <= 2_001, endToEnd::toString);
            assertTrue(document.notes().stream().anyMatch(note ->
                note.contains("End-to-end times between hosts are off by as much as these clocks")),
                document.notes()::toString);
            assertEquals(1, document.notes().stream().filter(note -> note.contains("its clock is known to within"))
                .count(), document.notes()::toString);
        }
    }

    private RunDocument bench(
        final FakeBroker broker, final WorkerServer one, final WorkerServer two, final String... more) {
        final long beforeMs = System.currentTimeMillis();
        final List<String> words = new ArrayList<>(List.of("run", "--workers", address(one) + "," + address(two),
            "--bootstrap-server", broker.address(), "-R", "1000", "-n", "2001", "-w", "500ms", "--producers", "3",
            "--consumers", "2", "-p", "3", "-r", "1", "-s", "64B", "-q", "--worker-timeout", "120s",
            "-o", dir.resolve("out").toString()));
        words.addAll(Arrays.asList(more));
        final int exitCode = new CommandLine(new BenchCommand()).setOut(new PrintWriter(new StringWriter()))
            .setErr(new PrintWriter(err)).execute(words.toArray(String[]::new));
        final long afterMs = System.currentTimeMillis();
        assertTrue(exitCode == ExitCodes.OK || exitCode == ExitCodes.INVALID, err::toString);
        final RunDocument document = RunReader.read(dir.resolve("out")).document();
        final LatencySummary responseTime = document.measured().latency().get(Tags.ACK_RT);
        assertEquals(2_001, document.measured().acked(), document.notes()::toString);
        assertEquals(2_001, responseTime.count());
        assertTrue(responseTime.maxNs() < MUCH_NS, responseTime::toString);
        assertTrue(document.measured().durationNs() < MUCH_NS, "on the clocks of workers");
        assertTrue(document.verify().isClean(), document.notes()::toString);
        RunReader.read(dir.resolve("out")).timeline().forEach(row ->
            assertTrue(row.startMs() >= beforeMs && row.startMs() <= afterMs, row::toString));
        return document;
    }

    /** One whose clock is another's. */
    private WorkerServer worker(final String name, final long aheadNs) {
        return new WorkerServer(anyPort(), dir.resolve(name), silent(),
            () -> SystemNanoClock.INSTANCE.nanoTime() + aheadNs, "another host " + name);
    }

    private static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    private static Progress silent() {
        return new Progress(new PrintStream(OutputStream.nullOutputStream()), true);
    }

    private static String address(final WorkerServer worker) {
        return "127.0.0.1:" + worker.address().getPort();
    }
}
