package io.millrace.targets.wire;

import io.millrace.load.driver.ConsumerSession;
import io.millrace.load.driver.RecordSource;

/** Reads back what a run has left in a stream. Stateless. */
public final class Leftovers {
    private static final long READ_NS = 1_000_000_000L;
    private static final int MAX_EMPTY_READS = 10;

    private Leftovers() {
    }

    /**
     * Reads until all is read, nothing comes any more, or the handler has had enough.
     *
     * @param reader  at the first record
     * @param count   of records that should be there
     * @param handler gets them
     */
    public static void read(final ConsumerSession reader, final long count, final RecordSource.Handler handler) {
        long left = count;
        int emptyCount = 0;
        while (left > 0 && !handler.isStopped() && emptyCount < MAX_EMPTY_READS) {
            final int taken = reader.poll(READ_NS, handler);
            left -= taken;
            emptyCount = taken == 0 ? emptyCount + 1 : 0;
        }
    }
}
