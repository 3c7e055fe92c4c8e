package io.millrace.transport.kafka.client;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.agrona.CloseHelper;

/**
 * Waits for any of several connections to have something to do, so that a thread need not spin. Owned by the
 * connections' thread.
 */
public final class LeanSelector implements AutoCloseable {
    private static final long SHORTEST_SELECT_NS = 1_000_000L;
    private static final long SHORT_PARK_NS = 50_000L;
    private static final Consumer<SelectionKey> NOTHING = key -> { };

    private final Selector selector;

    /** Opens a selector. */
    public LeanSelector() {
        try {
            selector = Selector.open();
        } catch (final IOException e) {
            throw new UncheckedIOException("cannot open a selector", e);
        }
    }

    /**
     * Adds a connection; it leaves by closing.
     *
     * @param connection not closed
     */
    public void add(final LeanConnection connection) {
        try {
            connection.selectionKey(connection.channel().register(selector, SelectionKey.OP_CONNECT));
        } catch (final IOException e) {
            throw new LeanClientException("cannot wait for " + connection.address() + ": " + e.getMessage(), e);
        }
    }

    /**
     * Waits until a connection has something to poll for, at most so long. Below a millisecond the wait is a short
     * park.
     *
     * @param maxNs how long at most; 0 only looks
     * @return how many connections are ready
     */
    public int await(final long maxNs) {
        try {
            if (maxNs >= SHORTEST_SELECT_NS) {
                return selector.select(NOTHING, TimeUnit.NANOSECONDS.toMillis(maxNs));
            }
            final int ready = selector.selectNow(NOTHING);
            if (ready == 0 && maxNs > 0) {
                LockSupport.parkNanos(Math.min(maxNs, SHORT_PARK_NS));
            }
            return ready;
        } catch (final IOException e) {
            throw new UncheckedIOException("select failed", e);
        }
    }

    /** Lets a waiting {@link #await} return; callable from any thread. */
    public void wakeup() {
        selector.wakeup();
    }

    @Override
    public void close() {
        CloseHelper.close(selector);
    }
}
