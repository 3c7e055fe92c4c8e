package io.millrace.broker.node;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.UnixOperatingSystemMXBean;
import io.millrace.transport.kafka.codec.ApiTable;
import io.millrace.transport.kafka.server.ServerCounter;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.agrona.CloseHelper;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients that mean harm, against one whole node, while another client must be served. */
@Timeout(600)
class HostileClientsNodeTest {
    private static final int MIB = 1024 * 1024;
    private static final int BUDGET_LENGTH = 16 * MIB;
    private static final int FUZZED_CONNECTION_COUNT = 400;
    private static final int MAX_CONNECTION_COUNT = 10_000;
    private static final int TIMEOUT_MS = 120_000;

    @TempDir
    private Path directory;
    private final List<AutoCloseable> opened = new ArrayList<>();
    private int port;
    private BrokerNode node;
    private Witness witness;

    @BeforeEach
    void start() throws Exception {
        port = SingleNode.freePort();
        final Properties properties = SingleNode.properties(port, directory);
        properties.setProperty("socket.request.max.bytes", Integer.toString(2 * MIB));
        properties.setProperty("queued.max.request.bytes", Integer.toString(BUDGET_LENGTH));
        properties.setProperty("auto.create.topics.enable", "false");
        node = SingleNode.start(properties);
        SingleNode.createTopics(port, new NewTopic("witness", 1, (short) 1), new NewTopic("t", 3, (short) 1),
            new NewTopic("wide", 3_000, (short) 1));
        witness = new Witness(port, "witness");
    }

    @AfterEach
    void stop() {
        CloseHelper.quietCloseAll(opened);
        CloseHelper.closeAll(witness, node);
    }

    @Test
    void shouldAnswerOrCloseWhenRequestsAreMutated() throws Exception {
        final long seed = Long.getLong("millrace.test.seed", System.nanoTime());
        System.out.println("seed=" + seed);
        final RandomGenerator random = new SplittableRandom(seed);
        final RandomRequests requests = new RandomRequests(random, List.of("t", "wide", "nowhere", "g", ""));
        for (int i = 0; i < FUZZED_CONNECTION_COUNT; i++) {
            try (Socket socket = connect()) {
                for (int j = random.nextInt(1, 9); j > 0; j--) {
                    final short apiKey = ApiTable.apiKey(random.nextInt(ApiTable.count()));
                    final int version = random.nextInt(
                        Math.max(ApiMessageType.fromApiKey(apiKey).lowestSupportedVersion(),
                            ApiTable.minVersion(apiKey)), ApiTable.maxVersion(apiKey) + 1);
                    socket.getOutputStream().write(requests.mutate(requests.request(apiKey, version, j)));
                }
                socket.shutdownOutput();
                drain(socket, "seed=" + seed + ", connection=" + i);
            } catch (final IOException ex) {
                // closed while it was still being written to
                continue;
            }
        }
        witness.awaitServed();
        await("seed=" + seed + ": memory given back", () -> count(ServerCounter.RECEIVE_BYTES_HELD) < 2 * MIB
            && count(ServerCounter.REPLY_BYTES_HELD) < 2 * MIB);
    }

    @Test
    void shouldServeOthersWhenManySendSlowly() throws Exception {
        final byte[] request = RandomRequests.frame(ApiMessageType.METADATA, 1, 1, new MetadataRequestData());
        final List<Socket> slow = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            slow.add(connect());
        }
        for (int at = 0; at < request.length - 1; at++) {
            for (final Socket socket : slow) {
                socket.getOutputStream().write(request[at]);
            }
        }
        witness.awaitServed();
        assertTrue(count(ServerCounter.RECEIVE_BYTES_HELD) <= BUDGET_LENGTH);
        for (final Socket socket : slow) {
            socket.getOutputStream().write(request[request.length - 1]);
            assertTrue(socket.getInputStream().read() >= 0, "slow is no crime");
        }
    }

    @Test
    void shouldBoundMemoryWhenManyAskAndNeverRead() throws Exception {
        final byte[] request = RandomRequests.frame(ApiMessageType.METADATA, 1, 1,
            new MetadataRequestData().setTopics(null));
        flood(request, 60, 200);
    }

    @Test
    void shouldBoundMemoryWhenManyLongFetchesWait() throws Exception {
        final FetchRequestData.FetchTopic topic = new FetchRequestData.FetchTopic().setTopic("t");
        for (int i = 0; i < 30_000; i++) {
            topic.partitions().add(new FetchRequestData.FetchPartition().setPartition(i % 3)
                .setPartitionMaxBytes(1000));
        }
        final byte[] request = RandomRequests.frame(ApiMessageType.FETCH, 7, 1, new FetchRequestData()
            .setMaxWaitMs(Integer.MAX_VALUE).setMinBytes(1).setTopics(List.of(topic)));
        flood(request, 60, 2);
    }

    /** Sends the same request again and again on many connections, and never reads. */
    private void flood(final byte[] request, final int connectionCount, final int requestCount) throws IOException {
        final List<SocketChannel> channels = new ArrayList<>();
        final List<ByteBuffer> left = new ArrayList<>();
        final ByteBuffer all = ByteBuffer.allocate(request.length * requestCount);
        while (all.hasRemaining()) {
            all.put(request);
        }
        for (int i = 0; i < connectionCount; i++) {
            final SocketChannel channel = SocketChannel.open();
            opened.add(channel);
            channel.setOption(StandardSocketOptions.SO_RCVBUF, 8 * 1024);
            channel.connect(new java.net.InetSocketAddress("127.0.0.1", port));
            channel.configureBlocking(false);
            channels.add(channel);
            left.add(all.duplicate().flip());
        }
        final long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(3);
        long largest = 0;
        while (System.nanoTime() - deadlineNs < 0) {
            for (int i = 0; i < channels.size(); i++) {
                try {
                    channels.get(i).write(left.get(i));
                } catch (final IOException ex) {
                    left.get(i).position(left.get(i).limit()); // closed by the server
                }
            }
            largest = Math.max(largest, count(ServerCounter.REPLY_BYTES_HELD));
            LockSupport.parkNanos(1_000_000);
        }
        assertTrue(largest <= 2L * BUDGET_LENGTH + 4 * MIB, "held=" + largest);
        assertTrue(count(ServerCounter.RECEIVE_BYTES_HELD) <= BUDGET_LENGTH);
        witness.awaitServed();
        await("memory relieved", () -> count(ServerCounter.REPLY_BYTES_HELD) <= BUDGET_LENGTH);
    }

    @Test
    void shouldServeOthersWhenThereAreVeryManyConnections() throws Exception {
        final long fileLimit = ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean bean
            ? bean.getMaxFileDescriptorCount() - bean.getOpenFileDescriptorCount() : 0;
        // the clients' ends are open files of another process
        final int connectionCount = (int) Math.min(MAX_CONNECTION_COUNT, fileLimit - 3_000);
        Assumptions.assumeTrue(connectionCount >= 500, "limit of open files too low: " + fileLimit);
        final long heldBefore = count(ServerCounter.RECEIVE_BYTES_HELD);
        final Process clients = IdleClients.start(port, connectionCount);
        opened.add(clients::destroyForcibly);
        await("accepted", () -> {
            assertTrue(clients.isAlive(), "the clients have ended");
            return count(ServerCounter.CONNECTIONS_OPEN) >= connectionCount;
        });
        witness.awaitServed();
        assertTrue(count(ServerCounter.RECEIVE_BYTES_HELD) - heldBefore <= BUDGET_LENGTH + MIB);
        CloseHelper.quietCloseAll(opened);
        opened.clear();
        await("closed", () -> count(ServerCounter.CONNECTIONS_OPEN) < 10);
        witness.awaitServed();
    }

    private Socket connect() throws IOException {
        final Socket socket = new Socket("127.0.0.1", port);
        opened.add(socket);
        socket.setSoTimeout(TIMEOUT_MS);
        return socket;
    }

    private static void drain(final Socket socket, final String what) throws IOException {
        final byte[] bytes = new byte[64 * 1024];
        try {
            while (socket.getInputStream().read(bytes) >= 0) {
                continue;
            }
        } catch (final java.net.SocketTimeoutException ex) {
            throw new AssertionError("neither answered nor closed: " + what, ex);
        }
    }

    private long count(final ServerCounter counter) {
        return node.serverCounters().get(counter);
    }

    private static void await(final String what, final BooleanSupplier condition) {
        final long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(TIMEOUT_MS);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - deadlineNs < 0, "not within the deadline: " + what);
            LockSupport.parkNanos(1_000_000);
        }
    }
}
