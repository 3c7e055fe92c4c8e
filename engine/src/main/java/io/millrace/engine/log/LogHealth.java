package io.millrace.engine.log;

import io.millrace.engine.io.DiskFullException;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.ErrorHandler;

/** Whether a log is still to be trusted; any thread. A log that went offline stays so until it is opened again. */
final class LogHealth {
    private final AtomicReference<IOException> cause = new AtomicReference<>();
    private final String name;
    private final ErrorHandler errorHandler;
    private volatile String shortage;
    private volatile long damagedPosition = -1;

    LogHealth(final String name, final ErrorHandler errorHandler) {
        this.name = name;
        this.errorHandler = errorHandler;
    }

    boolean isOffline() {
        return cause.get() != null;
    }

    /** Takes the log offline for good; reported once. */
    IOException fail(final String what, final IOException ex) {
        final IOException failure = new IOException("shard log is offline: " + what + " failed: log=" + name + " cause="
            + ex + "; check the disk, then start the broker again", ex);
        if (cause.compareAndSet(null, failure)) {
            errorHandler.onError(failure);
        }
        return failure;
    }

    /** A full disk passes, everything else does not. */
    IOException onWriteFailure(final String what, final IOException ex) {
        if (ex instanceof DiskFullException || ex instanceof StorageFullException) {
            shortage = ex.getMessage();
            return new StorageFullException(ex.getMessage(), ex);
        }
        return fail(what, ex);
    }

    /** A write went through. */
    void onWritten() {
        if (shortage != null) {
            shortage = null;
        }
    }

    /** {@return why the last write was refused for want of room, null when it was not} */
    String shortage() {
        return shortage;
    }

    void report(final Throwable problem) {
        errorHandler.onError(problem);
    }

    /** Says where readers met damage, once per place: they come again and again. */
    void reportDamage(final long position, final String what) {
        if (damagedPosition != position) {
            damagedPosition = position;
            report(new IOException("a batch is not served: log=" + name + " position=" + position + " " + what));
        }
    }

    void checkOnline() throws IOException {
        final IOException failure = cause.get();
        if (failure != null) {
            throw new IOException(failure.getMessage(), failure);
        }
    }

    String name() {
        return name;
    }
}
