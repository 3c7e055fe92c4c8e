package io.millrace.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The progress marks of one shard: log positions, each at the end of a whole frame.
 *
 * <p>Each mark has one writing thread (written: engine, synced: syncer, committed: engine); any thread reads. Always
 * {@code written >= synced} and {@code written >= committed}; in the durable profile also {@code synced >= committed}.
 */
public final class LogMarks {
    private static final VarHandle WRITTEN = handle("written");
    private static final VarHandle SYNCED = handle("synced");
    private static final VarHandle COMMITTED = handle("committed");

    @SuppressWarnings("unused")
    private long written;
    @SuppressWarnings("unused")
    private long synced;
    @SuppressWarnings("unused")
    private long committed;

    private static VarHandle handle(final String name) {
        try {
            return MethodHandles.lookup().findVarHandle(LogMarks.class, name, long.class);
        } catch (final ReflectiveOperationException ex) {
            throw new ExceptionInInitializerError(ex);
        }
    }

    /** {@return position up to which the log is in the page cache} */
    public long writtenAcquire() {
        return (long) WRITTEN.getAcquire(this);
    }

    /** {@return position up to which the log is on the disk} */
    public long syncedAcquire() {
        return (long) SYNCED.getAcquire(this);
    }

    /** {@return position up to which the log is replicated as its class demands} */
    public long committedAcquire() {
        return (long) COMMITTED.getAcquire(this);
    }

    /**
     * Publishes the written mark.
     *
     * @param position end of a whole frame
     */
    public void writtenRelease(final long position) {
        WRITTEN.setRelease(this, position); // pairs with writtenAcquire in syncer, replicator and readers
    }

    /**
     * Publishes the synced mark.
     *
     * @param position end of a whole frame, at most the written mark
     */
    public void syncedRelease(final long position) {
        SYNCED.setRelease(this, position); // pairs with syncedAcquire in the engine thread
    }

    /**
     * Publishes the committed mark.
     *
     * @param position end of a whole frame, at most the written mark
     */
    public void committedRelease(final long position) {
        COMMITTED.setRelease(this, position); // pairs with committedAcquire in the network threads
    }
}
