package io.millrace.transport.kafka.client;

import io.millrace.transport.kafka.codec.ApiTable;
import io.millrace.transport.kafka.codec.ApiVersionsCursor;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import org.agrona.CloseHelper;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.UnsafeBuffer;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

/** One blocking connection for cold requests, one request at a time. Owned by the admin's thread. */
final class AdminWire implements AutoCloseable {
    private static final int MAX_RESPONSE_LENGTH = 64 * 1024 * 1024;
    private static final int FIRST_READ_LENGTH = 64 * 1024;

    private final String address;
    private final String clientId;
    private final NanoClock clock;
    private final Socket socket = new Socket();
    private final short[] brokerMin = new short[ApiTable.API_KEY_LIMIT];
    private final short[] brokerMax = new short[ApiTable.API_KEY_LIMIT];
    private DataInputStream in;
    private int nextCorrelationId;

    AdminWire(
        final String host, final int port, final String clientId, final NanoClock clock, final long deadlineNs) {
        this.address = host + ":" + port;
        this.clientId = clientId;
        this.clock = clock;
        final InetSocketAddress socketAddress = new InetSocketAddress(host, port);
        if (socketAddress.isUnresolved()) {
            throw new LeanClientException("cannot resolve " + address + ": check the host name");
        }
        try {
            socket.setTcpNoDelay(true);
            socket.connect(socketAddress, remainingMs(deadlineNs));
            in = new DataInputStream(socket.getInputStream());
            negotiate(deadlineNs);
        } catch (final IOException | RuntimeException e) {
            CloseHelper.quietClose(socket);
            throw e instanceof LeanClientException known ? known :
                new LeanClientException("cannot connect to " + address + ": " + e.getMessage() +
                    "; is a broker running there?", e);
        }
    }

    String address() {
        return address;
    }

    boolean isClosed() {
        return socket.isClosed();
    }

    /** {@return the version to use: the highest that the broker and we have} */
    short version(final short apiKey, final int ourMin, final int ourMax) {
        final int version = Math.min(brokerMax[apiKey], ourMax);
        if (version < Math.max(brokerMin[apiKey], ourMin)) {
            throw new LeanClientException(address + " serves no common version of " + ApiTable.name(apiKey) +
                ": broker=" + brokerMin[apiKey] + "-" + brokerMax[apiKey] + ", client=" + ourMin + "-" + ourMax);
        }
        return (short) version;
    }

    /** Sends a request and reads its response, both not flexible. */
    <T extends Message> T call(
        final short apiKey, final short version, final Message request, final T response, final long deadlineNs) {
        try {
            final ByteBuffer body = exchange(apiKey, version, request, deadlineNs);
            response.read(new ByteBufferAccessor(body), version);
            return response;
        } catch (final SocketTimeoutException e) {
            throw failed(apiKey, "no answer in time", e);
        } catch (final EOFException e) {
            throw failed(apiKey, "the broker closed the connection; its log says why", e);
        } catch (final IOException | RuntimeException e) {
            throw failed(apiKey, String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public void close() {
        CloseHelper.quietClose(socket);
    }

    private LeanClientException failed(final short apiKey, final String why, final Exception e) {
        close();
        return new LeanClientException(ApiTable.name(apiKey) + " to " + address + " failed: " + why, e);
    }

    private void negotiate(final long deadlineNs) throws IOException {
        java.util.Arrays.fill(brokerMax, (short) -1);
        final ByteBuffer body = exchange(ApiTable.API_VERSIONS, (short) 0, new ApiVersionsRequestData(), deadlineNs);
        final ApiVersionsCursor cursor =
            new ApiVersionsCursor().wrap(new UnsafeBuffer(body), 0, body.remaining());
        while (cursor.next()) {
            if (cursor.apiKey() >= 0 && cursor.apiKey() < ApiTable.API_KEY_LIMIT) {
                brokerMin[cursor.apiKey()] = cursor.minVersion();
                brokerMax[cursor.apiKey()] = cursor.maxVersion();
            }
        }
    }

    private ByteBuffer exchange(
        final short apiKey, final short version, final Message request, final long deadlineNs) throws IOException {
        final int correlationId = nextCorrelationId++;
        final RequestHeaderData header = new RequestHeaderData()
            .setRequestApiKey(apiKey).setRequestApiVersion(version)
            .setCorrelationId(correlationId).setClientId(clientId);
        final ObjectSerializationCache cache = new ObjectSerializationCache();
        final short headerVersion = 1;
        final int headerLength = header.size(cache, headerVersion);
        final int length = headerLength + request.size(cache, version);
        final ByteBuffer frame = ByteBuffer.allocate(Integer.BYTES + length).putInt(length);
        final ByteBufferAccessor out = new ByteBufferAccessor(frame);
        header.write(out, cache, headerVersion);
        request.write(out, cache, version);
        socket.getOutputStream().write(frame.array());
        return readResponse(correlationId, deadlineNs);
    }

    private ByteBuffer readResponse(final int correlationId, final long deadlineNs) throws IOException {
        socket.setSoTimeout(remainingMs(deadlineNs));
        final int length = in.readInt();
        if (length < Integer.BYTES || length > MAX_RESPONSE_LENGTH) {
            throw new IOException("response length out of bounds: length=" + length + ", limit=" +
                MAX_RESPONSE_LENGTH + "; is this a Kafka listener?");
        }
        byte[] bytes = new byte[Math.min(length, FIRST_READ_LENGTH)];
        int read = 0;
        while (read < length) {
            if (read == bytes.length) {
                bytes = java.util.Arrays.copyOf(bytes, (int) Math.min(2L * read, length));
            }
            socket.setSoTimeout(remainingMs(deadlineNs));
            final int count = in.read(bytes, read, bytes.length - read);
            if (count < 0) {
                throw new EOFException();
            }
            read += count;
        }
        final ByteBuffer response = ByteBuffer.wrap(bytes, 0, length);
        final int answered = response.getInt();
        if (answered != correlationId) {
            throw new IOException("response out of order: correlation id=" + answered + ", expected=" + correlationId);
        }
        return response.slice();
    }

    private int remainingMs(final long deadlineNs) throws SocketTimeoutException {
        final long ms = (deadlineNs - clock.nanoTime()) / 1_000_000;
        if (ms <= 0) {
            throw new SocketTimeoutException("time is up");
        }
        return (int) Math.min(ms, Integer.MAX_VALUE);
    }
}
