package io.millrace.system.chaos;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * One broker process and what keeps it: it is started again when it ends with 75, which it does after a long pause.
 * The main thread commands; the end of the process comes on another thread.
 */
final class ChaosNode {
    /** Exit code with which a broker asks to be started again. */
    static final int RESTART_EXIT_CODE = 75;
    private static final int KILLED_EXIT_CODE = 128 + 9;
    private static final long KILL_TIMEOUT_S = 120;
    private static final long STOP_TIMEOUT_S = 120;
    private static final long RESTART_DELAY_MS = 1_000;

    private final int id;
    private final String host;
    private final int port;
    private final Path directory;
    private final List<String> command;
    private final Map<String, String> environment;
    private final Leftovers leftovers;
    private Process process;
    /** Whether somebody ended it or lets it end. */
    private boolean isEndExpected;
    private boolean isClosed;
    private int restartCount;
    private int lastExitCode;
    private final List<String> unexpectedEnds = new ArrayList<>();

    ChaosNode(final int id, final String host, final int port, final Path directory, final List<String> command,
        final Map<String, String> environment, final Leftovers leftovers) {
        this.id = id;
        this.host = host;
        this.port = port;
        this.directory = directory;
        this.command = command;
        this.environment = environment;
        this.leftovers = leftovers;
    }

    int id() {
        return id;
    }

    String host() {
        return host;
    }

    int port() {
        return port;
    }

    String address() {
        return host + ":" + port;
    }

    Path directory() {
        return directory;
    }

    Path data() {
        return directory.resolve("data");
    }

    private Path log() {
        return directory.resolve("broker.log");
    }

    synchronized boolean isRunning() {
        return process != null && process.isAlive();
    }

    synchronized long pid() {
        return process.pid();
    }

    synchronized int restartCount() {
        return restartCount;
    }

    synchronized int lastExitCode() {
        return lastExitCode;
    }

    /** {@return ends that nobody asked for, since the last call} */
    synchronized List<String> takeUnexpectedEnds() {
        final List<String> taken = List.copyOf(unexpectedEnds);
        unexpectedEnds.clear();
        return taken;
    }

    synchronized void start() throws IOException {
        if (isClosed || process != null && process.isAlive()) {
            return;
        }
        isEndExpected = false;
        final ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile())
            .redirectInput(new File("/dev/null")).redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()));
        builder.environment().putAll(environment);
        process = builder.start();
        leftovers.noteProcess(process.pid());
        process.onExit().thenAccept(this::onEnd);
    }

    private void onEnd(final Process ended) {
        synchronized (this) {
            if (ended != process) {
                return;
            }
            lastExitCode = ended.exitValue();
            if (isEndExpected) {
                return;
            }
            if (lastExitCode != RESTART_EXIT_CODE) {
                unexpectedEnds.add("node " + id + " ended by itself with exit code " + lastExitCode);
                return;
            }
            restartCount++;
        }
        try {
            TimeUnit.MILLISECONDS.sleep(RESTART_DELAY_MS);
            start();
        } catch (final IOException ex) {
            synchronized (this) {
                unexpectedEnds.add("node " + id + " was not started again: " + ex);
            }
        } catch (final InterruptedException ex) {
            Thread.currentThread().interrupt();
        }
    }

    /** From now on its end is the fault's doing. */
    synchronized void allowEnd() {
        isEndExpected = true;
    }

    /** As a crash would, and for good: whoever is about to start it again does not. */
    synchronized void close() {
        isClosed = true;
        isEndExpected = true;
        if (process != null) {
            process.destroyForcibly();
        }
    }

    /** As a crash would. */
    void sendKill() {
        synchronized (this) {
            isEndExpected = true;
            process.destroyForcibly();
        }
    }

    /** {@return evidence that it is gone} */
    String awaitKilled() throws Wait.TooLateException {
        final long pid = pid();
        Wait.until(KILL_TIMEOUT_S, () -> "end of node " + id + ", pid " + pid,
            () -> !isRunning() && !Files.exists(Path.of("/proc", Long.toString(pid), "fd")));
        final int code;
        synchronized (this) {
            code = process.exitValue();
        }
        if (code != KILLED_EXIT_CODE) {
            throw new Wait.TooLateException("node " + id + " ended with " + code + " before it was killed", null);
        }
        return "pid " + pid + " gone, exit code " + code;
    }

    /** Orderly: {@return the exit code and how long it took} */
    String stop() throws Wait.TooLateException {
        final long startNs = System.nanoTime();
        final long pid = pid();
        synchronized (this) {
            isEndExpected = true;
            process.destroy();
        }
        Wait.until(STOP_TIMEOUT_S, () -> "orderly end of node " + id + ", pid " + pid, () -> !isRunning());
        synchronized (this) {
            return "pid " + pid + " ended with exit code " + process.exitValue() + " after "
                + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs) + " ms";
        }
    }

    void signal(final String signal) throws IOException {
        Shell.run("kill", "-" + signal, Long.toString(pid()));
    }

    char state() {
        return Leftovers.processState(pid());
    }

    /** {@return what it printed from a position on} */
    String logFrom(final long position) throws IOException {
        final byte[] bytes = Files.readAllBytes(log());
        final int from = (int) Math.min(position, bytes.length);
        return new String(bytes, from, bytes.length - from, java.nio.charset.StandardCharsets.UTF_8);
    }

    long logLength() throws IOException {
        return Files.size(log());
    }
}
