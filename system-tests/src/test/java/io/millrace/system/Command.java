package io.millrace.system;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs another program to its end and keeps what it printed. */
final class Command {
    private final List<String> words;
    private final String input;

    record Result(int exitCode, String output, String error) {
        Result requireSuccess() {
            return requireExit(0);
        }

        Result requireExit(final int expected) {
            if (exitCode != expected) {
                throw new AssertionError("exit code " + exitCode + ", expected " + expected + "\n" + output + error);
            }
            return this;
        }
    }

    Command(final List<String> words, final String input) {
        this.words = List.copyOf(words);
        this.input = input;
    }

    static Result run(final Duration timeout, final String... words) throws IOException {
        return new Command(List.of(words), "").run(timeout);
    }

    static Result millrace(final Duration timeout, final String... arguments) throws IOException {
        final List<String> words = new ArrayList<>(List.of(ClusterHarness.launcher().toString()));
        words.addAll(List.of(arguments));
        return new Command(words, "").run(timeout);
    }

    Result run(final Duration timeout) throws IOException {
        final Path in = Files.createTempFile("command", ".in");
        final Path out = Files.createTempFile("command", ".out");
        final Path err = Files.createTempFile("command", ".err");
        try {
            Files.writeString(in, input);
            final Process process = new ProcessBuilder(words)
                .redirectInput(in.toFile()).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
            if (!waitFor(process, timeout)) {
                process.destroyForcibly();
                throw new AssertionError("not ended within " + timeout.toSeconds() + " s: " + words + "\n"
                    + Files.readString(out) + Files.readString(err));
            }
            return new Result(process.exitValue(), Files.readString(out, StandardCharsets.UTF_8),
                Files.readString(err, StandardCharsets.UTF_8));
        } finally {
            Files.delete(in);
            Files.delete(out);
            Files.delete(err);
        }
    }

    private static boolean waitFor(final Process process, final Duration timeout) {
        try {
            return process.waitFor(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (final InterruptedException ex) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", ex);
        }
    }
}
