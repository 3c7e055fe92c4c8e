package io.millrace.broker.metadata.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.metadata.Commands;
import io.millrace.broker.metadata.MetadataCommand;
import io.millrace.broker.metadata.MetadataErrors;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.MetadataQuorum;
import io.millrace.broker.metadata.MetadataResult;
import io.millrace.broker.metadata.ShardInfo;
import java.io.File;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.agrona.CloseHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ClusterMetadataTest {
    private static final long DEADLINE_MS = 30_000;
    private static final int MEMBER_COUNT = 3;

    @TempDir
    private Path dir;
    private final TestBroker[] brokers = new TestBroker[MEMBER_COUNT];
    private List<ClusterMember> members;
    private long incarnation = 1;

    @BeforeEach
    void choosePorts() {
        final Random random = new Random();
        members = new ArrayList<>();
        int base = 20_000 + random.nextInt(900) * 10;
        for (int id = 0; id < MEMBER_COUNT; id++) {
            while (!isFree(base)) {
                base += ClusterMember.PORT_COUNT + 1;
            }
            members.add(new ClusterMember(id, "127.0.0.1", base));
            base += ClusterMember.PORT_COUNT + 1;
        }
    }

    @AfterEach
    void stop() {
        CloseHelper.quietCloseAll(brokers);
        for (final TestBroker broker : brokers) {
            assertFalse(new File(aeronDir(broker.brokerId() - 1)).exists(), "shared memory is given back");
        }
    }

    @Test
    void shouldShowTheSameImageToEveryBrokerWhenTopicsAreCreated() throws InterruptedException {
        startAll();
        final MetadataResult created = submit(brokers[1], Commands.create("t", 6, 3));
        assertTrue(created.isOk(), created.message());
        assertTrue(brokers[1].image().version() >= created.version(), "the image comes before the answer");
        awaitSameImages(brokers);
        assertEquals(3, brokers[0].image().brokers().size());
        assertEquals(6, brokers[0].image().topic("t").partitionCount());
        assertNotNull(brokers[0].image().clusterId());
        assertEquals(MetadataErrors.TOPIC_ALREADY_EXISTS, submit(brokers[2], new MetadataCommand.CreateTopic(
            new UUID(1, 1), "t", 1, 1, null, Map.of(), 1, false)).errorCode());
        final long first = submit(brokers[0], new MetadataCommand.AllocateProducerIds(10)).value();
        assertEquals(first + 10, submit(brokers[2], new MetadataCommand.AllocateProducerIds(10)).value());
        final ShardInfo shard = ledBy(brokers[2].image(), 3);
        assertTrue(submit(brokers[2], new MetadataCommand.ChangeIsr(
            shard.id(), 3, shard.leaderEpoch(), shard.isrVersion(), List.of(1, 3))).isOk());
        awaitSameImages(brokers);
        assertEquals(List.of(1, 3), brokers[0].image().shard(shard.id()).isr());
        assertTrue(submit(brokers[0], Commands.delete("t")).isOk());
        awaitSameImages(brokers);
        assertEquals(0, brokers[1].image().topics().size());
        for (final TestBroker broker : brokers) {
            assertEquals(List.of(), List.copyOf(broker.failures()));
        }
    }

    @Test
    void shouldGoOnAndFenceTheBrokerWhenTheLeadersProcessStops() throws InterruptedException {
        startAll();
        assertTrue(submit(brokers[0], Commands.create("t", 3, 3)).isOk());
        awaitSameImages(brokers);
        final int gone = leaderIndex();
        brokers[gone].hang();
        final TestBroker one = brokers[(gone + 1) % MEMBER_COUNT];
        final TestBroker two = brokers[(gone + 2) % MEMBER_COUNT];
        final long startNs = System.nanoTime();
        assertTrue(submit(one, Commands.create("u", 3, 3)).isOk());
        final long answeredMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs);
        assertTrue(answeredMs < 8_000, "answered after " + answeredMs + " ms");
        final int goneId = brokers[gone].brokerId();
        await("the dead broker is fenced", () -> two.image().broker(goneId).fenced());
        for (final ShardInfo shard : two.image().shards()) {
            final boolean leads = shard.leader() == goneId;
            assertEquals(leads, shard.isr().contains(goneId));
            assertEquals(leads ? MetadataImage.NO_LEADER : shard.leader(), two.image().leaderOf(shard));
        }
        awaitSameImages(one, two);
        assertNotNull(two.image().topic("u"));
        assertVersionsGrow(one);
        assertVersionsGrow(two);
        System.out.println("quorum answered " + answeredMs + " ms after its leader stopped");
        brokers[gone].close();
        restart(gone);
        await("the broker is back", () -> !two.image().broker(goneId).fenced());
        awaitSameImages(brokers);
        for (final ShardInfo shard : two.image().shards()) {
            assertEquals(shard.leader() == goneId ? 1 : 0, shard.leaderEpoch());
        }
    }

    @Test
    void shouldFenceABrokerAndTakeItBackWhenItIsNotHeldForAlive() throws InterruptedException {
        startAll();
        assertTrue(submit(brokers[0], Commands.create("t", 3, 3)).isOk());
        final long epoch = brokers[1].registration().value();
        brokers[1].silence(true);
        await("fenced", () -> brokers[0].image().broker(2).fenced());
        brokers[1].silence(false);
        await("registered again", () -> !brokers[0].image().broker(2).fenced());
        await("told of it", () -> brokers[1].registration().value() > epoch);
        await("ready", () -> brokers[1].state() == MetadataQuorum.State.READY);
        awaitSameImages(brokers);
        assertEquals(1, ledBy(brokers[0].image(), 2).leaderEpoch());
        await("heartbeats come in", () -> brokers[1].silenceNs() < TimeUnit.SECONDS.toNanos(1));
    }

    @Test
    void shouldRecoverFromDiskWhenAllNodesRestart() throws InterruptedException {
        startAll();
        assertTrue(submit(brokers[0], Commands.create("t", 6, 3)).isOk());
        awaitSameImages(brokers);
        final MetadataImage before = brokers[0].image();
        CloseHelper.quietCloseAll(brokers);
        for (int id = 0; id < MEMBER_COUNT; id++) {
            restart(id);
        }
        await("all are back", () -> readyCount() == MEMBER_COUNT);
        awaitSameImages(brokers);
        final MetadataImage after = brokers[0].image();
        assertEquals(before.clusterId(), after.clusterId());
        assertEquals(before.topic("t"), after.topic("t"));
        assertTrue(after.version() > before.version());
        for (final ShardInfo shard : after.shards()) {
            assertNotEquals(before.shard(shard.id()).leaderEpoch(), shard.leaderEpoch());
        }
    }

    private void startAll() throws InterruptedException {
        for (int id = 0; id < MEMBER_COUNT; id++) {
            restart(id);
        }
        for (final TestBroker broker : brokers) {
            assertTrue(broker.awaitStart(DEADLINE_MS));
        }
        await("all are registered", () -> readyCount() == MEMBER_COUNT);
    }

    private void restart(final int id) {
        brokers[id] = new TestBroker(configuration(id), incarnation++);
    }

    private ClusterMetadataConfiguration configuration(final int id) {
        return ClusterMetadataConfiguration.withDefaults(
            id, members, dir.resolve("node-" + id).toFile(), aeronDir(id));
    }

    private String aeronDir(final int id) {
        final File sharedMemory = new File("/dev/shm");
        final String home = sharedMemory.isDirectory() ? sharedMemory.getPath() : dir.toString();
        return home + "/millrace-test-" + members.get(id).basePort() + "-" + id + "-cluster";
    }

    private int leaderIndex() {
        final AtomicReference<Integer> leader = new AtomicReference<>();
        await("a leader", () -> {
            for (int id = 0; id < MEMBER_COUNT; id++) {
                if (brokers[id].isLeader()) {
                    leader.set(id);
                }
            }
            return leader.get() != null;
        });
        return leader.get();
    }

    private int readyCount() {
        int count = 0;
        for (final TestBroker broker : brokers) {
            count += broker.state() == MetadataQuorum.State.READY ? 1 : 0;
        }
        return count;
    }

    private static ShardInfo ledBy(final MetadataImage image, final int brokerId) {
        return image.shards().stream().filter(shard -> shard.leader() == brokerId).findFirst().orElseThrow();
    }

    private MetadataResult submit(final TestBroker broker, final MetadataCommand command) {
        final AtomicReference<MetadataResult> result = new AtomicReference<>();
        assertTrue(broker.proxy().offer(command, result::set));
        await("an answer to " + command, () -> result.get() != null);
        return result.get();
    }

    private static void assertVersionsGrow(final TestBroker broker) {
        long last = 0;
        for (final long version : broker.versions()) {
            assertTrue(version > last, "versions " + broker.versions());
            last = version;
        }
    }

    private void awaitSameImages(final TestBroker... some) {
        await("the same image everywhere", () -> {
            for (final TestBroker broker : some) {
                if (!broker.image().equals(some[0].image())) {
                    return false;
                }
            }
            return true;
        });
    }

    private void await(final String what, final BooleanSupplier condition) {
        final long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(DEADLINE_MS);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadlineNs > 0 || anyDied()) {
                final Supplier<String> states = () -> {
                    final StringBuilder text = new StringBuilder("no " + what);
                    for (final TestBroker broker : brokers) {
                        text.append("\n").append(broker == null ? "none" : broker.brokerId() + " " + broker.state()
                            + " leader=" + broker.isLeader() + " " + broker.image() + " " + broker.failures());
                    }
                    return text.toString();
                };
                throw new AssertionError(states.get());
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }

    private boolean anyDied() {
        for (final TestBroker broker : brokers) {
            if (broker != null && broker.died()) {
                return true;
            }
        }
        return false;
    }

    private static boolean isFree(final int base) {
        for (int port = base; port < base + ClusterMember.PORT_COUNT; port++) {
            try (DatagramSocket socket = new DatagramSocket(null)) {
                socket.setReuseAddress(false);
                socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            } catch (final IOException ex) {
                return false;
            }
        }
        return true;
    }
}
