package io.millrace.cli.cluster;

import io.millrace.transport.kafka.codec.ApiTable;
import io.millrace.transport.kafka.codec.ClusterControlCodec;
import io.millrace.transport.kafka.message.ClusterControl;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Asks one broker what only Millrace knows, on a connection of its own each time. Stateless. */
final class ControlClient {
    private static final int CORRELATION_ID = 1;
    private static final byte[] CLIENT_ID = "millrace-cluster".getBytes(StandardCharsets.US_ASCII);
    private static final int HEADER_LENGTH = 2 + 2 + 4 + 2 + CLIENT_ID.length;
    private static final int LEAST_REPLY_LENGTH = 4 + 2 + 4;

    private ControlClient() {
    }

    /** {@return the broker's answer; a broker that does not know the request closes the connection} */
    static ClusterControl.Response ask(
        final InetSocketAddress broker, final ClusterControl.Request request, final Duration timeout)
        throws IOException {
        final int timeoutMs = Math.toIntExact(timeout.toMillis());
        final byte[] body = ClusterControlCodec.encode(request);
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(broker.getHostString(), broker.getPort()), timeoutMs);
            socket.setSoTimeout(timeoutMs);
            final DataOutputStream out =
                new DataOutputStream(new java.io.BufferedOutputStream(socket.getOutputStream()));
            out.writeInt(HEADER_LENGTH + body.length);
            out.writeShort(ApiTable.CLUSTER_CONTROL);
            out.writeShort(0);
            out.writeInt(CORRELATION_ID);
            out.writeShort(CLIENT_ID.length);
            out.write(CLIENT_ID);
            out.write(body);
            out.flush();
            return read(new DataInputStream(socket.getInputStream()));
        }
    }

    private static ClusterControl.Response read(final DataInputStream in) throws IOException {
        final int length;
        try {
            length = in.readInt();
        } catch (final EOFException ex) {
            throw new IOException("it closed the connection: no Millrace broker of this version", ex);
        }
        if (length < LEAST_REPLY_LENGTH || length > LEAST_REPLY_LENGTH + ClusterControlCodec.MAX_TEXT_LENGTH) {
            throw new IOException("not a reply of a Millrace broker: length=" + length);
        }
        in.readInt();
        final short errorCode = in.readShort();
        final int textLength = in.readInt();
        if (textLength != length - LEAST_REPLY_LENGTH) {
            throw new IOException("not a reply of a Millrace broker: text length=" + textLength + " of " + length);
        }
        final byte[] text = new byte[textLength];
        in.readFully(text);
        return new ClusterControl.Response(errorCode, new String(text, StandardCharsets.UTF_8));
    }
}
