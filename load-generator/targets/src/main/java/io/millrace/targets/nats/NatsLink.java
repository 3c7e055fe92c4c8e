package io.millrace.targets.nats;

import io.millrace.targets.wire.Wire;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;

/**
 * One connection to a NATS server: says hello, writes messages, reads what arrives in place. Owned by one thread.
 */
final class NatsLink implements AutoCloseable {
    private static final byte CR = '\r';
    private static final byte SPACE = ' ';
    private static final int MAX_FIELDS = 6;
    private static final long HELLO_TIMEOUT_S = 10;
    private static final String HELLO = "CONNECT {\"verbose\":false,\"pedantic\":false,\"headers\":true,"
        + "\"no_responders\":false,\"lang\":\"java\",\"version\":\"1\",\"protocol\":1,\"name\":\"millrace-bench\"}\r\n";

    private final Wire wire;
    private final String inbox = "_INBOX." + UUID.randomUUID().toString().replace("-", "");
    /** Where the words of the line begin and end that is looked at. */
    private final int[] starts = new int[MAX_FIELDS];
    private final int[] ends = new int[MAX_FIELDS];
    private int subscriptions;

    private NatsLink(final Wire wire) {
        this.wire = wire;
    }

    /**
     * Connects to the first server that answers.
     *
     * @param addresses of the servers
     * @return the connection
     */
    static NatsLink connect(final List<InetSocketAddress> addresses) {
        return Wire.first(addresses, NatsLink::connect);
    }

    /**
     * Connects and waits for the server's word.
     *
     * @param address of the server
     * @return the connection
     */
    static NatsLink connect(final InetSocketAddress address) {
        final NatsLink link = new NatsLink(Wire.connect(address));
        try {
            link.wire.put(HELLO);
            link.wire.put("PING\r\n");
            final long deadline = Wire.deadline(HELLO_TIMEOUT_S);
            final boolean[] isPonged = new boolean[1];
            while (!isPonged[0]) {
                link.wire.more(deadline);
                link.take(new Messages() {
                    @Override
                    public void onMessage(final Message message) {
                        throw new Wire.WireException("nats: a message before anything was subscribed", null);
                    }

                    @Override
                    public void onPong() {
                        isPonged[0] = true;
                    }
                });
            }
            return link;
        } catch (final RuntimeException ex) {
            link.close();
            throw ex;
        }
    }

    Wire wire() {
        return wire;
    }

    /** {@return the beginning of all subjects that only this connection listens to} */
    String inbox() {
        return inbox;
    }

    /**
     * Subscribes.
     *
     * @param subject to listen to
     * @return number of the subscription
     */
    int subscribe(final String subject) {
        final int number = ++subscriptions;
        wire.put("SUB " + subject + " " + number + "\r\n");
        return number;
    }

    /**
     * Writes a message.
     *
     * @param subject it goes to
     * @param reply   where the answer goes to
     * @param body    of the message
     */
    void publish(final String subject, final String reply, final String body) {
        wire.put("PUB " + subject + " " + reply + " " + body.getBytes(StandardCharsets.UTF_8).length + "\r\n" + body
            + "\r\n");
    }

    /**
     * Hands over every whole message that has arrived, and answers the server's pings.
     *
     * @param to takes them
     * @return number of messages
     */
    int take(final Messages to) {
        final ByteBuffer in = wire.in();
        int count = 0;
        while (in.hasRemaining()) {
            final int start = in.position();
            final int line = endOfLine(in, start);
            if (line < 0) {
                break;
            }
            final byte first = in.get(start);
            if (first == 'M' || first == 'H') {
                final boolean hasHeaders = first == 'H';
                final int fields = split(in, start, line);
                final int length = number(in, starts[fields - 1], ends[fields - 1]);
                final int headerLength = hasHeaders ? number(in, starts[fields - 2], ends[fields - 2]) : 0;
                final int body = line + 2;
                if (body + length + 2 > in.limit()) {
                    break;
                }
                count++;
                final int subscription = number(in, starts[2], ends[2]);
                in.position(body + length + 2);
                to.onMessage(new Message(in, starts[1], ends[1], subscription, hasHeaders ? body : -1,
                    body + headerLength, length - headerLength));
            } else {
                in.position(line + 2);
                control(in, start, line, to);
            }
        }
        return count;
    }

    @Override
    public void close() {
        wire.close();
    }

    private void control(final ByteBuffer in, final int start, final int line, final Messages to) {
        final byte second = in.get(start + 1);
        switch (in.get(start)) {
            case 'P':
                if (second == 'I') {
                    wire.put("PONG\r\n");
                } else {
                    to.onPong();
                }
                break;
            case '-':
                throw new Wire.WireException("nats: " + text(in, start, line), null);
            default: // INFO and +OK say nothing that is needed
                break;
        }
    }

    private int split(final ByteBuffer in, final int start, final int line) {
        int fields = 0;
        int index = start;
        while (index < line && fields < MAX_FIELDS) {
            starts[fields] = index;
            while (index < line && in.get(index) != SPACE) {
                index++;
            }
            ends[fields++] = index++;
        }
        if (fields < 4) {
            throw new Wire.WireException("nats: cannot read " + text(in, start, line), null);
        }
        return fields;
    }

    private static int endOfLine(final ByteBuffer in, final int start) {
        for (int i = start; i + 1 < in.limit(); i++) {
            if (in.get(i) == CR) {
                return i;
            }
        }
        return -1;
    }

    static int number(final ByteBuffer in, final int start, final int end) {
        int value = 0;
        for (int i = start; i < end; i++) {
            value = value * 10 + (in.get(i) - '0');
        }
        return value;
    }

    static String text(final ByteBuffer in, final int start, final int end) {
        final byte[] bytes = new byte[end - start];
        in.get(start, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Hears what arrives. */
    interface Messages {
        /**
         * A message; valid during the call.
         *
         * @param message what arrived
         */
        void onMessage(Message message);

        /** The server answered a ping. */
        default void onPong() {
        }
    }

    /**
     * A message in place.
     *
     * @param buffer       holds it
     * @param subjectStart index of the first byte of its subject
     * @param subjectEnd   index after its subject
     * @param subscription that it belongs to
     * @param headerIndex  of its headers, -1 if it has none
     * @param index        of its body
     * @param length       of its body
     */
    record Message(
        ByteBuffer buffer,
        int subjectStart,
        int subjectEnd,
        int subscription,
        int headerIndex,
        int index,
        int length) {

        String body() {
            return text(buffer, index, index + length);
        }

        /** {@return the first line of its headers, which holds a status; empty if there are none} */
        String status() {
            return headerIndex < 0 ? "" : text(buffer, headerIndex, endOfLine(buffer, headerIndex));
        }
    }
}
