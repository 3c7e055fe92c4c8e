package io.millrace.targets.rabbitmq;

import io.millrace.targets.wire.Wire;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Selector;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * One connection to a RabbitMQ server's stream plugin: says hello, writes commands, reads them in place. Owned by one
 * thread.
 *
 * <pre>
 *  0      4     6         8                 4+size
 *  +------+-----+---------+-----------------+
 *  | size | key | version |     content     |
 *  +------+-----+---------+-----------------+
 * </pre>
 */
final class StreamLink implements AutoCloseable {
    static final int PREFIX_LENGTH = 8;
    static final short DECLARE_PUBLISHER = 1;
    static final short PUBLISH = 2;
    static final short PUBLISH_CONFIRM = 3;
    static final short PUBLISH_ERROR = 4;
    static final short SUBSCRIBE = 7;
    static final short DELIVER = 8;
    static final short CREDIT = 9;
    static final short METADATA = 15;
    static final short METADATA_UPDATE = 16;
    static final short OK = 1;

    private static final short PEER_PROPERTIES = 17;
    private static final short SASL_HANDSHAKE = 18;
    private static final short SASL_AUTHENTICATE = 19;
    private static final short TUNE = 20;
    private static final short OPEN = 21;
    private static final short CLOSE = 22;
    private static final short VERSION = 1;
    private static final int RESPONSE = 0x8000;
    private static final int ROOM = 2_048;
    private static final int MAX_COMMAND_LENGTH = 32 << 20;
    private static final long TIMEOUT_S = 20;

    private final Wire wire;
    private int commandIndex;
    private int correlations;
    /** The server tells it unasked, maybe together with the answer before it; negative until then. */
    private int offeredLength = -1;
    private int maxFrameLength = MAX_COMMAND_LENGTH;

    private StreamLink(final Wire wire) {
        this.wire = wire;
    }

    /**
     * Connects, as the guest, which only this machine may be.
     *
     * @param address of the server
     * @param shared  selector of all connections of this thread, or null
     * @return the connection
     */
    static StreamLink connect(final InetSocketAddress address, final Selector shared) {
        final StreamLink link = new StreamLink(Wire.connect(address, shared));
        try {
            link.hello();
            return link;
        } catch (final RuntimeException ex) {
            link.close();
            throw ex;
        }
    }

    private void hello() {
        final ByteBuffer properties = request(PEER_PROPERTIES);
        map(properties, Map.of("product", "millrace-bench", "version", "1", "platform", "Java"));
        call(properties, PEER_PROPERTIES);
        call(request(SASL_HANDSHAKE), SASL_HANDSHAKE);
        final ByteBuffer login = request(SASL_AUTHENTICATE);
        text(login, "PLAIN");
        final byte[] secret = "\0guest\0guest".getBytes(StandardCharsets.UTF_8);
        call(login.putInt(secret.length).put(secret), SASL_AUTHENTICATE);
        if (offeredLength < 0) {
            await(TUNE);
        }
        final int offered = offeredLength;
        maxFrameLength = offered == 0 ? MAX_COMMAND_LENGTH : Math.min(MAX_COMMAND_LENGTH, offered);
        // without heartbeats: a server that hangs is to be seen as a server that hangs
        end(begin(TUNE).putInt(maxFrameLength).putInt(0));
        final ByteBuffer open = request(OPEN);
        text(open, "/");
        call(open, OPEN);
    }

    Wire wire() {
        return wire;
    }

    /** {@return most bytes of a command} */
    int maxFrameLength() {
        return maxFrameLength;
    }

    /** {@return where to write the content of a command without an answer, before {@link #end}} */
    ByteBuffer begin(final short key) {
        return begin(key, ROOM);
    }

    ByteBuffer begin(final short key, final int room) {
        final ByteBuffer out = wire.out(room);
        commandIndex = out.position();
        return out.putInt(0).putShort(key).putShort(VERSION);
    }

    /** {@return where to write the content of a command that is answered} */
    ByteBuffer request(final short key) {
        return begin(key).putInt(++correlations);
    }

    void end(final ByteBuffer out) {
        out.putInt(commandIndex, out.position() - commandIndex - Integer.BYTES);
    }

    /** Writes a request and waits for its answer, which must say that all is well. */
    Reply call(final ByteBuffer out, final short key) {
        final Reply reply = answer(out, key);
        final short code = reply.in().getShort(reply.index() + Integer.BYTES);
        if (code != OK) {
            throw new Wire.WireException("rabbitmq refuses command " + key + " of the stream protocol with code " + code
                + ": " + reason(code), null);
        }
        return reply;
    }

    /** Writes a request and waits for its answer, whatever it says. */
    Reply answer(final ByteBuffer out, final short key) {
        end(out);
        return await((short) (key | RESPONSE));
    }

    static String reason(final int code) {
        return switch (code) {
            case 2 -> "there is no such stream";
            case 6 -> "the stream is not available";
            case 8 -> "authentication failed";
            case 12 -> "access to the virtual host is refused";
            case 13 -> "unknown frame";
            case 15 -> "internal error";
            case 16 -> "access is refused";
            default -> "see the protocol's list of codes";
        };
    }

    static void text(final ByteBuffer out, final String text) {
        final byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.putShort((short) bytes.length).put(bytes);
    }

    static String text(final ByteBuffer in, final int index) {
        final byte[] bytes = new byte[Math.max(0, in.getShort(index))];
        in.get(index + Short.BYTES, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** {@return index after a text} */
    static int afterText(final ByteBuffer in, final int index) {
        return index + Short.BYTES + Math.max(0, in.getShort(index));
    }

    private static void map(final ByteBuffer out, final Map<String, String> entries) {
        out.putInt(entries.size());
        entries.forEach((key, value) -> {
            text(out, key);
            text(out, value);
        });
    }

    /**
     * Hands over every whole command that has arrived; a connection that the server closes is lost.
     *
     * @param to takes them
     * @return number of commands
     */
    int take(final Commands to) {
        final ByteBuffer in = wire.in();
        int count = 0;
        while (in.remaining() >= PREFIX_LENGTH) {
            final int start = in.position();
            final int length = in.getInt(start);
            if (length < PREFIX_LENGTH - Integer.BYTES || length > MAX_COMMAND_LENGTH) {
                throw new Wire.WireException("rabbitmq: a command of length " + length + " cannot be; up to "
                    + MAX_COMMAND_LENGTH, null);
            }
            final int end = start + Integer.BYTES + length;
            if (end > in.limit()) {
                break;
            }
            in.position(end);
            final short key = in.getShort(start + Integer.BYTES);
            if (key == CLOSE) {
                final int index = start + PREFIX_LENGTH + Integer.BYTES;
                throw new Wire.WireException("rabbitmq closed the connection: code " + in.getShort(index) + " "
                    + text(in, index + Short.BYTES), null);
            }
            to.onCommand(key, in, start + PREFIX_LENGTH);
            count++;
        }
        return count;
    }

    /**
     * Waits for a command; what else arrives before it must be nothing of importance.
     *
     * @param key awaited
     * @return where its content is, until more is read
     */
    private Reply await(final short key) {
        final long deadline = Wire.deadline(TIMEOUT_S);
        final Reply[] found = new Reply[1];
        final Commands waiting = (arrived, in, index) -> {
            if (arrived == TUNE) {
                offeredLength = in.getInt(index);
            }
            if (arrived == key) {
                found[0] = new Reply(in, index);
            }
        };
        take(waiting);
        while (found[0] == null) {
            wire.more(deadline);
            take(waiting);
        }
        return found[0];
    }

    @Override
    public void close() {
        wire.close();
    }

    /**
     * A command's content.
     *
     * @param in    holds it
     * @param index of its first byte
     */
    record Reply(ByteBuffer in, int index) {
    }

    /** Hears what arrives. */
    @FunctionalInterface
    interface Commands {
        void onCommand(short key, ByteBuffer in, int index);
    }
}
