package io.millrace.system;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.MessageUtil;

/** Requests in versions before the flexible ones, sent and answered one by one, for what no client does. Stateless. */
final class RawRequest {
    private static final int HEADER_LENGTH = 10;

    private RawRequest() {
    }

    static void send(final Socket socket, final ApiKeys key, final short version, final Message request)
        throws IOException {
        final ByteBuffer body = MessageUtil.toByteBufferAccessor(request, version).buffer();
        final DataOutputStream out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
        out.writeInt(HEADER_LENGTH + body.remaining());
        out.writeShort(key.id);
        out.writeShort(version);
        out.writeInt(1);
        out.writeShort(-1);
        out.write(body.array(), body.arrayOffset() + body.position(), body.remaining());
        out.flush();
    }

    /** {@return the body of the next response} */
    static ByteBufferAccessor receive(final Socket socket) throws IOException {
        socket.setSoTimeout((int) JavaClients.PATIENCE.toMillis());
        final DataInputStream in = new DataInputStream(socket.getInputStream());
        final byte[] answer = in.readNBytes(in.readInt());
        return new ByteBufferAccessor(ByteBuffer.wrap(answer, Integer.BYTES, answer.length - Integer.BYTES));
    }
}
