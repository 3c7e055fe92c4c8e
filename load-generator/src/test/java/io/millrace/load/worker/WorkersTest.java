package io.millrace.load.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.load.command.BenchCommand;
import io.millrace.load.run.Crew;
import io.millrace.load.run.ExitCodes;
import io.millrace.load.run.Progress;
import io.millrace.load.run.ShareLink;
import io.millrace.results.model.RunDocument;
import io.millrace.results.model.Tags;
import io.millrace.results.store.RunReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

@Timeout(600)
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
    void shouldBringWhatWorkersRecordedOfThemselves() {
        try (WorkerServer one = worker("one"); WorkerServer two = worker("two")) {
            final int exitCode = bench("run", "--workers", address(one) + "," + address(two), "--driver", "null", "-R",
                "2000", "-n", "2000", "-w", "200ms", "--producers", "2", "--profile", "alloc", "-q", "-o",
                dir.resolve("out").toString());
            assertTrue(exitCode == ExitCodes.OK || exitCode == ExitCodes.INVALID, err.toString());
            final RunDocument document = RunReader.read(dir.resolve("out")).document();
            assertEquals(List.of("jfr/client.jfr", "flame/client-alloc.html", "jfr/worker-1.jfr",
                "flame/worker-1-alloc.html", "jfr/worker-2.jfr", "flame/worker-2-alloc.html"),
                document.findings().files(), document.notes()::toString);
            document.findings().files().forEach(file ->
                assertTrue(dir.resolve("out").resolve(file).toFile().length() > 1_000, file));
        }
    }

    @Test
    void shouldNameTheWorkerThatDoesNotAnswer() throws IOException {
        try (Socket held = new Socket()) { // nobody listens there, nor can anybody else meanwhile
            held.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            final String address = "127.0.0.1:" + held.getLocalPort();
            assertEquals(ExitCodes.UNREACHABLE, bench("run", "--workers", address, "--driver", "null", "-R", "1000",
                "-n", "10", "-q", "-o", dir.resolve("out").toString()));
            assertTrue(err.toString().contains(address), err.toString());
        }
    }

    @Test
    void shouldMergeHistogramsOfOneSecondWithoutLoss() {
        final MergedSeconds merged = new MergedSeconds(List.of("a", "b", "c"));
        merged.startAt(10_000);
        final Histogram all = new Histogram(3);
        for (int worker = 0; worker < 3; worker++) {
            assertEquals(0, merged.take(new boolean[] {true, true, true}).size(), "not all have told");
            final Histogram own = new Histogram(3);
            for (int i = 0; i < 1_000; i++) {
                own.recordValue(worker * 1_000_003L + i * 17L);
                all.recordValue(worker * 1_000_003L + i * 17L);
            }
            merged.add(worker, new ShareLink.Sample(1, 1, worker, 1_000 + worker, 1_000, 900, 1,
                Map.of("ack.rt", compressed(own))));
        }
        final List<Crew.Second> seconds = merged.take(new boolean[] {true, true, true});
        assertEquals(1, seconds.size());
        assertEquals(all, seconds.get(0).byTag().get("ack.rt"));
        assertEquals("measure", seconds.get(0).phase());
        assertEquals(3_000, seconds.get(0).sent());
        assertEquals(10_000, seconds.get(0).startMs());
        assertEquals(11_002, seconds.get(0).endMs());
    }

    @Test
    void shouldNotWaitForWorkersThatTellNothingMore() {
        final MergedSeconds merged = new MergedSeconds(List.of("a", "b"));
        merged.add(0, new ShareLink.Sample(0, 1, 0, 1_000, 1, 1, 0, Map.of()));
        merged.add(0, new ShareLink.Sample(1, 1, 1_000, 2_000, 2, 2, 0, Map.of()));
        assertEquals(0, merged.take(new boolean[] {true, true}).size());
        merged.add(1, new ShareLink.Sample(0, 1, 0, 1_000, 1, 1, 0, Map.of()));
        assertEquals(List.of(2L), merged.take(new boolean[] {true, true}).stream().map(Crew.Second::sent).toList());
        assertEquals(List.of(2L), merged.take(new boolean[] {true, false}).stream().map(Crew.Second::sent).toList());
    }

    @Test
    void shouldKeepTheStallsOfEachWorkerApart() {
        final Histogram quiet = new Histogram(3);
        quiet.recordValueWithCount(1_000, 1_000);
        final Histogram stalled = new Histogram(3);
        stalled.recordValueWithCount(1_000, 970);
        stalled.recordValueWithCount(60_000_000, 30);
        final List<String> names = List.of("a", "b", "c", "d");
        final MergedSeconds merged = new MergedSeconds(names);
        for (int phase = 0; phase < 2; phase++) { // the warm-up, too
            for (int worker = 0; worker < names.size(); worker++) {
                merged.add(worker, new ShareLink.Sample(phase, 1, 0, 1_000, 1, 1, 0,
                    Map.of("hiccup.client", compressed(worker == 2 ? stalled : quiet))));
            }
        }
        assertEquals(List.of("a", "b", "c", "d"), List.copyOf(merged.stalls().keySet()));
        assertEquals(List.of(1_000L, 1_000L, 1_000L, 1_000L),
            merged.stalls().values().stream().map(Histogram::getTotalCount).toList());
        assertTrue(merged.stalls().get("c").getValueAtPercentile(99) > 50_000_000);
        final Histogram all = merged.take(new boolean[names.size()]).get(1).byTag().get("hiccup.client");
        assertTrue(all.getValueAtPercentile(99) < 50_000_000, "among all it does not show");
    }

    @Test
    void shouldNotLoseAWorkerThatHasNotBeenAsked() {
        try (WorkerServer server = worker("slow")) {
            final WorkerPeer peer = new WorkerPeer(address(server), HttpClient.newHttpClient(), 1);
            peer.compareClocks("");
            final long heardNs = System.nanoTime();
            while (System.nanoTime() - heardNs < 2_000_000) {
                Thread.onSpinWait(); // others are asked meanwhile
            }
            peer.poll(new WorkerMessages.Poll("r", null, null, false, false, false, false, false, 0, 0));
            assertNull(peer.lost(), "it was asked just now");
            assertTrue(peer.slowestNs() > 0);
        }
    }

    @Test
    void shouldRefuseAHistogramThatMakesNoSense() {
        final MergedSeconds merged = new MergedSeconds(List.of("a"));
        assertThrows(IllegalArgumentException.class, () -> merged.add(0,
            new ShareLink.Sample(1, 1, 0, 1_000, 1, 1, 0, Map.of("ack.rt", "bm90IGEgaGlzdG9ncmFt"))));
    }

    private static String compressed(final Histogram histogram) {
        final java.nio.ByteBuffer buffer = java.nio.ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
        final int length = histogram.encodeIntoCompressedByteBuffer(buffer);
        return Base64.getEncoder().encodeToString(java.util.Arrays.copyOf(buffer.array(), length));
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
