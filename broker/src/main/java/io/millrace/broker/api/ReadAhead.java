package io.millrace.broker.api;

import io.millrace.engine.io.LogFile;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Lets another thread read the file in one sweep ahead of whoever reads on, and where a partition's batches lie
 * scattered among those of others. Owned by the network thread.
 *
 * <p>The partitions of a shard share its segments, so the next partition needs the same stretch of the file, and the
 * operating system reads ahead only for those that read on where they stopped: the looks at frame headers, a batch
 * apart, hide from it that somebody does. What is in memory already costs a look.
 */
final class ReadAhead {
    static final int WINDOW_LENGTH = 8 * 1024 * 1024;
    /** Batches of one partition this far apart are scattered. */
    static final int MIN_GAP_LENGTH = 64 * 1024;
    /** Windows that are not asked for again. */
    private static final int REMEMBERED_COUNT = 256;

    private final Executor executor;
    private final LogFile[] files = new LogFile[REMEMBERED_COUNT];
    private final long[] windows = new long[REMEMBERED_COUNT];
    private int oldest;
    private LogFile lastFile;
    private long lastEnd;
    private LogFile windowFile;
    private long window;

    ReadAhead(final Executor executor) {
        this.executor = executor;
    }

    /** A partition's batches follow. */
    void begin() {
        lastFile = null;
    }

    /** Notes a batch that will be sent. */
    void onBatch(final LogFile file, final long fileOffset, final int length) {
        // one of the first batches of a window: who reads on comes by there once a window
        final boolean isEntering = fileOffset % WINDOW_LENGTH < length + MIN_GAP_LENGTH;
        if (isEntering || file == lastFile && fileOffset - lastEnd >= MIN_GAP_LENGTH) {
            touch(file, fileOffset / WINDOW_LENGTH);
        }
        lastFile = file;
        lastEnd = fileOffset + length;
    }

    private void touch(final LogFile file, final long newWindow) {
        if (file != windowFile || newWindow != window) {
            windowFile = file;
            window = newWindow;
            request(file, newWindow);
            request(file, newWindow + 1);
        }
    }

    private void request(final LogFile file, final long wanted) {
        for (int i = 0; i < REMEMBERED_COUNT; i++) {
            if (windows[i] == wanted && files[i] == file) {
                return;
            }
        }
        try {
            executor.execute(() -> load(file, wanted));
        } catch (final RejectedExecutionException ex) {
            return; // it is read without
        }
        files[oldest] = file;
        windows[oldest] = wanted;
        oldest = (oldest + 1) % REMEMBERED_COUNT;
    }

    private static void load(final LogFile file, final long wanted) {
        try {
            file.bringToMemory(wanted * WINDOW_LENGTH, WINDOW_LENGTH);
        } catch (final IOException ex) {
            return; // whoever reads the batch hears of it
        }
    }
}
