package io.millrace.transport.kafka.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.transport.kafka.codec.ApiTable;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a peer can make large, and what happens at the limit. */
@Timeout(300)
class ServerLimitsTest {
    private static final int MIB = 1024 * 1024;

    @Test
    void shouldCloseTheStalledConnectionOnlyWhenTheMemoryBudgetIsUsedUp() throws Exception {
        final KafkaServerContext context = ServerHarness.context()
            .maxRequestLength(MIB).receiveBudgetLength(2 * MIB).memoryStallTimeoutNs(200_000_000L);
        try (ServerHarness server = new ServerHarness(context)) {
            final List<Socket> greedy = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                final Socket socket = server.socket();
                greedy.add(socket);
                // all but the last bytes: the memory stays held
                ServerHarness.writeUntilClosed(socket, produceFrame(i, 900_000), 900_000);
            }
            server.await("one closed", () -> server.count(ServerCounter.CLOSED_NO_MEMORY) >= 1);
            assertTrue(server.count(ServerCounter.RECEIVE_BYTES_HELD) <= 2 * MIB);
            assertTrue(server.events.stream().anyMatch(e -> e.contains("raise receiveBudgetLength")));
            final long open = server.count(ServerCounter.CONNECTIONS_OPEN);
            assertTrue(open >= 1, "the ones that hold memory stay: open=" + open);
            for (final Socket socket : greedy) {
                socket.close();
            }
            server.await("memory given back", () -> server.count(ServerCounter.RECEIVE_BYTES_HELD) == 0);
            final Socket next = server.socket();
            next.getOutputStream().write(produceFrame(9, 900_000));
            assertEquals(9, readCorrelationId(next));
        }
    }

    @Test
    void shouldServeOthersWhenTheMemoryForRequestsIsHeldByThoseThatNeverEndThem() throws Exception {
        final KafkaServerContext context = ServerHarness.context()
            .maxRequestLength(MIB).receiveBudgetLength(3 * MIB).memoryStallTimeoutNs(500_000_000L);
        try (ServerHarness server = new ServerHarness(context)) {
            for (int i = 0; i < 8; i++) {
                ServerHarness.writeUntilClosed(server.socket(), produceFrame(i, 900_000), 500_000);
            }
            final Socket brief = server.socket();
            for (int i = 0; i < 20; i++) {
                brief.getOutputStream().write(produceFrame(i, 1_000));
                assertEquals(i, readCorrelationId(brief));
            }
            // a sender that the machine stops in the middle of it is slow, too: then it is closed, and tries again
            server.await("whoever sends gets the memory of those that do not", () -> isWholeAnswered(server));
        }
    }

    @Test
    void shouldLetARequestWithoutMemoryWaitWhenThoseThatHoldItWaitForTheHandler() throws Exception {
        try (ServerHarness server = new ServerHarness(scarce())) {
            server.handler.refuse.set(true);
            final List<Socket> parked = new ArrayList<>();
            for (int i = 0; i < 32; i++) {
                parked.add(server.socket());
                parked.get(i).getOutputStream().write(produceFrame(i, 40_000));
            }
            server.await("all parked", () -> server.count(ServerCounter.BACK_PRESSURED) >= 32 &&
                server.count(ServerCounter.RECEIVE_BYTES_HELD) == 2 * MIB);
            final Socket waiter = server.socket();
            waiter.getOutputStream().write(produceFrame(99, 100));
            server.await("open", () -> server.count(ServerCounter.CONNECTIONS_OPEN) == 33);
            final int seen = server.handler.offerCount.get();
            server.await("50 cycles", () -> server.handler.offerCount.get() - seen > 50 * 32);
            server.handler.refuse.set(false);
            assertEquals(99, readCorrelationId(waiter));
            for (int i = 0; i < parked.size(); i++) {
                assertEquals(i, readCorrelationId(parked.get(i)));
            }
            assertEquals(0, server.count(ServerCounter.CLOSED_NO_MEMORY));
        }
    }

    @Test
    void shouldCloseASlowShortRequestWhenSuchHoldAllTheMemory() throws Exception {
        try (ServerHarness server = new ServerHarness(scarce())) {
            for (int i = 0; i < 32; i++) {
                ServerHarness.writeUntilClosed(server.socket(), produceFrame(i, 50_000), 40_000);
            }
            server.await("all held", () -> server.count(ServerCounter.RECEIVE_BYTES_HELD) == 2 * MIB);
            final Socket waiter = server.socket();
            waiter.getOutputStream().write(produceFrame(99, 100));
            assertEquals(99, readCorrelationId(waiter));
            assertTrue(server.count(ServerCounter.CLOSED_NO_MEMORY) >= 1);
        }
    }

    @Test
    void shouldCloseSlowShortRequestsRatherThanALongOneThatWaitsForTheirMemory() throws Exception {
        try (ServerHarness server = new ServerHarness(scarce())) {
            for (int i = 0; i < 24; i++) {
                ServerHarness.writeUntilClosed(server.socket(), produceFrame(i, 50_000), 40_000);
            }
            server.await("held", () -> server.count(ServerCounter.RECEIVE_BYTES_HELD) == 24 * 64 * 1024);
            final Socket waiter = server.socket();
            waiter.getOutputStream().write(produceFrame(99, 900_000));
            assertEquals(99, readCorrelationId(waiter));
            assertTrue(server.count(ServerCounter.CLOSED_NO_MEMORY) >= 1);
        }
    }

    /** Room for 32 short requests, and no patience. */
    private static KafkaServerContext scarce() {
        return ServerHarness.context().maxRequestLength(MIB).receiveBudgetLength(2 * MIB).memoryStallTimeoutNs(1);
    }

    private static boolean isWholeAnswered(final ServerHarness server) {
        try (Socket whole = server.socket()) {
            whole.getOutputStream().write(produceFrame(77, 900_000));
            return readCorrelationId(whole) == 77;
        } catch (final SocketTimeoutException e) {
            throw new AssertionError("neither answered nor closed", e);
        } catch (final IOException e) {
            return false;
        }
    }

    @Test
    void shouldCloseWhenARequestForTheHeapIsTooLong() throws Exception {
        try (ServerHarness server = new ServerHarness(ServerHarness.context().maxColdRequestLength(1000));
            Socket socket = server.socket()) {
            socket.getOutputStream().write(ByteBuffer.allocate(6).putInt(1001).putShort(ApiTable.METADATA).array());
            assertEquals(-1, socket.getInputStream().read());
            server.await("counted", () -> server.count(ServerCounter.CLOSED_BAD_FRAME_LENGTH) == 1);
        }
    }

    @Test
    void shouldRefuseFurtherConnectionsOfAnAddressWhenItsLimitIsReached() throws Exception {
        try (ServerHarness server = new ServerHarness(ServerHarness.context().maxConnectionsPerAddress(2))) {
            final Socket first = server.socket();
            final Socket second = server.socket();
            server.await("open", () -> server.count(ServerCounter.CONNECTIONS_OPEN) == 2);
            assertEquals(-1, server.socket().getInputStream().read());
            server.await("counted", () -> server.count(ServerCounter.CONNECTIONS_REFUSED_PER_ADDRESS) == 1);
            second.close();
            server.await("closed", () -> server.count(ServerCounter.CONNECTIONS_OPEN) == 1);
            final Socket next = server.socket();
            next.getOutputStream().write(produceFrame(3, 100));
            assertEquals(3, readCorrelationId(next));
            first.getOutputStream().write(produceFrame(4, 100));
            assertEquals(4, readCorrelationId(first));
        }
    }

    @Test
    void shouldCloseTheConnectionsThatHoldMostWhenReplyMemoryIsUsedUp() throws Exception {
        try (ServerHarness server = new ServerHarness(ServerHarness.context().replyBudgetLength(MIB / 4))) {
            server.handler.hold.set(true);
            final Socket small = server.socket();
            small.getOutputStream().write(produceFrame(1, 100));
            server.await("taken", () -> server.handler.heldCount.get() == 1);
            final Socket large = server.socket();
            for (int i = 0; i < 4; i++) {
                final byte[] frame = manyPartitions(i, 10_000);
                ServerHarness.writeUntilClosed(large, frame, frame.length);
            }
            server.await("closed", () -> server.count(ServerCounter.CLOSED_REPLY_MEMORY) == 1);
            ServerHarness.assertClosed(large);
            server.handler.hold.set(false);
            server.onNetworkThread(() -> server.handler.held.forEach(server.handler::finish));
            assertEquals(1, readCorrelationId(small));
            server.await("given back", () -> server.count(ServerCounter.REPLY_BYTES_HELD) == 0);
        }
    }

    /** A Produce request whose answer takes much memory: batches of eight bytes for many partitions. */
    private static byte[] manyPartitions(final int correlationId, final int count) {
        final ByteBuffer frame = ByteBuffer.allocate(14 + 2 + 2 + 4 + 4 + 3 + 4 + 16 * count);
        frame.putInt(frame.capacity() - 4).putShort((short) 0).putShort((short) 7).putInt(correlationId)
            .putShort((short) -1).putShort((short) -1).putShort((short) -1).putInt(1000).putInt(1)
            .putShort((short) 1).put((byte) 't').putInt(count);
        for (int i = 0; i < count; i++) {
            frame.putInt(i).putInt(8).putLong(i);
        }
        return frame.array();
    }

    @Test
    void shouldNotTakeMoreRequestsThanMayBeInWork() throws Exception {
        try (ServerHarness server = new ServerHarness(ServerHarness.context().maxInFlightCount(4));
            Socket socket = server.socket()) {
            server.handler.hold.set(true);
            for (int i = 0; i < 10; i++) {
                socket.getOutputStream().write(produceFrame(i, 100));
            }
            server.await("four in work", () -> server.handler.heldCount.get() == 4);
            final long nextId = 10;
            for (int i = 0; i < nextId; i++) {
                final int expected = i;
                server.await("next in work", () -> server.handler.heldCount.get() > expected);
                server.onNetworkThread(() -> {
                    assertTrue(server.handler.held.size() <= 4);
                    server.handler.finish(server.handler.held.remove(0));
                });
                assertEquals(i, readCorrelationId(socket));
            }
        }
    }

    @Test
    void shouldAbandonTheParkedRequestOnceWhenItsConnectionDies() throws Exception {
        try (ServerHarness server = new ServerHarness(ServerHarness.context())) {
            server.handler.refuse.set(true);
            final Socket socket = server.socket();
            socket.getOutputStream().write(produceFrame(1, 100));
            server.await("parked", () -> server.count(ServerCounter.BACK_PRESSURED) == 1);
            // a parked connection is not read, so only a reset is seen: no lingering, no orderly end
            socket.setSoLinger(true, 0);
            socket.close();
            server.handler.refuse.set(false);
            server.await("closed", () -> server.count(ServerCounter.CONNECTIONS_OPEN) == 0);
            server.await("memory given back", () -> server.count(ServerCounter.RECEIVE_BYTES_HELD) == 0 &&
                server.count(ServerCounter.REPLY_BYTES_HELD) == 0);
        }
    }

    @Test
    void shouldRefuseSettingsThatContradictEachOther() {
        final ScriptedHandler handler = new ScriptedHandler();
        assertThrows(IllegalArgumentException.class,
            () -> new KafkaServerAgent(new KafkaServerContext().port(70_000), handler));
        assertThrows(IllegalArgumentException.class,
            () -> new KafkaServerAgent(new KafkaServerContext().maxInFlightCount(3), handler));
        assertThrows(IllegalArgumentException.class,
            () -> new KafkaServerAgent(new KafkaServerContext().receiveBudgetLength(1000), handler));
        assertThrows(IllegalArgumentException.class,
            () -> new KafkaServerAgent(new KafkaServerContext().transferThresholdLength(MIB), handler));
    }

    private static byte[] produceFrame(final int correlationId, final int recordsLength) {
        final ByteBuffer frame = ByteBuffer.allocate(14 + 2 + 2 + 4 + 4 + 3 + 4 + 4 + 4 + recordsLength);
        frame.putInt(frame.capacity() - 4).putShort((short) 0).putShort((short) 7).putInt(correlationId)
            .putShort((short) -1).putShort((short) -1).putShort((short) -1).putInt(1000).putInt(1)
            .putShort((short) 1).put((byte) 't').putInt(1).putInt(0).putInt(recordsLength).putLong(correlationId);
        return frame.array();
    }

    private static int readCorrelationId(final Socket socket) throws IOException {
        final DataInputStream in = new DataInputStream(socket.getInputStream());
        final byte[] reply = new byte[in.readInt()];
        in.readFully(reply);
        return ByteBuffer.wrap(reply).getInt();
    }
}
