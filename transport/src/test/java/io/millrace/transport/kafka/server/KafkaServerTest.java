package io.millrace.transport.kafka.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.transport.kafka.client.LeanConnection;
import io.millrace.transport.kafka.codec.ApiTable;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class KafkaServerTest {
    private static final short ACKS_ALL = -1;
    private final UnsafeBuffer batch = new UnsafeBuffer(new byte[256 * 1024]);

    @Test
    void shouldAnswerInRequestOrderWhenCompletedOutOfOrder() throws Exception {
        try (ServerHarness server = new ServerHarness(ServerHarness.context())) {
            final LeanConnection client = server.lean();
            final ServerHarness.Recorder recorder = new ServerHarness.Recorder();
            server.handler.hold.set(true);
            final List<Long> expected = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                offer(client, recorder, 1000 + i, 100);
                expected.add(1000L + i);
            }
            server.await("all in work", () -> {
                client.poll(recorder);
                return server.handler.heldCount.get() == 20;
            });
            server.onNetworkThread(() -> {
                for (int i = server.handler.held.size() - 1; i >= 0; i--) {
                    server.handler.finish(server.handler.held.get(i));
                }
                server.handler.held.clear();
            });
            server.await("all answered", () -> client.poll(recorder) >= 0 && recorder.tokens.size() == 20);
            assertEquals(expected, recorder.tokens);
            assertEquals(expected, recorder.baseOffsets);
        }
    }

    @Test
    void shouldParkOnlyTheRefusedConnectionWhenBackPressured() throws Exception {
        try (ServerHarness server = new ServerHarness(ServerHarness.context())) {
            final LeanConnection refused = server.lean();
            final LeanConnection other = server.lean();
            final ServerHarness.Recorder refusedRecorder = new ServerHarness.Recorder();
            final ServerHarness.Recorder otherRecorder = new ServerHarness.Recorder();
            server.handler.refuse.set(true);
            for (int i = 0; i < 10; i++) {
                offer(refused, refusedRecorder, i, 1000);
            }
            server.await("parked", () -> {
                refused.poll(refusedRecorder);
                return server.count(ServerCounter.BACK_PRESSURED) == 1;
            });
            final int offers = server.handler.offerCount.get();
            server.await("offered again and again", () -> server.handler.offerCount.get() > offers + 5);
            assertEquals(1, server.agent.counters().requests(ApiTable.PRODUCE));
            server.handler.refuse.set(false);
            offer(other, otherRecorder, 77, 10);
            server.await("other answered", () -> other.poll(otherRecorder) >= 0 && otherRecorder.tokens.size() == 1);
            server.await("refused answered",
                () -> refused.poll(refusedRecorder) >= 0 && refusedRecorder.tokens.size() == 10);
            assertEquals(List.of(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L), refusedRecorder.baseOffsets);
        }
    }

    @Test
    void shouldTakeRequestsWhenTheyArriveByteByByte() throws Exception {
        try (ServerHarness server = new ServerHarness(ServerHarness.context()); Socket socket = server.socket()) {
            final byte[] frame = produceFrame(5, 42, 100);
            final OutputStream out = socket.getOutputStream();
            for (final byte b : frame) {
                out.write(b);
            }
            assertEquals(5, readCorrelationId(socket));
        }
    }

    @Test
    void shouldTakeRequestsWhenManyArriveAtOnceInOddPieces() throws Exception {
        try (ServerHarness server = new ServerHarness(ServerHarness.context()); Socket socket = server.socket()) {
            final ByteBuffer all = ByteBuffer.allocate(8 * 1024 * 1024);
            for (int i = 0; i < 50; i++) {
                all.put(produceFrame(i, i, i * 2500));
            }
            all.flip();
            final Thread sender = new Thread(() -> {
                try {
                    int at = 0;
                    int piece = 1;
                    while (at < all.limit()) {
                        final int length = Math.min(piece, all.limit() - at);
                        socket.getOutputStream().write(all.array(), at, length);
                        at += length;
                        piece = piece * 3 % 200_003 + 1;
                    }
                } catch (final IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            sender.start();
            for (int i = 0; i < 50; i++) {
                assertEquals(i, readCorrelationId(socket));
            }
            sender.join();
            server.await("memory given back", () -> server.count(ServerCounter.RECEIVE_BYTES_HELD) == 0);
        }
    }

    @Test
    void shouldLoseNothingWhenTheReaderIsSlow() throws Exception {
        try (ServerHarness server = new ServerHarness(ServerHarness.context().socketSendBufferLength(16 * 1024));
            Socket socket = server.socket()) {
            final int count = 3000;
            final Thread sender = new Thread(() -> {
                try {
                    for (int i = 0; i < count; i++) {
                        socket.getOutputStream().write(produceFrame(i, i, 1));
                    }
                } catch (final IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            sender.start();
            for (int i = 0; i < count; i++) {
                assertEquals(i, readCorrelationId(socket));
            }
            sender.join();
            server.await("memory given back", () -> server.count(ServerCounter.REPLY_BYTES_HELD) == 0);
        }
    }

    @Test
    void shouldAbandonRequestsInWorkWhenTheClientCloses() throws Exception {
        try (ServerHarness server = new ServerHarness(ServerHarness.context())) {
            server.handler.hold.set(true);
            try (Socket socket = server.socket()) {
                socket.getOutputStream().write(produceFrame(1, 1, 10));
                socket.getOutputStream().write(produceFrame(2, 2, 10));
                // half a frame, so that memory is held as well
                socket.getOutputStream().write(produceFrame(3, 3, 50_000), 0, 20_000);
                server.await("in work", () -> server.handler.heldCount.get() == 2);
            }
            server.await("abandoned", () -> server.handler.abandonedCount.get() == 2);
            server.await("closed", () -> server.count(ServerCounter.CONNECTIONS_OPEN) == 0);
            server.await("memory given back", () -> server.count(ServerCounter.REPLY_BYTES_HELD) == 0 &&
                server.count(ServerCounter.RECEIVE_BYTES_HELD) == 0);
        }
    }

    @Test
    void shouldFindSlotsByReplyIdOnlyWhileTheyAreInWork() throws Exception {
        try (ServerHarness server = new ServerHarness(ServerHarness.context()); Socket socket = server.socket()) {
            server.handler.hold.set(true);
            socket.getOutputStream().write(produceFrame(9, 9, 10));
            server.await("in work", () -> server.handler.heldCount.get() == 1);
            final long[] found = new long[3];
            server.onNetworkThread(() -> {
                final ReplySlot slot = server.handler.held.remove(0);
                final long replyId = slot.replyId(12345);
                found[0] = server.agent.slot(replyId) == slot ? 1 : 0;
                found[1] = ReplySlot.entryOf(replyId);
                server.handler.finish(slot);
                found[2] = server.agent.slot(replyId) == null ? 1 : 0;
            });
            assertEquals(9, readCorrelationId(socket));
            assertArrayEquals(new long[]{1, 12345, 1}, found);
        }
    }

    @Test
    void shouldTellTheHandlerWhenASlotExpires() throws Exception {
        try (ServerHarness server = new ServerHarness(ServerHarness.context()); Socket socket = server.socket()) {
            server.handler.hold.set(true);
            server.handler.expireAfterNs = 30_000_000L;
            socket.getOutputStream().write(produceFrame(4, 4, 10));
            assertEquals(4, readCorrelationId(socket));
            assertTrue(server.handler.expiredAfterNs >= 30_000_000L, "expired too early");
            assertEquals(1, server.handler.expiredCount.get());
        }
    }

    @Test
    void shouldCloseOnlyTheOffenderWhenLengthsAreOutOfBounds() throws Exception {
        try (ServerHarness server = new ServerHarness(ServerHarness.context().maxRequestLength(1 << 20))) {
            final Socket good = server.socket();
            for (final int length : new int[]{0, -1, Integer.MIN_VALUE, 9, (1 << 20) + 1, Integer.MAX_VALUE}) {
                try (Socket bad = server.socket()) {
                    bad.getOutputStream().write(ByteBuffer.allocate(4).putInt(length).array());
                    assertEquals(-1, bad.getInputStream().read());
                }
            }
            server.await("counted", () -> server.count(ServerCounter.CLOSED_BAD_FRAME_LENGTH) == 6);
            assertTrue(server.events.stream().anyMatch(e -> e.contains("length=-1") && e.contains("limit=1048576")));
            good.getOutputStream().write(produceFrame(1, 1, 10));
            assertEquals(1, readCorrelationId(good));
        }
    }

    @Test
    void shouldNotAllocateTheClaimedLengthWhenBytesDoNotArrive() throws Exception {
        try (ServerHarness server = new ServerHarness(ServerHarness.context()); Socket socket = server.socket()) {
            final byte[] frame = produceFrame(1, 1, 1000);
            ByteBuffer.wrap(frame).putInt(0, 90 * 1024 * 1024);
            socket.getOutputStream().write(frame);
            server.await("received", () -> server.count(ServerCounter.BYTES_IN) == frame.length);
            // for a moment both the memory it came in and the smaller one it moves to are held
            assertTrue(server.count(ServerCounter.RECEIVE_BYTES_HELD) < 2 * 64 * 1024);
        }
    }

    @Test
    void shouldCloseWhenTheApiOrVersionIsNotServed() throws Exception {
        try (ServerHarness server = new ServerHarness(ServerHarness.context())) {
            for (final int[] bad : new int[][]{{0, 2}, {0, 14}, {1, 3}, {1, 19}, {77, 0}, {-5, 0}, {120, 0}}) {
                try (Socket socket = server.socket()) {
                    socket.getOutputStream().write(header(bad[0], bad[1], 1));
                    assertEquals(-1, socket.getInputStream().read());
                }
            }
            server.await("counted", () -> server.count(ServerCounter.CLOSED_UNSUPPORTED) == 7);
        }
    }

    @Test
    void shouldCloseWhenTheBodyIsMalformed() throws Exception {
        try (ServerHarness server = new ServerHarness(ServerHarness.context()); Socket socket = server.socket()) {
            socket.getOutputStream().write(header(0, 7, 1));
            assertEquals(-1, socket.getInputStream().read());
            server.await("counted", () -> server.count(ServerCounter.CLOSED_MALFORMED) == 1);
            assertEquals(0, server.handler.abandonedCount.get());
        }
    }

    @Test
    void shouldServeWhileAThousandConnectionsAreIdle() throws Exception {
        try (ServerHarness server = new ServerHarness(ServerHarness.context())) {
            final List<Socket> idle = new ArrayList<>();
            for (int i = 0; i < 1000; i++) {
                idle.add(server.socket());
            }
            server.await("accepted", () -> server.count(ServerCounter.CONNECTIONS_OPEN) == 1000);
            final Socket last = idle.get(999);
            last.getOutputStream().write(produceFrame(1, 1, 10));
            assertEquals(1, readCorrelationId(last));
            server.await("memory given back", () -> server.count(ServerCounter.RECEIVE_BYTES_HELD) == 0);
        }
    }

    @Test
    void shouldRefuseConnectionsWhenTheLimitIsReached() throws Exception {
        try (ServerHarness server = new ServerHarness(ServerHarness.context().maxConnections(2))) {
            server.socket();
            server.socket();
            server.await("two open", () -> server.count(ServerCounter.CONNECTIONS_OPEN) == 2);
            assertEquals(-1, server.socket().getInputStream().read());
            server.await("counted", () -> server.count(ServerCounter.CONNECTIONS_REFUSED) == 1);
        }
    }

    @Test
    void shouldSendNothingWhenAcksAreZero() throws Exception {
        try (ServerHarness server = new ServerHarness(ServerHarness.context()); Socket socket = server.socket()) {
            socket.getOutputStream().write(produceFrame(1, 1, 10, 0));
            socket.getOutputStream().write(produceFrame(2, 2, 10));
            assertEquals(2, readCorrelationId(socket));
        }
    }

    @Test
    void shouldNameAddressAndRemedyWhenThePortIsInUse() throws Exception {
        try (ServerHarness server = new ServerHarness(ServerHarness.context())) {
            final KafkaServerAgent second =
                new KafkaServerAgent(new KafkaServerContext().port(server.agent.port()), new ScriptedHandler());
            final UncheckedIOException e = assertThrows(UncheckedIOException.class, second::bind);
            assertTrue(e.getMessage().contains("127.0.0.1:" + server.agent.port()), e.getMessage());
            assertTrue(e.getMessage().contains("choose another port"), e.getMessage());
        }
    }

    @Test
    void shouldRefuseToBindWhenTheAddressIsNotLoopback() {
        final KafkaServerAgent agent =
            new KafkaServerAgent(new KafkaServerContext().host("0.0.0.0").port(0), new ScriptedHandler());
        assertThrows(IllegalArgumentException.class, agent::bind);
    }

    @Test
    void shouldCloseIdleConnectionsWhenTheTimeIsUp() throws Exception {
        try (ServerHarness server = new ServerHarness(ServerHarness.context().idleTimeoutNs(50_000_000L));
            Socket socket = server.socket()) {
            assertEquals(-1, socket.getInputStream().read());
            server.await("counted", () -> server.count(ServerCounter.CLOSED_IDLE) == 1);
        }
    }

    @Test
    void shouldReportTheDisconnectWhenTheServerCloses() throws Exception {
        try (ServerHarness server = new ServerHarness(ServerHarness.context())) {
            final LeanConnection client = server.lean();
            final ServerHarness.Recorder recorder = new ServerHarness.Recorder();
            server.handler.hold.set(true);
            offer(client, recorder, 1, 10);
            server.await("in work", () -> {
                client.poll(recorder);
                return server.handler.heldCount.get() == 1;
            });
            server.onNetworkThread(() -> server.handler.held.remove(0).fail("scripted failure"));
            server.await("told", () -> client.poll(recorder) >= 0 && recorder.disconnected != null);
            assertTrue(recorder.disconnected.contains(client.address()), recorder.disconnected);
            assertNotNull(server.events.stream().filter(e -> e.contains("scripted failure")).findAny().orElse(null));
        }
    }

    private void offer(
        final LeanConnection client, final ServerHarness.Recorder recorder, final long token, final int length) {
        batch.putLong(0, token, ByteOrder.BIG_ENDIAN);
        while (!client.offerProduce(
            ServerHarness.TOPIC, 0, ACKS_ALL, 1000, batch, 0, Math.max(8, length), token)) {
            client.poll(recorder);
        }
    }

    private static byte[] header(final int apiKey, final int version, final int correlationId) {
        return ByteBuffer.allocate(14).putInt(10).putShort((short) apiKey).putShort((short) version)
            .putInt(correlationId).putShort((short) -1).array();
    }

    private static byte[] produceFrame(final int correlationId, final long baseOffset, final int recordsLength) {
        return produceFrame(correlationId, baseOffset, recordsLength, -1);
    }

    private static byte[] produceFrame(
        final int correlationId, final long baseOffset, final int recordsLength, final int acks) {
        final int length = Math.max(8, recordsLength);
        final ByteBuffer frame = ByteBuffer.allocate(14 + 2 + 2 + 4 + 4 + 3 + 4 + 4 + 4 + length);
        frame.putInt(frame.capacity() - 4).putShort((short) 0).putShort((short) 7).putInt(correlationId)
            .putShort((short) -1).putShort((short) -1).putShort((short) acks).putInt(1000).putInt(1)
            .putShort((short) 1).put((byte) 't').putInt(1).putInt(0).putInt(length).putLong(baseOffset);
        return frame.array();
    }

    private static int readCorrelationId(final Socket socket) throws IOException {
        final DataInputStream in = new DataInputStream(socket.getInputStream());
        final byte[] reply = new byte[in.readInt()];
        in.readFully(reply);
        return ByteBuffer.wrap(reply).getInt();
    }
}
