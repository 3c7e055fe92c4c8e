package io.millrace.targets.process;

import io.millrace.load.driver.TargetUnreachableException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** One server, started for a run as a process of its own; owned by the thread that started it. */
public final class ServerProcess implements AutoCloseable {
    private static final long POLL_NS = 50_000_000L;
    private static final int MAX_TAIL_LENGTH = 2_000;
    private static final long KILL_TIMEOUT_S = 10;

    private final String name;
    private final Path log;
    private final Process process;

    private ServerProcess(final String name, final Path log, final Process process) {
        this.name = name;
        this.log = log;
        this.process = process;
    }

    /**
     * Starts a server; where the machine can, in a session of its own, so that Ctrl-C at the terminal reaches this tool
     * alone, which then stops the server after the result is written.
     *
     * @param name        for messages
     * @param command     the program and its words
     * @param environment added to this process's
     * @param directory   it works in; its output goes to {@code NAME.out} there
     * @return the running process
     */
    public static ServerProcess start(
        final String name, final List<String> command, final Map<String, String> environment, final Path directory) {
        final Path log = directory.resolve(name + ".out");
        final List<String> line = new ArrayList<>();
        final Path setsid = Programs.find("setsid");
        if (setsid != null) {
            line.add(setsid.toString());
        }
        line.addAll(command);
        final ProcessBuilder builder = new ProcessBuilder(line).directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        try {
            return new ServerProcess(name, log, builder.start());
        } catch (final IOException ex) {
            throw new TargetUnreachableException(name + " could not be started: " + ex.getMessage(), ex);
        }
    }

    /** {@return its process id} */
    public long processId() {
        return process.pid();
    }

    /** {@return true while it runs; one that was killed is not taken for alive until Java has heard of its end} */
    public boolean isAlive() {
        return process.isAlive() && !isZombie();
    }

    private boolean isZombie() {
        try {
            final String stat =
                Files.readString(Path.of("/proc", String.valueOf(process.pid()), "stat"), StandardCharsets.ISO_8859_1);
            return stat.startsWith("Z", stat.lastIndexOf(')') + 2);
        } catch (final IOException ex) {
            return false; // gone, or no such directory on this system: Java knows
        }
    }

    /**
     * Waits until it serves, or throws with the end of its output when it ends or takes too long.
     *
     * @param isReady   asked again and again
     * @param timeoutS  longest wait
     * @param isStopped true once nobody wants it any more
     */
    public void awaitReady(final BooleanSupplier isReady, final long timeoutS, final BooleanSupplier isStopped) {
        final long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(timeoutS);
        while (isStopped.getAsBoolean() || !isReady.getAsBoolean()) {
            if (isStopped.getAsBoolean()) {
                throw new TargetUnreachableException("stopped while " + name + " was starting", null);
            }
            if (!process.isAlive()) {
                throw new TargetUnreachableException(name + " ended with exit code " + process.exitValue()
                    + " instead of serving; its last words: " + tail(), null);
            }
            if (System.nanoTime() - deadlineNs > 0) {
                throw new TargetUnreachableException(name + " (process " + process.pid() + ") does not serve after "
                    + timeoutS + " s; its last words: " + tail() + "; is the machine very busy?", null);
            }
            LockSupport.parkNanos(POLL_NS);
        }
    }

    /** Asks it to end, without waiting. */
    public void terminate() {
        process.destroy();
    }

    /**
     * Waits for its end, which is forced after a while.
     *
     * @param timeoutS how long it may take by itself
     */
    public void awaitEnd(final long timeoutS) {
        try {
            if (!process.waitFor(timeoutS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                process.waitFor(KILL_TIMEOUT_S, TimeUnit.SECONDS);
            }
        } catch (final InterruptedException ex) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /** {@return the end of what it printed} */
    public String tail() {
        try {
            final String text = Files.readString(log, StandardCharsets.ISO_8859_1).strip();
            return text.isEmpty() ? "(none)" : text.substring(Math.max(0, text.length() - MAX_TAIL_LENGTH));
        } catch (final IOException ex) {
            return "(unreadable: " + ex.getMessage() + ")";
        }
    }

    @Override
    public void close() {
        terminate();
        awaitEnd(KILL_TIMEOUT_S);
    }
}
