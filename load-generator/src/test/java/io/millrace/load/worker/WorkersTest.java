package io.millrace.load.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.load.command.BenchCommand;
import io.millrace.load.run.ExitCodes;
import io.millrace.load.run.Progress;
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
import java.util.Base64;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

@Timeout(180)
class WorkersTest {
    @TempDir
    private Path dir;

    private final StringWriter err = new StringWriter();

    @Test
    void shouldAddUpWhatTwoWorkersSentWhenTheyShareARun() {
        try (WorkerServer one = worker("one"); WorkerServer two = worker("two")) {
            final int exitCode = bench("run", "--workers", address(one) + "," + address(two), "--driver", "null", "-R",
                "1000", "-n", "2001", "-w", "200ms", "--producers", "3", "-q", "-o", dir.resolve("out").toString());
            assertTrue(exitCode == ExitCodes.OK || exitCode == ExitCodes.INVALID, err.toString());
            final RunDocument document = RunReader.read(dir.resolve("out")).document();
            assertEquals(2_001, document.measured().sent());
            assertEquals(2_001, document.measured().acked());
            assertEquals(2_001, document.measured().latency().get(Tags.ACK_RT).count(), "nothing lost in between");
            assertEquals(2_001, document.measured().latency().get(Tags.SCHED_LAG).count());
        }
    }

    @Test
    void shouldNameTheWorkerThatDoesNotAnswer() {
        final String address;
        try (WorkerServer gone = worker("gone")) {
            address = address(gone);
        }
        assertEquals(ExitCodes.UNREACHABLE, bench("run", "--workers", address, "--driver", "null", "-R", "1000", "-n",
            "10", "-q", "-o", dir.resolve("out").toString()));
        assertTrue(err.toString().contains(address), err.toString());
    }

    @Test
    void shouldMergeHistogramsOfOneSecondWithoutLoss() {
        final MergedIntervals merged = new MergedIntervals(10_000);
        final Histogram all = new Histogram(3);
        for (int worker = 0; worker < 3; worker++) {
            final Histogram own = new Histogram(3);
            for (int i = 0; i < 1_000; i++) {
                own.recordValue(worker * 1_000_003L + i * 17L);
                all.recordValue(worker * 1_000_003L + i * 17L);
            }
            final java.nio.ByteBuffer buffer = java.nio.ByteBuffer.allocate(own.getNeededByteBufferCapacity());
            final int length = own.encodeIntoCompressedByteBuffer(buffer);
            merged.add(new WorkerMessages.Interval("ack.rt", 10_000 + worker, 11_000 + worker * 100 - 100,
                Base64.getEncoder().encodeToString(java.util.Arrays.copyOf(buffer.array(), length))), worker * 100);
        }
        final var seconds = merged.takeBefore(Long.MAX_VALUE);
        assertEquals(1, seconds.size());
        assertEquals(all, seconds.get(0).byTag().get("ack.rt"));
    }

    private WorkerServer worker(final String name) {
        return new WorkerServer(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), dir.resolve(name),
            new Progress(new PrintStream(OutputStream.nullOutputStream()), true));
    }

    private static String address(final WorkerServer worker) {
        return "127.0.0.1:" + worker.address().getPort();
    }

    private int bench(final String... arguments) {
        return new CommandLine(new BenchCommand()).setOut(new PrintWriter(new StringWriter()))
            .setErr(new PrintWriter(err)).execute(arguments);
    }
}
