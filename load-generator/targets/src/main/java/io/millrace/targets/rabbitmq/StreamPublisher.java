package io.millrace.targets.rabbitmq;

import io.millrace.targets.wire.PublishProtocol;
import io.millrace.targets.wire.Wire;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.agrona.CloseHelper;

/**
 * Publishes each stream's records to the server that leads it, those that are due together in one command. A record's
 * number holds its slot, and how often that was used, so that a late answer is not taken for the next record's. Owned
 * by the sending thread.
 */
final class StreamPublisher implements PublishProtocol {
    /** A publisher's id on a connection is one byte. */
    private static final int MAX_PUBLISHERS = 255;
    private static final int COMMAND_LENGTH = StreamLink.PREFIX_LENGTH + 1 + Integer.BYTES;
    private static final int RECORD_OVERHEAD = Long.BYTES + Integer.BYTES + 8;
    /** The beginning of an AMQP 1.0 message of one data section, before its length: what streams hold by convention. */
    private static final int DATA_SECTION = 0x005375B0;
    private static final long UNSENT_AWAIT_NS = 1_000_000L;
    private static final int MAX_OPEN_LENGTH = 512 << 10;

    private final Selector selector;
    private final List<Connection> connections = new ArrayList<>();
    private final Connection[] connectionOf;
    private final byte[] publisherIds;
    private int[] uses = new int[1 << 10];
    private Answers answers;
    private int answeredCount;

    /**
     * Connects to the leaders.
     *
     * @param addresses of the servers
     * @param streams   to publish to
     */
    StreamPublisher(final List<InetSocketAddress> addresses, final String[] streams) {
        final InetSocketAddress[] leaders = StreamTopology.leaders(addresses, streams);
        connectionOf = new Connection[streams.length];
        publisherIds = new byte[streams.length];
        try {
            selector = Selector.open();
        } catch (final IOException ex) {
            throw new Wire.WireException("no selector: " + ex.getMessage(), ex);
        }
        try {
            final Map<InetSocketAddress, Connection> last = new HashMap<>();
            for (int i = 0; i < streams.length; i++) {
                Connection connection = last.get(leaders[i]);
                if (connection == null || connection.publisherCount == MAX_PUBLISHERS) {
                    connection = new Connection(StreamLink.connect(leaders[i], selector));
                    connections.add(connection);
                    last.put(leaders[i], connection);
                }
                connectionOf[i] = connection;
                publisherIds[i] = connection.declare(streams[i]);
            }
        } catch (final RuntimeException ex) {
            close();
            throw ex;
        }
    }

    @Override
    public boolean hasRoom() {
        for (final Connection connection : connections) {
            if (connection.link.wire().unsentLength() >= Wire.FULL_LENGTH) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void publish(final int lane, final int slot, final ByteBuffer record, final int length) {
        if (slot >= uses.length) {
            uses = Arrays.copyOf(uses, Math.max(slot + 1, uses.length * 2));
        }
        final int use = uses[slot] + 1 & Integer.MAX_VALUE;
        uses[slot] = use;
        connectionOf[lane].add(publisherIds[lane], (long) use << Integer.SIZE | slot, record, length);
    }

    @Override
    public int poll(final Answers to) {
        answers = to;
        answeredCount = 0;
        int moved = 0;
        for (int i = 0; i < connections.size(); i++) {
            final Connection connection = connections.get(i);
            connection.endCommand();
            moved += connection.link.wire().flush() + connection.link.wire().fill();
            connection.link.take(connection);
        }
        return moved + answeredCount;
    }

    @Override
    public boolean forget(final int slot) {
        uses[slot] = uses[slot] + 1 & Integer.MAX_VALUE; // its answer is nobody's from now on
        return true;
    }

    /** All connections share a selector: whichever answers. */
    @Override
    public void await(final long maxNs) {
        boolean isUnsent = false;
        for (int i = 0; i < connections.size(); i++) {
            isUnsent |= connections.get(i).link.wire().unsentLength() > 0;
        }
        connections.get(0).link.wire().await(isUnsent ? Math.min(maxNs, UNSENT_AWAIT_NS) : maxNs);
    }

    @Override
    public void close() {
        connections.forEach(connection -> connection.link.close());
        CloseHelper.quietClose(selector);
    }

    private void answer(final long number, final boolean isConfirmed, final int code) {
        final int slot = (int) number;
        if (slot < 0 || slot >= uses.length || uses[slot] != number >>> Integer.SIZE) {
            return; // of a record that was given up
        }
        answeredCount++;
        if (isConfirmed) {
            answers.onAcked(slot);
        } else {
            answers.onFailed(slot, "STREAM_" + code);
        }
    }

    /** One server's streams. */
    private final class Connection implements StreamLink.Commands {
        private final StreamLink link;
        private int publisherCount;
        private int openPublisher = -1;
        private int openIndex;
        private int openCount;
        private ByteBuffer open;

        Connection(final StreamLink link) {
            this.link = link;
        }

        byte declare(final String stream) {
            final byte id = (byte) publisherCount++;
            final ByteBuffer out = link.request(StreamLink.DECLARE_PUBLISHER).put(id);
            StreamLink.text(out, "");
            StreamLink.text(out, stream);
            link.call(out, StreamLink.DECLARE_PUBLISHER);
            return id;
        }

        void add(final byte publisher, final long number, final ByteBuffer record, final int length) {
            final int needed = RECORD_OVERHEAD + length;
            final int limit = Math.min(MAX_OPEN_LENGTH, link.maxFrameLength());
            if (openPublisher != publisher || open.position() - openIndex + needed > limit) {
                endCommand();
                openPublisher = publisher;
                open = link.begin(StreamLink.PUBLISH, COMMAND_LENGTH + needed).put(publisher).putInt(0);
                openIndex = open.position() - COMMAND_LENGTH;
            } else {
                reserve(needed);
            }
            openCount++;
            open.putLong(number).putInt(length + 8).putInt(DATA_SECTION).putInt(length)
                .put(record.limit(length).position(0));
        }

        /** Making room may move what is unsent. */
        private void reserve(final int needed) {
            final int written = open.position() - openIndex;
            open = link.wire().out(needed);
            openIndex = open.position() - written;
        }

        void endCommand() {
            if (openPublisher >= 0) {
                open.putInt(openIndex, open.position() - openIndex - Integer.BYTES);
                open.putInt(openIndex + COMMAND_LENGTH - Integer.BYTES, openCount);
                openPublisher = -1;
                openCount = 0;
            }
        }

        @Override
        public void onCommand(final short key, final ByteBuffer in, final int index) {
            final int first = index + 1 + Integer.BYTES;
            if (key == StreamLink.PUBLISH_CONFIRM) {
                final int count = in.getInt(index + 1);
                for (int i = 0; i < count; i++) {
                    answer(in.getLong(first + i * Long.BYTES), true, 0);
                }
            } else if (key == StreamLink.PUBLISH_ERROR) {
                final int count = in.getInt(index + 1);
                final int step = Long.BYTES + Short.BYTES;
                for (int i = 0; i < count; i++) {
                    answer(in.getLong(first + i * step), false, in.getShort(first + i * step + Long.BYTES));
                }
            } else if (key == StreamLink.METADATA_UPDATE) {
                throw new Wire.WireException("rabbitmq: a stream has changed its leader or is gone", null);
            }
        }
    }
}
