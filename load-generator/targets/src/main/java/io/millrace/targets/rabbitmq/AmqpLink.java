package io.millrace.targets.rabbitmq;

import io.millrace.targets.wire.Wire;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * One connection to a RabbitMQ server with one channel: says hello, writes methods, reads frames in place. Owned by one
 * thread.
 *
 * <pre>
 *  0      1         3             7                  7+size
 *  +------+---------+-------------+------------------+------+
 *  | type | channel |    size     |     payload      | 0xCE |
 *  +------+---------+-------------+------------------+------+
 * </pre>
 */
final class AmqpLink implements AutoCloseable {
    static final int FRAME_OVERHEAD = 8;
    static final int CHANNEL = 1;
    static final byte FRAME_END = (byte) 0xCE;
    static final byte METHOD = 1;
    static final byte HEADER = 2;
    static final byte BODY = 3;

    static final int CONNECTION_CLOSE = method(10, 50);
    static final int CHANNEL_CLOSE = method(20, 40);
    static final int BASIC_QOS = method(60, 10);
    static final int BASIC_CONSUME = method(60, 20);
    static final int BASIC_CANCEL = method(60, 30);
    static final int BASIC_PUBLISH = method(60, 40);
    static final int BASIC_RETURN = method(60, 50);
    static final int BASIC_DELIVER = method(60, 60);
    static final int BASIC_ACK = method(60, 80);
    static final int BASIC_NACK = method(60, 120);
    static final int CONFIRM_SELECT = method(85, 10);

    private static final int PREFIX_LENGTH = 7;
    private static final int MAX_FRAME_LENGTH = 128 << 10;
    private static final int ROOM = 2_048;
    private static final long TIMEOUT_S = 20;
    private static final int CONNECTION_START = method(10, 10);
    private static final int CONNECTION_TUNE = method(10, 30);
    private static final int CONNECTION_OPEN = method(10, 40);
    private static final int CHANNEL_OPEN = method(20, 10);
    private static final List<String> CAPABILITIES =
        List.of("publisher_confirms", "basic.nack", "consumer_cancel_notify", "authentication_failure_close");

    private final Wire wire;
    private int frameLength = MAX_FRAME_LENGTH;
    private int frameIndex;

    private AmqpLink(final Wire wire) {
        this.wire = wire;
    }

    /** {@return the number of a method, its class in the upper half} */
    static int method(final int classId, final int methodId) {
        return classId << 16 | methodId;
    }

    /** {@return the method with which the server answers another} */
    static int ok(final int method) {
        return method + 1;
    }

    /**
     * Connects to the first server that answers, as the guest, which only this machine may be.
     *
     * @param addresses of the servers
     * @return the connection
     */
    static AmqpLink connect(final List<InetSocketAddress> addresses) {
        return Wire.first(addresses, AmqpLink::connect);
    }

    static AmqpLink connect(final InetSocketAddress address) {
        final AmqpLink link = new AmqpLink(Wire.connect(address));
        try {
            link.hello();
            return link;
        } catch (final RuntimeException ex) {
            link.close();
            throw ex;
        }
    }

    private void hello() {
        wire.out(FRAME_OVERHEAD).put(new byte[] {'A', 'M', 'Q', 'P', 0, 0, 9, 1});
        await(CONNECTION_START);
        final ByteBuffer start = begin(0, ok(CONNECTION_START));
        final int table = start.position();
        start.putInt(0);
        shortText(start, "capabilities");
        start.put((byte) 'F');
        final int inner = start.position();
        start.putInt(0);
        for (final String capability : CAPABILITIES) {
            shortText(start, capability);
            start.put((byte) 't').put((byte) 1);
        }
        start.putInt(inner, start.position() - inner - Integer.BYTES);
        start.putInt(table, start.position() - table - Integer.BYTES);
        shortText(start, "PLAIN");
        longText(start, "\0guest\0guest");
        shortText(start, "en_US");
        end(start);
        final Reply tune = await(CONNECTION_TUNE);
        final int offered = tune.in().getInt(tune.index() + Short.BYTES);
        frameLength = offered == 0 ? MAX_FRAME_LENGTH : Math.min(MAX_FRAME_LENGTH, offered);
        // without heartbeats: a server that hangs is to be seen as a server that hangs
        end(begin(0, ok(CONNECTION_TUNE)).putShort((short) CHANNEL).putInt(frameLength).putShort((short) 0));
        final ByteBuffer open = begin(0, CONNECTION_OPEN);
        shortText(open, "/");
        end(open.put((byte) 0).put((byte) 0));
        await(ok(CONNECTION_OPEN));
        openChannel();
    }

    /** Opens the channel, at first or after the server has closed it. */
    void openChannel() {
        end(begin(CHANNEL, CHANNEL_OPEN).put((byte) 0));
        await(ok(CHANNEL_OPEN));
    }

    Wire wire() {
        return wire;
    }

    /** {@return most bytes of a body frame's payload} */
    int maxBodyLength() {
        return frameLength - FRAME_OVERHEAD;
    }

    /** {@return where to write the arguments of a method, before {@link #end}} */
    ByteBuffer begin(final int channel, final int method) {
        final ByteBuffer out = wire.out(ROOM);
        frameIndex = out.position();
        return out.put(METHOD).putShort((short) channel).putInt(0).putInt(method);
    }

    void end(final ByteBuffer out) {
        out.putInt(frameIndex + 3, out.position() - frameIndex - PREFIX_LENGTH).put(FRAME_END);
    }

    /** Writes a method's frame and waits for its answer. */
    Reply call(final ByteBuffer out, final int method) {
        end(out);
        return await(ok(method));
    }

    static void shortText(final ByteBuffer out, final String text) {
        final byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.put((byte) bytes.length).put(bytes);
    }

    static void longText(final ByteBuffer out, final String text) {
        final byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.putInt(bytes.length).put(bytes);
    }

    /** Writes a table of texts and whole numbers. */
    static void table(final ByteBuffer out, final Map<String, Object> entries) {
        final int start = out.position();
        out.putInt(0);
        entries.forEach((key, value) -> {
            shortText(out, key);
            if (value instanceof Integer number) {
                out.put((byte) 'I').putInt(number);
            } else {
                out.put((byte) 'S');
                longText(out, value.toString());
            }
        });
        out.putInt(start, out.position() - start - Integer.BYTES);
    }

    static String shortText(final ByteBuffer in, final int index) {
        final byte[] bytes = new byte[in.get(index) & 0xFF];
        in.get(index + 1, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /**
     * Hands over every whole frame that has arrived; a connection that the server closes is lost.
     *
     * @param to takes them
     * @return number of frames
     */
    int take(final Frames to) {
        final ByteBuffer in = wire.in();
        int count = 0;
        while (in.remaining() >= FRAME_OVERHEAD) {
            final int start = in.position();
            final int length = in.getInt(start + 3);
            if (length < 0 || length > frameLength) {
                throw new Wire.WireException("rabbitmq: a frame of length " + length + " is more than " + frameLength,
                    null);
            }
            final int end = start + PREFIX_LENGTH + length;
            if (end + 1 > in.limit()) {
                break;
            }
            if (in.get(end) != FRAME_END) {
                throw new Wire.WireException("rabbitmq: a frame does not end as it must", null);
            }
            in.position(end + 1);
            count++;
            frame(in, in.get(start), start + PREFIX_LENGTH, length, to);
        }
        return count;
    }

    private void frame(final ByteBuffer in, final byte type, final int index, final int length, final Frames to) {
        switch (type) {
            case METHOD:
                final int method = in.getInt(index);
                if (method == CONNECTION_CLOSE) {
                    throw new Wire.WireException("rabbitmq closed the connection: " + reason(in, index), null);
                }
                if (method == CHANNEL_CLOSE) {
                    end(begin(CHANNEL, ok(CHANNEL_CLOSE)));
                }
                to.onMethod(method, in, index + Integer.BYTES);
                break;
            case HEADER:
                to.onHeader(in.getLong(index + Integer.BYTES));
                break;
            case BODY:
                to.onBody(in, index, length);
                break;
            default: // heartbeats, which nobody asked for
                break;
        }
    }

    private static String reason(final ByteBuffer in, final int index) {
        return in.getShort(index + Integer.BYTES) + " " + shortText(in, index + Integer.BYTES + Short.BYTES);
    }

    /**
     * Waits for a method; what else arrives before it must be nothing of importance.
     *
     * @param method awaited
     * @return where its arguments are, until more is read
     */
    Reply await(final int method) {
        final long deadline = Wire.deadline(TIMEOUT_S);
        final Reply[] found = new Reply[1];
        take(found, method);
        while (found[0] == null) {
            wire.more(deadline);
            take(found, method);
        }
        return found[0];
    }

    private void take(final Reply[] found, final int method) {
        take((arrived, in, index) -> {
            if (arrived == CHANNEL_CLOSE) {
                throw new ClosedException(in.getShort(index), shortText(in, index + Short.BYTES));
            }
            if (arrived == method) {
                found[0] = new Reply(in, index);
            }
        });
    }

    @Override
    public void close() {
        wire.close();
    }

    /**
     * A method's arguments.
     *
     * @param in    holds them
     * @param index of the first
     */
    record Reply(ByteBuffer in, int index) {
    }

    /** Hears what arrives. */
    @FunctionalInterface
    interface Frames {
        void onMethod(int method, ByteBuffer in, int index);

        default void onHeader(final long bodyLength) {
        }

        default void onBody(final ByteBuffer in, final int index, final int length) {
        }
    }

    /** The server has closed the channel over what it was asked. */
    static final class ClosedException extends RuntimeException {
        static final int NOT_FOUND = 404;
        private static final long serialVersionUID = 1L;
        private final int code;

        ClosedException(final int code, final String text) {
            super("rabbitmq: " + code + " " + text);
            this.code = code;
        }

        int code() {
            return code;
        }
    }
}
