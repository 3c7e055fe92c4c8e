package io.millrace.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A process that does a command's work and does not outlive it. Main thread, but for the shutdown hook. */
final class ChildProcess {
    /** No exit code: a signal is ending this process, and the shutdown hook does the rest. */
    static final int GOING_DOWN = -1;

    private ChildProcess() {
    }

    /** {@return the java that runs this process} */
    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /**
     * Starts the process with this one's console and waits for its end. A signal to this process alone ends it too:
     * nothing may be left behind that goes on to write what the next run of the command writes.
     *
     * @param builder what to start
     * @param graceS  how long it may take to end when it is told to
     * @param whenCut runs in the shutdown hook, after the end of the process, when a signal ended this one
     * @return its exit code or {@link #GOING_DOWN}
     */
    static int run(final ProcessBuilder builder, final long graceS, final Runnable whenCut)
        throws IOException, InterruptedException {
        final CompletableFuture<Process> started = new CompletableFuture<>();
        final Thread hook = new Thread(() -> {
            started.thenAccept(process -> end(process, graceS)).exceptionally(failure -> null).join();
            whenCut.run();
        }, "child-end");
        Runtime.getRuntime().addShutdownHook(hook); // first: nobody else would end what a signal has overtaken
        final Process process;
        try {
            process = builder.inheritIO().start();
            started.complete(process);
        } catch (final IOException | RuntimeException ex) {
            started.completeExceptionally(ex);
            isRemoved(hook);
            throw ex;
        }
        final int exitCode = process.waitFor();
        return isRemoved(hook) ? exitCode : GOING_DOWN;
    }

    private static void end(final Process process, final long graceS) {
        process.destroy();
        try {
            if (!process.waitFor(graceS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (final InterruptedException ex) {
            Thread.currentThread().interrupt();
        }
    }

    /** {@return false if this process is going down, so that the hook runs} */
    private static boolean isRemoved(final Thread hook) {
        try {
            return Runtime.getRuntime().removeShutdownHook(hook);
        } catch (final IllegalStateException ex) {
            return false;
        }
    }
}
