package io.millrace.broker.node;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * A thread for rare work that reads and decompresses; it exists only while there is some. Any thread.
 *
 * <p>It is never interrupted: that would close the log file it reads.
 */
final class LookupThread implements Executor, AutoCloseable {
    private static final int CAPACITY = 1024;
    private static final long IDLE_SECONDS = 10;
    private static final long CLOSE_SECONDS = 5;

    private final ThreadPoolExecutor executor;

    LookupThread(final int nodeId) {
        executor = new ThreadPoolExecutor(0, 1, IDLE_SECONDS, TimeUnit.SECONDS, new ArrayBlockingQueue<>(CAPACITY),
            (task) -> {
                final Thread thread = new Thread(task, "lookup-" + nodeId);
                thread.setDaemon(true);
                return thread;
            });
    }

    @Override
    public void execute(final Runnable task) {
        executor.execute(task);
    }

    /** Waits a little for what is running; a daemon thread holds no process up. */
    @Override
    public void close() {
        executor.getQueue().clear();
        executor.shutdown();
        try {
            executor.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (final InterruptedException ex) {
            Thread.currentThread().interrupt();
        }
    }
}
