package io.millrace.system.chaos;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs the system's tools. */
final class Shell {
    private static final long TIMEOUT_S = 120;

    private Shell() {
    }

    static String run(final String... words) throws IOException {
        return run(List.of(words), "");
    }

    /** {@return what it printed; anything but exit code 0 is a failure} */
    static String run(final List<String> words, final String input) throws IOException {
        final Path out = Files.createTempFile("millrace-chaos", ".out");
        try {
            final List<String> found = new ArrayList<>(words);
            final Path program = find(words.get(0)); // a user's PATH may lack the system's tools
            found.set(0, program == null ? words.get(0) : program.toString());
            final Process process = new ProcessBuilder(found).redirectErrorStream(true)
                .redirectOutput(out.toFile()).start();
            try (OutputStream in = process.getOutputStream()) {
                in.write(input.getBytes(StandardCharsets.UTF_8));
            } catch (final IOException closed) {
                // it does not read; its exit code says more
                process.isAlive();
            }
            if (!process.waitFor(TIMEOUT_S, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException(words + " did not end within " + TIMEOUT_S + " s");
            }
            final String text = Files.readString(out);
            if (process.exitValue() != 0) {
                throw new IOException(words + " ended with " + process.exitValue() + ": " + text.strip());
            }
            return text;
        } catch (final InterruptedException ex) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted: " + words, ex);
        } finally {
            Files.deleteIfExists(out);
        }
    }

    static boolean isThere(final String program) {
        return find(program) != null;
    }

    static Path find(final String program) {
        return Arrays.stream((System.getenv().getOrDefault("PATH", "") + ":/usr/sbin:/sbin").split(":"))
            .filter(directory -> !directory.isEmpty())
            .map(directory -> Path.of(directory, program)).filter(Files::isExecutable).findFirst().orElse(null);
    }

    static boolean isRoot() {
        try {
            return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0;
        } catch (final IOException | RuntimeException ex) {
            return false;
        }
    }
}
