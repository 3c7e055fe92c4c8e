package io.millrace.targets.wire;

import io.millrace.load.driver.TargetUnreachableException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

/**
 * One connection that never blocks once it stands, with a buffer each way. Owned by one thread. Everything that goes
 * wrong with it is a {@link WireException}.
 */
public final class Wire implements AutoCloseable {
    /** Bytes that wait to be written, from which on no more records are to be added. */
    public static final int FULL_LENGTH = 4 << 20;

    private static final int FIRST_LENGTH = 256 << 10;
    private static final int MAX_LENGTH = 64 << 20;
    private static final long NS_PER_MS = 1_000_000L;
    private static final long ANSWER_PARK_NS = 50_000L;
    private static final int CONNECT_TIMEOUT_MS = 5_000;

    private final String name;
    private final SocketChannel channel;
    private final Selector selector;
    private final SelectionKey key;
    private final boolean isSelectorOwn;
    /** Position is where the next byte goes; bytes before {@link #sentIndex} have been written. */
    private ByteBuffer out = ByteBuffer.allocateDirect(FIRST_LENGTH);
    private int sentIndex;
    /** Between position and limit is what has arrived and was not taken yet. */
    private ByteBuffer in = ByteBuffer.allocateDirect(FIRST_LENGTH).limit(0);

    private Wire(
        final String name,
        final SocketChannel channel,
        final Selector selector,
        final SelectionKey key,
        final boolean isSelectorOwn) {
        this.name = name;
        this.channel = channel;
        this.selector = selector;
        this.key = key;
        this.isSelectorOwn = isSelectorOwn;
    }

    /**
     * Connects, within a few seconds.
     *
     * @param address of the server
     * @return the connection
     */
    public static Wire connect(final InetSocketAddress address) {
        return connect(address, null);
    }

    /**
     * Connects, within a few seconds, as one of several connections of a thread: who awaits one awaits all.
     *
     * @param address of the server
     * @param shared  of all of them, closed by its owner; null for one of its own
     * @return the connection
     */
    public static Wire connect(final InetSocketAddress address, final Selector shared) {
        SocketChannel channel = null;
        try {
            channel = SocketChannel.open();
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.socket().connect(address, CONNECT_TIMEOUT_MS);
            channel.configureBlocking(false);
            final Selector selector = shared == null ? Selector.open() : shared;
            return new Wire(address.toString(), channel, selector, channel.register(selector, SelectionKey.OP_READ),
                shared == null);
        } catch (final IOException ex) {
            closeQuietly(channel);
            throw new WireException(address + " cannot be reached: " + ex.getMessage(), ex);
        }
    }

    /**
     * Connects to the first server that answers: some may be gone.
     *
     * @param <T>       what a connection is
     * @param addresses of the servers, one at least
     * @param connect   to one of them
     * @return the connection
     */
    public static <T> T first(final List<InetSocketAddress> addresses, final Function<InetSocketAddress, T> connect) {
        WireException failure = null;
        for (final InetSocketAddress address : addresses) {
            try {
                return connect.apply(address);
            } catch (final WireException ex) {
                failure = ex;
            }
        }
        throw failure;
    }

    /**
     * {@return where to write, with room for so many bytes}
     *
     * @param length of what is to be written
     */
    public ByteBuffer out(final int length) {
        if (out.remaining() < length) {
            if (sentIndex > 0) {
                out.flip().position(sentIndex);
                out.compact();
                sentIndex = 0;
            }
            if (out.remaining() < length) {
                out.flip();
                out = grown(out, out.limit() + length);
                out.position(out.limit()).limit(out.capacity());
            }
        }
        return out;
    }

    /** {@return bytes that wait to be written} */
    public int unsentLength() {
        return out.position() - sentIndex;
    }

    /** {@return what has arrived, between position and limit; what is taken is skipped by moving the position} */
    public ByteBuffer in() {
        return in;
    }

    /** {@return bytes that the connection took} */
    public int flush() {
        if (unsentLength() == 0) {
            return 0;
        }
        final int end = out.position();
        try {
            out.limit(end).position(sentIndex);
            final int written = channel.write(out);
            sentIndex += written;
            return written;
        } catch (final IOException ex) {
            throw new WireException(name + " lost: " + ex.getMessage(), ex);
        } finally {
            out.limit(out.capacity()).position(end);
            if (sentIndex == end) {
                out.clear();
                sentIndex = 0;
            }
        }
    }

    /** {@return bytes that were added to what has arrived} */
    public int fill() {
        if (in.remaining() == in.capacity()) {
            in = grown(in, in.capacity() + 1);
        }
        in.compact();
        try {
            final int read = channel.read(in);
            if (read < 0) {
                throw new WireException(name + " closed the connection", null);
            }
            return read;
        } catch (final IOException ex) {
            throw new WireException(name + " lost: " + ex.getMessage(), ex);
        } finally {
            in.flip();
        }
    }

    /**
     * Waits until something can be read (or, if something waits for it, written), or a time has passed.
     *
     * @param maxNs how long at most; below a millisecond it only rests
     */
    public void await(final long maxNs) {
        if (maxNs < NS_PER_MS) {
            LockSupport.parkNanos(Math.min(maxNs, ANSWER_PARK_NS));
            return;
        }
        try {
            key.interestOps(unsentLength() > 0 ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ);
            selector.select(maxNs / NS_PER_MS);
            selector.selectedKeys().clear();
        } catch (final IOException ex) {
            throw new WireException(name + " lost: " + ex.getMessage(), ex);
        }
    }

    /**
     * Writes everything and waits until at least so many bytes can be taken; for calls that may block.
     *
     * @param length   to wait for
     * @param deadline on {@link System#nanoTime()}
     */
    public void require(final int length, final long deadline) {
        while (flush() >= 0 && in.remaining() < length) {
            if (fill() == 0) {
                awaitMore(deadline);
            }
        }
    }

    /**
     * Waits until more has arrived.
     *
     * @param deadline on {@link System#nanoTime()}
     */
    public void more(final long deadline) {
        flush();
        while (fill() == 0) {
            awaitMore(deadline);
            flush();
        }
    }

    /**
     * {@return a moment so many seconds from now, for the calls that block}
     *
     * @param seconds from now
     */
    public static long deadline(final long seconds) {
        return System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    }

    /**
     * Adds text to what is to be written, one byte a character.
     *
     * @param text to write
     */
    public void put(final String text) {
        final byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out(bytes.length).put(bytes);
    }

    @Override
    public void close() {
        if (isSelectorOwn) {
            closeQuietly(selector);
        }
        closeQuietly(channel);
    }

    private void awaitMore(final long deadline) {
        final long leftNs = deadline - System.nanoTime();
        if (leftNs <= 0) {
            throw new WireException(name + " does not answer in time", null);
        }
        await(Math.max(NS_PER_MS, leftNs));
    }

    private ByteBuffer grown(final ByteBuffer content, final int needed) {
        if (needed > MAX_LENGTH) {
            throw new WireException(name + ": length=" + needed + " of a message is more than " + MAX_LENGTH, null);
        }
        final ByteBuffer larger = ByteBuffer.allocateDirect(Math.max(needed, Math.min(MAX_LENGTH, 2 * needed)));
        larger.put(content);
        return larger.flip();
    }

    private static void closeQuietly(final AutoCloseable resource) {
        try {
            if (resource != null) {
                resource.close();
            }
        } catch (final Exception ex) {
            return; // there is nothing left to be done with it
        }
    }

    /** The connection is gone, or says what it must not. */
    public static final class WireException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        /**
         * @param message names the server and what happened
         * @param cause   what was caught, or null
         */
        public WireException(final String message, final Throwable cause) {
            super(message, cause);
        }

        /** {@return the same for whoever sets a run up} */
        public TargetUnreachableException toUnreachable() {
            return new TargetUnreachableException(getMessage(), this);
        }
    }
}
