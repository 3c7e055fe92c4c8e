package io.millrace.cli.cluster;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;

/**
 * Asks one broker, over the Kafka protocol, which brokers it knows. Written out by hand (Metadata version 1) so that a
 * short command need not load a client library.
 */
final class MetadataProbe {
    private static final short METADATA_KEY = 3;
    private static final short METADATA_VERSION = 1;
    private static final int CORRELATION_ID = 1;
    private static final byte[] CLIENT_ID = "millrace-cluster".getBytes(StandardCharsets.US_ASCII);
    /** Two shorts, the correlation id, the client id with its length, and an empty list of topics. */
    private static final int REQUEST_LENGTH = 2 + 2 + 4 + 2 + CLIENT_ID.length + 4;
    private static final int LARGEST_REPLY_LENGTH = 1 << 20;

    private MetadataProbe() {
    }

    /** What a broker answered. */
    record Answer(Set<Integer> brokerIds, int controllerId) {
    }

    static Answer ask(final String host, final int port, final Duration timeout) throws IOException {
        final int timeoutMs = Math.toIntExact(timeout.toMillis());
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), timeoutMs);
            socket.setSoTimeout(timeoutMs);
            final DataOutputStream out = new DataOutputStream(new java.io.BufferedOutputStream(
                socket.getOutputStream()));
            out.writeInt(REQUEST_LENGTH);
            out.writeShort(METADATA_KEY);
            out.writeShort(METADATA_VERSION);
            out.writeInt(CORRELATION_ID);
            out.writeShort(CLIENT_ID.length);
            out.write(CLIENT_ID);
            out.writeInt(0);
            out.flush();
            return read(new DataInputStream(socket.getInputStream()));
        }
    }

    private static Answer read(final DataInputStream in) throws IOException {
        final int length = in.readInt();
        if (length < 0 || length > LARGEST_REPLY_LENGTH) {
            throw new IOException("not a Kafka reply: length=" + length);
        }
        in.readInt();
        final int brokerCount = in.readInt();
        final Set<Integer> brokerIds = new TreeSet<>();
        for (int i = 0; i < brokerCount; i++) {
            brokerIds.add(in.readInt());
            skipString(in);
            in.readInt();
            skipString(in);
        }
        return new Answer(brokerIds, in.readInt());
    }

    private static void skipString(final DataInputStream in) throws IOException {
        final short length = in.readShort();
        if (length > 0) {
            in.readFully(new byte[length]);
        }
    }
}
