package io.millrace.broker.metadata.cluster;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.metadata.BrokerInfo;
import io.millrace.broker.metadata.MetadataCommand;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.MetadataQuorum;
import io.millrace.broker.metadata.MetadataResult;
import java.io.File;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.agrona.CloseHelper;

/** Members of a quorum in one process, on ports of their own. Owned by the thread of the test. */
final class TestQuorum implements AutoCloseable {
    static final long DEADLINE_NS = TimeUnit.SECONDS.toNanos(100);
    /** Longer than the default: no broker may be fenced because the machine is busy. */
    static final long SESSION_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(6);

    /** Aeron's clients live for 10 s without being invoked. */
    private static final long AERON_PATIENCE_NS = TimeUnit.SECONDS.toNanos(8);
    private static final int CYCLES_TO_NOTICE = 100;

    /** Never twice: the first to register names the cluster by it. */
    private static final AtomicLong INCARNATION = new AtomicLong();

    private final Path dir;
    private final TestBroker[] brokers;
    private final List<ClusterMember> members = new ArrayList<>();
    private final UnaryOperator<ClusterMetadataConfiguration> settings;
    private final Map<Integer, Long> firstEpochs = new HashMap<>();
    private final int clientBase;

    TestQuorum(final Path dir, final int memberCount, final UnaryOperator<ClusterMetadataConfiguration> settings) {
        this.dir = dir;
        this.settings = settings;
        brokers = new TestBroker[memberCount];
        int base = 20_000 + new Random().nextInt(1100) * 10;
        for (int id = 0; id < memberCount; id++) {
            while (!isFree(base)) {
                base += ClusterMember.PORT_COUNT + 1;
            }
            members.add(new ClusterMember(id, "127.0.0.1", base));
            base += ClusterMember.PORT_COUNT + 1;
        }
        clientBase = base;
    }

    TestBroker broker(final int id) {
        return brokers[id];
    }

    TestBroker[] brokers() {
        return brokers;
    }

    void startAll() {
        for (int id = 0; id < brokers.length; id++) {
            start(id);
        }
        awaitReady(brokers.length);
        for (final TestBroker broker : brokers) {
            await("an epoch of broker " + broker.brokerId(), () -> broker.registration() != null);
            firstEpochs.put(broker.brokerId(), broker.registration().value());
        }
    }

    /**
     * {@return whether an image has these as they were when all had started: a machine that stops them for seconds has
     * them fenced, so that they register anew and others lead}
     */
    boolean wereNeverFenced(final MetadataImage image, final TestBroker... some) {
        for (final TestBroker broker : some) {
            final BrokerInfo info = image.broker(broker.brokerId());
            if (info.fenced() || info.epoch() != firstEpochs.get(broker.brokerId())) {
                return false;
            }
        }
        return true;
    }

    void start(final int id) {
        brokers[id] = new TestBroker(configuration(id), INCARNATION.incrementAndGet());
    }

    /** {@return a broker that is no member, to be closed by the caller} */
    TestBroker startClient() {
        int base = clientBase;
        while (!isFree(base)) {
            base += ClusterMember.PORT_COUNT + 1;
        }
        final int id = members.size();
        final ClusterMember client = new ClusterMember(id, "127.0.0.1", base);
        return new TestBroker(settings.apply(ClusterMetadataConfiguration.withDefaults(
            0, members, dataDir(id), aeronDir(client).getPath())).asClient(client), INCARNATION.incrementAndGet());
    }

    /** Lets a broker go on that hung; one that ended itself, as it hung for too long, is started anew. */
    void resume(final int id) {
        final TestBroker broker = brokers[id];
        final long cycleCount = broker.cycleCount();
        if (broker.resume() > AERON_PATIENCE_NS) {
            final long deadlineNs = System.nanoTime() + DEADLINE_NS;
            while (!broker.died() && broker.cycleCount() - cycleCount < CYCLES_TO_NOTICE) {
                if (System.nanoTime() - deadlineNs > 0) {
                    throw new AssertionError("broker " + broker.brokerId() + " does not go on" + describe());
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
            }
            if (broker.died() || broker.isTerminated()) {
                broker.close();
                start(id);
            }
        }
    }

    void awaitReady(final int count) {
        await(count + " brokers are registered", () -> readyCount() == count);
    }

    void stopAll() {
        CloseHelper.quietCloseAll(brokers);
    }

    int leaderIndex() {
        final AtomicReference<Integer> leader = new AtomicReference<>();
        await("a leader", () -> {
            for (int id = 0; id < brokers.length; id++) {
                if (brokers[id] != null && brokers[id].isLeader()) {
                    leader.set(id);
                }
            }
            return leader.get() != null;
        });
        return leader.get();
    }

    /** {@return the answer; a command that a busy machine did not get through in its time is sent again} */
    MetadataResult submit(final TestBroker broker, final MetadataCommand command) {
        final AtomicReference<MetadataResult> result = new AtomicReference<>();
        for (int i = 0; i < 5 && (i == 0 || result.get().isUndecided()); i++) {
            result.set(null);
            assertTrue(broker.proxy().offer(command, result::set));
            await("an answer", () -> result.get() != null);
        }
        return result.get();
    }

    void awaitSameImages(final TestBroker... some) {
        await("the same image everywhere", () -> {
            for (final TestBroker broker : some) {
                if (!broker.image().equals(some[0].image())) {
                    return false;
                }
            }
            return true;
        });
    }

    void await(final String what, final BooleanSupplier condition) {
        final long deadlineNs = System.nanoTime() + DEADLINE_NS;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadlineNs > 0 || anyDied()) {
                throw new AssertionError("waited in vain: " + what + describe());
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }

    private String describe() {
        final StringBuilder text = new StringBuilder();
        for (final TestBroker broker : brokers) {
            text.append('\n').append(broker == null ? "none" : broker.brokerId() + " " + broker.state()
                + " leader=" + broker.isLeader() + " " + broker.registration() + " version="
                + broker.image().version() + " " + broker.image().brokers() + " " + broker.failures());
        }
        return text.toString();
    }

    File dataDir(final int id) {
        return dir.resolve("node-" + id).toFile();
    }

    File aeronDir(final int id) {
        return aeronDir(members.get(id));
    }

    private File aeronDir(final ClusterMember member) {
        final File sharedMemory = new File("/dev/shm");
        final File home = sharedMemory.isDirectory() ? sharedMemory : dir.toFile();
        return new File(home, "millrace-test-" + member.basePort() + "-" + member.id() + "-cluster");
    }

    /** Waits until a broker's thread has ended by itself. */
    void awaitDeath(final TestBroker broker) {
        final long deadlineNs = System.nanoTime() + DEADLINE_NS;
        while (!broker.died()) {
            if (System.nanoTime() - deadlineNs > 0) {
                throw new AssertionError("broker " + broker.brokerId() + " lives: " + broker.notices() + describe());
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }

    /** A broker that died as it should: nothing waits for it. */
    void forget(final int id) {
        brokers[id] = null;
    }

    ClusterMetadataConfiguration configuration(final int id) {
        return settings.apply(ClusterMetadataConfiguration.withDefaults(
            id, members, dataDir(id), aeronDir(id).getPath()).withSessionTimeoutNs(SESSION_TIMEOUT_NS));
    }

    private int readyCount() {
        int count = 0;
        for (final TestBroker broker : brokers) {
            count += broker != null && broker.state() == MetadataQuorum.State.READY ? 1 : 0;
        }
        return count;
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

    /** Ends all; what they had in shared memory must be gone. */
    @Override
    public void close() {
        stopAll();
        for (int id = 0; id < brokers.length; id++) {
            assertFalse(aeronDir(id).exists(), "shared memory is given back");
        }
    }
}
