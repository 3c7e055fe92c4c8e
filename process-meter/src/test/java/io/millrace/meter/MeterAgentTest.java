package io.millrace.meter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeterAgentTest {
    private static volatile Object sink;

    @TempDir
    private Path directory;

    @Test
    void shouldBeMeteredFromTheStartWhenAnotherJvmHasTheAgent() throws Exception {
        final Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-javaagent:" + agentJar(), "-cp",
            Path.of(Waiting.class.getProtectionDomain().getCodeSource().getLocation().toURI()).toString(),
            Waiting.class.getName()).redirectErrorStream(true)
            .redirectOutput(directory.resolve("out").toFile()).start();
        try {
            await("the agent keeps a meter", process, () -> MeterView.ofProcess(process.pid()) != null);
            final MeterView view = MeterView.ofProcess(process.pid());
            await("stalls", process, () -> Arrays.stream(view.counts(Timing.HICCUP)).sum() > 10);
            await("allocation", process, () -> view.get(Figure.ALLOCATED_LENGTH) > Waiting.LENGTH);
            await("the first look's end", process, () -> view.get(Figure.SAMPLED_AT_MS) > 0);
            process.getOutputStream().close(); // it ends by itself
            assertTrue(process.waitFor(60, TimeUnit.SECONDS));
            assertEquals(0, process.exitValue());
            assertEquals("", Files.readString(directory.resolve("out")));
            assertTrue(Arrays.stream(view.counts(Timing.HICCUP)).sum() > 10, "to be read after its end");
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void shouldCountOnlyWhatStopsTheApplicationWhenCollectorsReport() {
        assertTrue(Stream.of("Copy", "MarkSweepCompact", "G1 Young Generation", "G1 Concurrent GC", "ZGC Pauses",
            "Shenandoah Pauses").allMatch(GcPauses::stops));
        assertTrue(Stream.of("ZGC Minor Cycles", "ZGC Major Cycles", "Shenandoah Cycles").noneMatch(GcPauses::stops));
    }

    @Test
    void shouldKeepWhatTheOthersAllocatedWhenAThreadEnds() throws Exception {
        final int length = 64 << 20;
        try (MeterFile file = MeterFile.create()) {
            final MeterAgent.Sampler sampler = new MeterAgent.Sampler(file);
            final CountDownLatch allocated = new CountDownLatch(1);
            final CountDownLatch mayEnd = new CountDownLatch(1);
            final Thread thread = new Thread(() -> {
                sink = new byte[4 * length];
                allocated.countDown();
                try {
                    mayEnd.await();
                } catch (final InterruptedException ex) {
                    Thread.currentThread().interrupt();
                }
            });
            thread.start();
            assertTrue(allocated.await(60, TimeUnit.SECONDS));
            sampler.sample();
            final long before = sampler.allocatedLength();
            assertTrue(before >= 4L * length, "of that thread: " + before);
            mayEnd.countDown();
            thread.join();
            sink = new byte[length];
            sampler.sample();
            assertTrue(sampler.allocatedLength() - before >= length, "of this thread, though the other took more away");
        } finally {
            sink = null;
        }
    }

    /** As the build packs it. */
    private Path agentJar() throws IOException {
        final Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(new Attributes.Name("Premain-Class"), MeterAgent.class.getName());
        final Path jar = directory.resolve("agent.jar");
        try (OutputStream out = Files.newOutputStream(jar);
            JarOutputStream packed = new JarOutputStream(out, manifest)) {
            final Path classes = Path.of("target/classes");
            final List<Path> files;
            try (Stream<Path> found = Files.walk(classes)) {
                files = found.filter(Files::isRegularFile).filter(file -> file.toString().endsWith(".class")).toList();
            }
            for (final Path file : files) {
                packed.putNextEntry(new JarEntry(classes.relativize(file).toString()));
                Files.copy(file, packed);
                packed.closeEntry();
            }
        }
        return jar;
    }

    private static void await(final String what, final Process process, final BooleanSupplier condition) {
        final long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            assertTrue(process.isAlive(), what + ": the process ended");
            assertTrue(System.nanoTime() - deadlineNs < 0, what);
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** The application of the other JVM. */
    static final class Waiting {
        static final int LENGTH = 1 << 20;

        private Waiting() {
        }

        public static void main(final String[] arguments) throws IOException {
            final byte[] bytes = new byte[LENGTH];
            while (System.in.read(bytes) >= 0) {
                Thread.onSpinWait();
            }
        }
    }
}
