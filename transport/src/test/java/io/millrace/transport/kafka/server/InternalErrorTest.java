package io.millrace.transport.kafka.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.transport.kafka.codec.ApiTable;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.MessageUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a handler that fails at a request costs: that request, and nobody else's. */
@Timeout(300)
class InternalErrorTest {
    private static final short VERSION = 8;
    private static final int METADATA_REPLY_LENGTH = 256;

    @Test
    void shouldTellTheClientAndGoOnWhenAHandlerFails() throws Exception {
        try (ServerHarness server = new ServerHarness(ServerHarness.context()); Socket socket = server.socket()) {
            server.handler.coldScript = slot -> {
                throw new IllegalStateException("made to fail");
            };
            assertEquals(Errors.UNKNOWN_SERVER_ERROR.code(), ask(socket, 7).topics().find("t").errorCode());
            server.await("counted", () -> server.count(ServerCounter.INTERNAL_ERRORS) == 1);
            server.await("logged", () -> !server.errors.isEmpty());
            final String line = server.errors.peek();
            assertTrue(line.startsWith("request failed: api=Metadata version=8 correlation.id=7 client.id=me "), line);
            assertTrue(line.contains("IllegalStateException: made to fail\n\tat "), line);
            server.handler.coldScript = InternalErrorTest::answerNothing;
            assertEquals(0, ask(socket, 8).topics().size());
        }
    }

    @Test
    void shouldTellTheClientWhenAHandlerRecursesTooDeep() throws Exception {
        try (ServerHarness server = new ServerHarness(ServerHarness.context()); Socket socket = server.socket()) {
            server.handler.coldScript = slot -> {
                throw new StackOverflowError();
            };
            assertEquals(Errors.UNKNOWN_SERVER_ERROR.code(), ask(socket, 1).topics().find("t").errorCode());
            server.handler.coldScript = InternalErrorTest::answerNothing;
            assertEquals(0, ask(socket, 2).topics().size());
        }
    }

    @Test
    void shouldIgnoreWhatCompletesARequestThatHasFailed() throws Exception {
        try (ServerHarness server = new ServerHarness(ServerHarness.context()); Socket socket = server.socket()) {
            final AtomicReference<ReplySlot> failed = new AtomicReference<>();
            server.handler.coldScript = slot -> {
                slot.attach("something");
                slot.expireAt(server.handler.nowNs + 1);
                failed.set(slot);
                throw new IllegalStateException("made to fail");
            };
            ask(socket, 1);
            final AtomicReference<ReplySlot> waiting = new AtomicReference<>();
            server.handler.coldScript = waiting::set;
            send(socket, 2);
            server.await("waits", () -> waiting.get() != null);
            server.onNetworkThread(() -> {
                answerNothing(failed.get()); // late, and the place is another request's by now
                failed.get().crash(new IllegalStateException("late"));
                waiting.get().attach(Boolean.TRUE);
            });
            server.await("done", () -> waiting.get().attachment() == Boolean.TRUE);
            assertEquals(0, server.handler.expiredCount.get());
            server.onNetworkThread(() -> answerNothing(waiting.get()));
            assertEquals(0, read(socket, 2).topics().size());
            server.await("memory given back", () -> server.count(ServerCounter.REPLY_BYTES_HELD) == 0);
        }
    }

    @Test
    void shouldCloseOnlyThatConnectionWhenARequestCrashesLater() throws Exception {
        try (ServerHarness server = new ServerHarness(ServerHarness.context());
            Socket socket = server.socket(); Socket other = server.socket()) {
            final AtomicReference<ReplySlot> waiting = new AtomicReference<>();
            server.handler.coldScript = InternalErrorTest::answerNothing;
            send(socket, 1);
            read(socket, 1);
            server.handler.coldScript = waiting::set;
            send(socket, 2);
            server.await("waits", () -> waiting.get() != null);
            server.handler.coldScript = InternalErrorTest::answerNothing;
            send(socket, 3); // is not answered in place of the one before
            server.onNetworkThread(() -> waiting.get().crash(new IllegalStateException("made to fail")));
            ServerHarness.assertClosed(socket);
            server.await("counted", () -> server.count(ServerCounter.CLOSED_INTERNAL_ERROR) == 1);
            assertEquals(0, ask(other, 4).topics().size());
            server.await("memory given back", () -> server.count(ServerCounter.REPLY_BYTES_HELD) == 0 &&
                server.count(ServerCounter.RECEIVE_BYTES_HELD) == 0);
        }
    }

    @Test
    void shouldGoOnWhenExpiryFails() throws Exception {
        try (ServerHarness server = new ServerHarness(ServerHarness.context());
            Socket socket = server.socket(); Socket other = server.socket()) {
            server.handler.coldScript = slot -> slot.expireAt(server.handler.nowNs + 1);
            server.handler.expiryScript = slot -> {
                throw new IllegalStateException("made to fail");
            };
            send(socket, 1);
            assertEquals(-1, socket.getInputStream().read());
            server.handler.coldScript = InternalErrorTest::answerNothing;
            assertEquals(0, ask(other, 2).topics().size());
        }
    }

    @Test
    void shouldGoOnWhenGivingUpAnAbandonedRequestFails() throws Exception {
        try (ServerHarness server = new ServerHarness(ServerHarness.context()); Socket other = server.socket()) {
            final AtomicReference<ReplySlot> waiting = new AtomicReference<>();
            server.handler.coldScript = waiting::set;
            server.handler.abandonScript = slot -> {
                throw new IllegalStateException("made to fail");
            };
            try (Socket socket = server.socket()) {
                send(socket, 1);
                server.await("waits", () -> waiting.get() != null);
            }
            server.await("counted", () -> server.count(ServerCounter.INTERNAL_ERRORS) == 1);
            server.handler.coldScript = InternalErrorTest::answerNothing;
            assertEquals(0, ask(other, 2).topics().size());
        }
    }

    @Test
    void shouldBoundWhatIsLoggedWhenEveryRequestFails() throws Exception {
        try (ServerHarness server = new ServerHarness(ServerHarness.context()); Socket socket = server.socket()) {
            server.handler.coldScript = slot -> {
                throw new IllegalStateException("made to fail");
            };
            final long startNs = System.nanoTime();
            for (int i = 0; i < 500; i++) {
                ask(socket, i);
            }
            final long seconds = 1 + (System.nanoTime() - startNs) / 1_000_000_000L;
            server.await("counted", () -> server.count(ServerCounter.INTERNAL_ERRORS) == 500);
            assertTrue(server.errors.size() <= 3 * (seconds + 1), () -> "lines: " + server.errors.size());
        }
    }

    private static void answerNothing(final ReplySlot slot) {
        final ByteBuffer body = MessageUtil.toByteBufferAccessor(new MetadataResponseData(), VERSION).buffer();
        slot.ensureCapacity(METADATA_REPLY_LENGTH).putBytes(ReplySlot.BODY_INDEX, body, body.remaining());
        slot.complete(ReplySlot.BODY_INDEX + body.limit());
    }

    private static MetadataResponseData ask(final Socket socket, final int correlationId) throws IOException {
        send(socket, correlationId);
        return read(socket, correlationId);
    }

    private static void send(final Socket socket, final int correlationId) throws IOException {
        final MetadataRequestData request = new MetadataRequestData();
        request.topics().add(new MetadataRequestTopic().setName("t"));
        final ByteBuffer body = MessageUtil.toByteBufferAccessor(request, VERSION).buffer();
        final byte[] clientId = "me".getBytes(UTF_8);
        final ByteBuffer frame = ByteBuffer.allocate(14 + clientId.length + body.remaining());
        frame.putInt(frame.capacity() - 4).putShort(ApiTable.METADATA).putShort(VERSION).putInt(correlationId)
            .putShort((short) clientId.length).put(clientId).put(body);
        socket.getOutputStream().write(frame.array());
    }

    private static MetadataResponseData read(final Socket socket, final int correlationId) throws IOException {
        final DataInputStream in = new DataInputStream(socket.getInputStream());
        final byte[] frame = new byte[in.readInt()];
        in.readFully(frame);
        final ByteBufferAccessor accessor = new ByteBufferAccessor(ByteBuffer.wrap(frame));
        assertEquals(correlationId, accessor.readInt());
        return new MetadataResponseData(accessor, VERSION);
    }
}
