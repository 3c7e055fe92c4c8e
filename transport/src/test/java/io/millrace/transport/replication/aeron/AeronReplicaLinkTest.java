package io.millrace.transport.replication.aeron;

import static io.millrace.transport.replication.ReplicaLink.CONTROL_STREAM;
import static io.millrace.transport.replication.ReplicaLink.LIVE_STREAM;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.millrace.transport.replication.ReplicaLink;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(400)
class AeronReplicaLinkTest {
    private static final long DEADLINE_NS = TimeUnit.SECONDS.toNanos(60);

    @TempDir
    private Path directory;
    private final ReplicaPeer[] peers = {
        new ReplicaPeer(1, "127.0.0.1", freeBasePort()), new ReplicaPeer(2, "127.0.0.1", freeBasePort())};
    private final AeronReplicaLink[] links = new AeronReplicaLink[2];
    private final List<Long> received = new ArrayList<>();
    private final UnsafeBuffer message = new UnsafeBuffer(new byte[65_536]);

    @AfterEach
    void closeLinks() {
        for (final AeronReplicaLink link : links) {
            if (link != null) {
                link.close();
            }
        }
    }

    /** Below the ports that the kernel hands out, so that no client takes one meanwhile. */
    private static int nextBasePort = 20_000 + (int)(ProcessHandle.current().pid() % 230) * 40;

    private static synchronized int freeBasePort() {
        for (int attempt = 0; attempt < 200; attempt++) {
            final int base = nextBasePort;
            nextBasePort += ReplicaPorts.PORTS_PER_BROKER;
            if (isFree(base)) {
                return base;
            }
        }
        return fail("no free UDP ports");
    }

    private static boolean isFree(final int base) {
        for (int i = 0; i < ReplicaPorts.PORTS_PER_BROKER; i++) {
            try (DatagramChannel channel = DatagramChannel.open()) {
                channel.bind(new InetSocketAddress("127.0.0.1", base + i));
            } catch (final IOException ex) {
                return false;
            }
        }
        return true;
    }

    private void open(final int index) throws IOException {
        links[index] = AeronReplicaLink.open(new AeronLinkConfiguration(peers[index], List.of(peers[1 - index]),
            directory.resolve("aeron-" + index), 0, 0, 512 << 10, 212_992), (error) -> { });
    }

    private void await(final String what, final BooleanSupplier condition) {
        final long deadlineNs = System.nanoTime() + DEADLINE_NS;
        while (!condition.getAsBoolean()) {
            for (final AeronReplicaLink link : links) {
                if (link != null) {
                    link.doWork(System.nanoTime());
                }
            }
            if (links[1] != null) {
                links[1].poll(this::onMessage, 10);
            }
            if (System.nanoTime() > deadlineNs) {
                fail("not within the deadline: " + what);
            }
        }
    }

    private void onMessage(final int from, final int stream, final org.agrona.DirectBuffer buffer, final int index,
        final int length) {
        assertEquals(1, from);
        received.add(buffer.getLong(index));
        assertEquals(buffer.getInt(index + 8), length);
    }

    private boolean send(final int stream, final long value, final int length) {
        message.putLong(0, value);
        message.putInt(8, length);
        return links[0].offer(2, stream, message, 0, length) > 0;
    }

    @Test
    void shouldDeliverInOrderWhenMessagesAreAsLongAsAllowed() throws IOException {
        open(0);
        open(1);
        await("connection", () -> links[0].isConnected(2, LIVE_STREAM));
        final int length = links[0].maxMessageLength(LIVE_STREAM);
        for (long i = 0; i < 200; i++) {
            final long value = i;
            await("room", () -> send(LIVE_STREAM, value, length));
        }
        await("all messages", () -> received.size() == 200);
        for (int i = 0; i < 200; i++) {
            assertEquals(i, received.get(i));
        }
    }

    @Test
    void shouldFillClaimsInPlace() throws IOException {
        open(0);
        open(1);
        await("connection", () -> links[0].isConnected(2, CONTROL_STREAM));
        await("room", () -> links[0].claim(2, CONTROL_STREAM, 16, (b, i, l) -> false) == ReplicaLink.ADMIN_ACTION);
        await("room", () -> links[0].claim(2, CONTROL_STREAM, 16, (buffer, index, claimed) -> {
            buffer.putLong(index, 77);
            buffer.putInt(index + 8, claimed);
            return true;
        }) > 0);
        await("message", () -> !received.isEmpty());
        assertEquals(List.of(77L), received);
    }

    @Test
    void shouldConnectAgainWhenThePeerIsStartedAnew() throws IOException {
        open(0);
        open(1);
        await("connection", () -> links[0].isConnected(2, CONTROL_STREAM));
        links[1].close();
        links[1] = null;
        await("loss of the peer", () -> !links[0].isConnected(2, CONTROL_STREAM));
        assertEquals(ReplicaLink.NOT_CONNECTED, links[0].offer(2, CONTROL_STREAM, message, 0, 16));
        open(1);
        await("reconnection", () -> links[0].isConnected(2, CONTROL_STREAM));
        await("room", () -> send(CONTROL_STREAM, 5, 24));
        await("message", () -> received.contains(5L));
    }

    @Test
    void shouldNotBeConnectedWhenNobodyListens() throws IOException {
        open(0);
        links[0].doWork(System.nanoTime());
        assertFalse(links[0].isConnected(2, LIVE_STREAM));
        assertFalse(links[0].isConnected(99, LIVE_STREAM));
        assertTrue(links[0].description().contains("mtu="));
    }
}
