package io.millrace.engine.damage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real files in a process of its own, whose kernel calls fail; each case proves that its fault happened. */
@Timeout(1500)
class FaultShimTest {
    private static final long SEED = Long.getLong("millrace.test.seed", 1);
    private static final int CASE_COUNT = Integer.getInteger("millrace.test.shim.cases", 56);
    private static final int FULL_DISK_COUNT = 4;

    @TempDir
    private Path directory;

    @Test
    void shouldFailStopOrGoOnWhenTheNthCallFails() throws Exception {
        final Path library = compile(require("gcc", "apt-get install gcc libc6-dev"));
        final Path control = Files.write(directory.resolve("control"), new byte[ShimControl.LENGTH]);
        final List<String> command = java();
        command.addAll(List.of("shim", control.toString(), directory.resolve("data").toString(),
            Long.toString(SEED), Integer.toString(CASE_COUNT)));
        final List<String> lines = run(command, Map.of(
            "LD_PRELOAD", library.toString(), "MILLRACE_SHIM_CONTROL", control.toString()));
        requireFaults(lines, CASE_COUNT);
    }

    @Test
    void shouldRefuseWhileARealDiskIsFull() throws Exception {
        require("unshare", "apt-get install util-linux");
        final Path disk = Files.createDirectory(directory.resolve("disk"));
        for (int i = 0; i < FULL_DISK_COUNT; i++) {
            final List<String> command = ownMount(disk);
            command.addAll(java());
            command.addAll(List.of("full", disk.toString(), Long.toString(SEED + i), "1"));
            requireFaults(run(command, Map.of()), 1);
        }
    }

    /** {@return words that run what follows them with a small disk, gone with the process} */
    private static List<String> ownMount(final Path disk) throws IOException, InterruptedException {
        for (final List<String> namespace : List.of(
            List.of("unshare", "--mount"), List.of("unshare", "--map-root-user", "--mount"))) {
            final List<String> command = new ArrayList<>(namespace);
            command.addAll(List.of(
                "sh", "-c", "mount -t tmpfs -o size=256k tmpfs \"$0\" && exec \"$@\"", disk.toString()));
            final List<String> probe = new ArrayList<>(command);
            probe.add("true");
            if (new ProcessBuilder(probe).redirectErrorStream(true).start().waitFor() == 0) {
                return command;
            }
        }
        leaveOut("a file system of the test's own (neither root nor user namespaces)");
        throw new AssertionError(disk);
    }

    private static void requireFaults(final List<String> lines, final int count) {
        final List<String> cases = lines.stream().filter(line -> line.startsWith("case=")).toList();
        assertEquals(count, cases.size(), String.join("\n", lines));
        cases.forEach(line -> assertTrue(line.matches(".* done=[1-9][0-9]*"), "no fault happened: " + line));
        System.out.println("shim: seed=" + SEED + " cases=" + count + " each with its fault, e.g. " + cases.get(0));
    }

    private Path compile(final Path gcc) throws IOException, InterruptedException {
        final Path source = directory.resolve("fault-shim.c");
        try (InputStream code = FaultShimTest.class.getResourceAsStream("fault-shim.c")) {
            Files.copy(code, source);
        }
        final Path library = directory.resolve("fault-shim.so");
        run(List.of(gcc.toString(), "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-O2", "-o",
            library.toString(), source.toString(), "-ldl"), Map.of());
        return library;
    }

    private static List<String> java() {
        final List<String> command = new ArrayList<>(List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m", "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1", "--add-opens", "java.base/jdk.internal.misc=ALL-UNNAMED",
            "--add-opens", "java.base/sun.nio.ch=ALL-UNNAMED"));
        if (Runtime.version().feature() >= 24) {
            command.add("--sun-misc-unsafe-memory-access=allow");
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), ShimVictim.class.getName()));
        return command;
    }

    private List<String> run(final List<String> command, final Map<String, String> environment)
        throws IOException, InterruptedException {
        final Path output = Files.createTempFile(directory, "output", ".txt");
        final ProcessBuilder builder =
            new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().putAll(environment);
        final Process process = builder.start();
        final boolean isEnded = process.waitFor(600, TimeUnit.SECONDS);
        if (!isEnded) {
            process.destroyForcibly();
        }
        final String text = Files.readString(output, StandardCharsets.UTF_8);
        assertTrue(isEnded, "not ended: " + command + "\n" + text);
        assertEquals(0, process.exitValue(), command + "\n" + text);
        return Arrays.asList(text.split("\n"));
    }

    /** A missing tool skips the test and says so, or fails it with -Dpeers=required. */
    private static Path require(final String tool, final String remedy) {
        for (final String place : System.getenv().getOrDefault("PATH", "").split(":")) {
            final Path program = Path.of(place, tool);
            if (Files.isExecutable(program)) {
                return program;
            }
        }
        final String message = "tool missing: " + tool + " (" + remedy + ")";
        if ("required".equals(System.getProperty("peers"))) {
            Assertions.fail(message);
        }
        leaveOut(message);
        throw new AssertionError(message);
    }

    private static void leaveOut(final String message) {
        System.out.println("[peers] left out, " + message);
        Assumptions.abort(message);
    }
}
