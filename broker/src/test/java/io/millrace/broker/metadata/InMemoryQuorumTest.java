package io.millrace.broker.metadata;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.engine.sim.SimDisk;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class InMemoryQuorumTest {
    private static final long SESSION_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(2);
    private static final long STEP_NS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final short KAFKA_STORAGE_ERROR = 56;

    private final List<InMemoryQuorum> quorums = new ArrayList<>();
    private long nowNs = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(1);

    @Test
    void shouldShowEveryBrokerTheSameImages() {
        final InMemoryMetadataCluster cluster = connectThree();
        final List<Long> versions = new ArrayList<>();
        final InMemoryQuorum late = cluster.connect((image, previous) -> versions.add(image.version()),
            LivenessGate.ALWAYS);
        quorums.add(late);
        assertTrue(submit(quorums.get(1), Commands.create("t", 3, 3)).isOk());
        run(1);
        for (final InMemoryQuorum quorum : quorums) {
            assertEquals(quorums.get(0).image(), quorum.image());
            assertEquals(MetadataQuorum.State.READY, quorum.state());
        }
        assertEquals(List.of(late.image().version()), versions);
        final MetadataChanges changes = MetadataChanges.between(MetadataImage.EMPTY, late.image());
        assertEquals(1, changes.topics().size());
        assertEquals(3, changes.shards().size());
        assertEquals(3, changes.brokers().size());
        final MetadataImage before = late.image();
        submit(late, Commands.delete("t"));
        final MetadataChanges deletion = MetadataChanges.between(before, late.image());
        assertEquals("t", deletion.deletedTopics().get(0).name());
        assertEquals(List.of(), deletion.shards());
    }

    @Test
    void shouldFenceABrokerThatCannotBeReachedAndRegisterItAgain() {
        connectThree();
        submit(quorums.get(0), Commands.create("t", 3, 3));
        final InMemoryQuorum cut = quorums.get(2);
        final long heardNs = cut.lastHeardNs();
        cut.reachable(false);
        final AtomicReference<MetadataResult> unanswered = new AtomicReference<>();
        assertTrue(cut.proxy().offer(Commands.create("u", 1, 1), unanswered::set));
        run((int) (SESSION_TIMEOUT_NS / STEP_NS) + 2);
        assertTrue(quorums.get(0).image().broker(3).fenced());
        assertFalse(cut.image().broker(3).fenced());
        assertEquals(heardNs, cut.lastHeardNs());
        run((int) (InMemoryQuorum.COMMAND_TIMEOUT_NS / STEP_NS));
        assertEquals(MetadataErrors.REQUEST_TIMED_OUT, unanswered.get().errorCode());
        cut.reachable(true);
        run(3);
        assertFalse(quorums.get(0).image().broker(3).fenced());
        assertEquals(quorums.get(0).image(), cut.image());
        assertTrue(cut.image().shards().stream().allMatch(ShardInfo::hasLeader));
        assertEquals(1, cut.image().shards().stream().filter(shard -> shard.replicas().get(0) == 3).findFirst()
            .orElseThrow().leaderEpoch());
    }

    @Test
    void shouldHoldALeaseOnlyWhileTheSessionCannotHaveBeenClosed() {
        connectThree();
        submit(quorums.get(0), Commands.create("t", 3, 3));
        final InMemoryQuorum cut = quorums.get(2);
        assertTrue(cut.leaseEndNs() - nowNs > SESSION_TIMEOUT_NS * 9 / 10);
        cut.reachable(false);
        final long endNs = cut.leaseEndNs();
        while (!quorums.get(0).image().broker(3).fenced()) {
            run(1);
        }
        assertEquals(endNs, cut.leaseEndNs());
        assertTrue(endNs - nowNs < 0, "the lease has ended before");
        cut.reachable(true);
        run(3);
        assertTrue(cut.leaseEndNs() - nowNs > 0);
        quorums.remove(2).close();
        assertTrue(cut.leaseEndNs() - nowNs <= 0);
    }

    @Test
    void shouldLeaveItToTheCallerToSayThatItIsReady() {
        final InMemoryMetadataCluster cluster = new InMemoryMetadataCluster(SESSION_TIMEOUT_NS);
        final InMemoryQuorum quorum = cluster.connect((image, previous) -> { }, LivenessGate.ALWAYS);
        quorums.add(quorum);
        quorum.readyByCaller();
        final AtomicReference<MetadataResult> registered = new AtomicReference<>();
        quorum.register(Commands.register(1, 1), registered::set);
        run(2);
        assertTrue(quorum.image().broker(1).fenced());
        assertTrue(submit(quorum, new MetadataCommand.ReportShards(1, registered.get().value(), List.of())).isOk());
        assertTrue(submit(quorum, Commands.ready(1, registered.get().value())).isOk());
        assertFalse(quorum.image().broker(1).fenced());
    }

    @Test
    void shouldAnswerEverythingAndFenceAtOnceWhenClosed() {
        connectThree();
        final AtomicReference<MetadataResult> result = new AtomicReference<>();
        final InMemoryQuorum closing = quorums.remove(2);
        closing.submit(Commands.create("t", 1, 1), result::set);
        closing.close();
        assertEquals(MetadataErrors.REQUEST_TIMED_OUT, result.get().errorCode());
        assertFalse(closing.proxy().offer(Commands.create("u", 1, 1), result::set));
        run(1);
        assertTrue(quorums.get(0).image().broker(3).fenced());
    }

    @Test
    void shouldRefuseACommandThatIsTooLong() {
        connectThree();
        final Map<String, String> configs = Map.of("retention.ms", "1".repeat(10_000));
        assertEquals(MetadataErrors.INVALID_REQUEST,
            submit(quorums.get(0), Commands.create("t", 1, 1, configs)).errorCode());
    }

    @Test
    void shouldKeepEverythingAnsweredWhenPowerIsCutOrTheDiskIsFull() throws IOException {
        final long firstSeed = Long.getLong("millrace.test.seed", System.nanoTime());
        for (long seed = firstSeed; seed < firstSeed + 40; seed++) {
            try {
                runOnBadDisk(seed);
            } catch (final RuntimeException | AssertionError ex) {
                throw new AssertionError("failed with -Dmillrace.test.seed=" + seed, ex);
            }
        }
    }

    private void runOnBadDisk(final long seed) throws IOException {
        final Random random = new Random(seed);
        final SimDisk disk = new SimDisk(seed).shortWrites(0.2);
        final Set<String> answered = new HashSet<>();
        int fullCount = 0;
        for (int life = 0; life < 6; life++) {
            disk.capacity(SimDisk.NEVER);
            quorums.clear();
            final InMemoryMetadataCluster cluster = InMemoryMetadataCluster.open(SESSION_TIMEOUT_NS, disk);
            connect(cluster, 1, seed + life);
            for (final String name : answered) {
                assertNotNull(quorums.get(0).image().topic(name), name);
            }
            for (int i = 0; i < 40; i++) {
                disk.capacity(random.nextInt(4) == 0 ? disk.totalLength() + random.nextInt(200) : SimDisk.NEVER);
                final String name = "topic-" + random.nextInt(20);
                final boolean create = !answered.contains(name);
                final MetadataResult result =
                    submit(quorums.get(0), create ? Commands.create(name, 1, 1) : Commands.delete(name));
                fullCount += result.errorCode() == KAFKA_STORAGE_ERROR ? 1 : 0;
                if (result.isOk()) {
                    assertTrue(create ? answered.add(name) : answered.remove(name));
                }
                assertEquals(answered.contains(name), quorums.get(0).image().topic(name) != null, name);
            }
            if (random.nextBoolean()) {
                disk.crash();
            } else {
                disk.killProcess();
            }
        }
        assertTrue(fullCount > 0);
    }

    @Test
    void shouldSayWhereTheFileIsDamaged() throws IOException {
        final SimDisk disk = new SimDisk(1);
        final InMemoryMetadataCluster cluster = InMemoryMetadataCluster.open(SESSION_TIMEOUT_NS, disk);
        connect(cluster, 1, 1);
        submit(quorums.get(0), Commands.create("t", 1, 1));
        submit(quorums.get(0), Commands.create("u", 1, 1));
        cluster.close();
        disk.flipBit(MetadataLog.FILE_NAME, disk.bytes(MetadataLog.FILE_NAME).length / 2, 3);
        final MetadataFormatException ex = assertThrows(MetadataFormatException.class,
            () -> InMemoryMetadataCluster.open(SESSION_TIMEOUT_NS, disk));
        assertTrue(ex.getMessage().contains("metadata.log is damaged"), ex.getMessage());
    }

    @Test
    void shouldReplaceTheFileByASnapshotWhenItGrows() throws IOException {
        final SimDisk disk = new SimDisk(1);
        final InMemoryMetadataCluster cluster = InMemoryMetadataCluster.open(SESSION_TIMEOUT_NS, disk);
        connect(cluster, 1, 1);
        for (int i = 0; i < 60; i++) {
            assertTrue(submit(quorums.get(0), Commands.create("t" + i, 9_00, 1)).isOk());
            assertTrue(submit(quorums.get(0), Commands.delete("t" + i)).isOk());
        }
        for (int i = 0; i < 200; i++) {
            assertTrue(submit(quorums.get(0), Commands.create("u" + i, 900 - 4 * i, 1)).isOk());
            assertTrue(submit(quorums.get(0), Commands.delete("u" + i)).isOk());
        }
        assertTrue(disk.totalLength() < 1_200_000, "length " + disk.totalLength());
        final byte[] before = cluster.encodedState();
        quorums.get(0).close();
        cluster.close();
        final InMemoryMetadataCluster again = InMemoryMetadataCluster.open(SESSION_TIMEOUT_NS, disk);
        assertTrue(again.encodedState().length >= before.length);
        connect(again, 1, 2);
        assertNull(quorums.get(1).image().topic("u1"));
        assertTrue(submit(quorums.get(1), Commands.create("u1", 1, 1)).isOk());
        assertTrue(quorums.get(1).image().topic("u1").partitionId(0) > 60 * 900, "ids are never used again");
    }

    private InMemoryMetadataCluster connectThree() {
        final InMemoryMetadataCluster cluster = new InMemoryMetadataCluster(SESSION_TIMEOUT_NS);
        for (int id = 1; id <= 3; id++) {
            connect(cluster, id, id);
        }
        run(1);
        return cluster;
    }

    private void connect(final InMemoryMetadataCluster cluster, final int brokerId, final long incarnation) {
        final InMemoryQuorum quorum = cluster.connect((image, previous) -> {
            assertTrue(image.version() > previous.version());
        }, LivenessGate.ALWAYS);
        quorums.add(quorum);
        final AtomicReference<MetadataResult> registered = new AtomicReference<>();
        quorum.register(Commands.register(brokerId, incarnation), registered::set);
        for (int i = 0; i < 100 && registered.get() == null; i++) {
            run(1);
        }
        assertTrue(registered.get().isOk());
        assertFalse(quorum.image().broker(brokerId).fenced());
    }

    private MetadataResult submit(final InMemoryQuorum quorum, final MetadataCommand command) {
        final AtomicReference<MetadataResult> result = new AtomicReference<>();
        quorum.submit(command, result::set);
        run(1);
        assertNotNull(result.get());
        assertTrue(quorum.image().version() >= result.get().version() || !result.get().isOk());
        return result.get();
    }

    private void run(final int stepCount) {
        for (int i = 0; i < stepCount; i++) {
            nowNs += STEP_NS;
            quorums.forEach(quorum -> quorum.doWork(nowNs));
        }
    }
}
