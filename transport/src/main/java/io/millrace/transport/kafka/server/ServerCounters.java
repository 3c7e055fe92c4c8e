package io.millrace.transport.kafka.server;

import io.millrace.transport.kafka.codec.ApiTable;
import java.util.concurrent.atomic.AtomicLongArray;

/** Written by the network thread, read by any thread. */
public final class ServerCounters {
    private static final ServerCounter[] COUNTERS = ServerCounter.values();

    private final AtomicLongArray values = new AtomicLongArray(COUNTERS.length + ApiTable.API_KEY_LIMIT);

    /**
     * {@return the counter's present value}
     *
     * @param counter which
     */
    public long get(final ServerCounter counter) {
        return values.getAcquire(counter.ordinal());
    }

    /**
     * {@return requests of one API received so far}
     *
     * @param apiKey see {@link ApiTable}
     */
    public long requests(final int apiKey) {
        return values.getAcquire(COUNTERS.length + apiKey);
    }

    void add(final ServerCounter counter, final long delta) {
        addAt(counter.ordinal(), delta);
    }

    void increment(final ServerCounter counter) {
        addAt(counter.ordinal(), 1);
    }

    void max(final ServerCounter counter, final long value) {
        if (value > values.getPlain(counter.ordinal())) {
            values.setRelease(counter.ordinal(), value);
        }
    }

    void request(final int apiKey) {
        addAt(ServerCounter.REQUESTS.ordinal(), 1);
        if (apiKey >= 0 && apiKey < ApiTable.API_KEY_LIMIT) {
            addAt(COUNTERS.length + apiKey, 1);
        }
    }

    // single writer: a plain read of its own last write, released to readers' acquire in get()
    private void addAt(final int index, final long delta) {
        values.setRelease(index, values.getPlain(index) + delta);
    }
}
