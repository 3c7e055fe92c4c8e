package io.millrace.engine.shard;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.engine.DurabilityProfile;
import io.millrace.engine.format.FrameDescriptor;
import io.millrace.engine.sim.SimDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Many producers, rolls, full disks, kills and power cuts: what was acknowledged is still there as its profile
 * promises, once and in order. Each failure names its seed.
 */
class ShardLogCrashTest {
    private static final int LIFE_COUNT = 4;

    private Random random;
    private ShardRig rig;
    private Producers producers;
    private int epoch;

    static LongStream seeds() {
        return LongStream.rangeClosed(1, Integer.getInteger("millrace.test.seeds", 12));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void shouldKeepWhatWasAcknowledgedWhenItCrashes(final long seed) throws IOException {
        begin(seed);
        try {
            for (int life = 0; life < LIFE_COUNT; life++) {
                assertTrue(rig.log.startLeading(++epoch) > 0);
                for (int i = 0; i < 300; i++) {
                    producers.offerSomething(rig);
                    work();
                }
                dieAndReturn(random.nextBoolean());
            }
            finishAll();
            assertTrue(rig.disk.list().stream().filter(name -> name.endsWith(".log")).count() > 2, "no rolls");
        } catch (final AssertionError | RuntimeException error) {
            throw failure(seed, error);
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void shouldGoOnAtAFollowerWhenTheLeaderDies(final long seed) throws IOException {
        begin(seed);
        producers.askAllReplicas();
        ShardRig follower = new ShardRig(new SimDisk(-seed).shortWrites(0.2), rig.profile, seed + 1_000);
        try {
            follower.open();
            rig.commitLimit = 0;
            for (int life = 0; life < LIFE_COUNT; life++) {
                assertTrue(rig.log.startLeading(++epoch) > 0);
                for (int i = 0; i < 300; i++) {
                    producers.offerSomething(rig);
                    work();
                    if (random.nextInt(3) == 0) {
                        replicate(follower, 1 + random.nextInt(6_000));
                    }
                    if (random.nextInt(150) == 0) {
                        follower.disk.killProcess();
                        follower.open();
                    }
                }
                final ShardRig dead = rig;
                checkSame(dead, follower);
                dead.disk.capacity(SimDisk.NEVER).killProcess();
                follower.acked.putAll(dead.acked);
                rig = follower;
                rig.log.commit(rig.log.endPosition());
                checkAckedByAll();
                follower = dead;
                rig.commitLimit = rig.log.marks().committedAcquire();
                follower.open();
                // what only the dead leader had is cut, as the handshake would
                follower.log.truncate(Math.min(follower.log.endPosition(), rig.log.endPosition()));
            }
            finishWith(follower);
            checkSame(rig, follower);
            assertEquals(rig.log.endPosition(), follower.log.endPosition());
        } catch (final AssertionError | RuntimeException error) {
            throw failure(seed, error);
        }
    }

    private void begin(final long seed) throws IOException {
        random = new Random(seed);
        producers = new Producers(random);
        final DurabilityProfile profile =
            seed % 2 == 0 ? DurabilityProfile.DURABLE : DurabilityProfile.REPLICATED;
        rig = new ShardRig(new SimDisk(seed).shortWrites(0.2), profile, seed);
        rig.open();
    }

    private void work() {
        if (random.nextInt(3) == 0) {
            rig.work();
        }
        if (random.nextInt(100) == 0) {
            rig.disk.capacity(rig.disk.totalLength() + random.nextInt(2_000));
        } else if (random.nextInt(20) == 0) {
            rig.disk.capacity(SimDisk.NEVER);
        }
        assertFalse(rig.log.isOffline(), "offline");
    }

    private void dieAndReturn(final boolean powerCut) throws IOException {
        rig.disk.capacity(SimDisk.NEVER);
        final long written = rig.log.marks().writtenAcquire();
        final long synced = rig.log.marks().syncedAcquire();
        if (powerCut) {
            rig.disk.crash();
        } else {
            rig.disk.killProcess();
        }
        rig.open();

        final long end = rig.log.endPosition();
        assertFalse(rig.log.recoveryReport().isQuarantined(), "quarantined");
        final String marks = "end=" + end + " synced=" + synced + " written=" + written;
        assertTrue(end >= synced, "synced and lost: " + marks);
        assertTrue(powerCut || end >= written, "written and lost though only the process was killed: " + marks);
        // a write that found the disk full may leave whole frames behind the end, and recovery takes them in
        assertTrue(end <= written || rig.disk.fullCount() > 0, "more than was written: " + marks);
        rig.log.commit(end);
        if (!powerCut || rig.profile == DurabilityProfile.DURABLE) {
            checkAckedByAll();
        } else {
            for (int partitionId = 0; partitionId < ShardRig.PARTITION_COUNT; partitionId++) {
                final TreeMap<Long, ShardRig.Found> found = checkedPartition(partitionId);
                final long endOffset = found.isEmpty() ? 0 : found.lastEntry().getValue().nextOffset();
                rig.acked(partitionId).tailMap(endOffset, true).clear(); // lost, as the profile says
                assertTrue(found.keySet().containsAll(rig.acked(partitionId).keySet()), "a hole");
            }
            producers.replaceAll();
        }
    }

    private void checkAckedByAll() {
        for (int partitionId = 0; partitionId < ShardRig.PARTITION_COUNT; partitionId++) {
            final Set<Long> found = checkedPartition(partitionId).keySet();
            final Set<Long> acked = rig.acked(partitionId).keySet();
            assertTrue(found.containsAll(acked), "acknowledged and lost: partition " + partitionId + " " + acked
                + " of " + found);
        }
    }

    /** Reads a partition: no batch twice, and acknowledged ones where they were acknowledged. */
    private TreeMap<Long, ShardRig.Found> checkedPartition(final int partitionId) {
        final TreeMap<Long, ShardRig.Found> found = rig.read(partitionId);
        final TreeMap<Long, Integer> acked = rig.acked(partitionId);
        final Set<Integer> tags = new HashSet<>();
        found.forEach((offset, batch) -> {
            assertTrue(tags.add(batch.tag()), "twice in the log: " + batch.tag());
            final Integer ackedTag = acked.get(offset);
            assertTrue(ackedTag == null || ackedTag == batch.tag(), "another batch at offset " + offset);
        });
        return found;
    }

    private void finishAll() {
        assertTrue(rig.log.startLeading(++epoch) > 0);
        for (int i = 0; i < 100 && !producers.finish(rig); i++) {
            rig.settle();
        }
        assertTrue(producers.finish(rig), "batches that were never acknowledged: " + rig.refusals);
        rig.settle();
        checkAckedByAll();
    }

    private void finishWith(final ShardRig follower) {
        assertTrue(rig.log.startLeading(++epoch) > 0);
        for (int i = 0; i < 200 && !producers.finish(rig); i++) {
            rig.work();
            replicate(follower, 1 << 16);
        }
        for (int i = 0; i < 50; i++) {
            rig.work();
            replicate(follower, 1 << 16);
        }
        assertTrue(producers.finish(rig), "batches that were never acknowledged: " + rig.refusals);
        for (int i = 0; i < 50; i++) {
            rig.work();
            replicate(follower, 1 << 16);
        }
        checkAckedByAll();
    }

    /** Ships whole frames, at most so many bytes, and tells the leader how far the follower is. */
    private void replicate(final ShardRig follower, final int length) {
        final ByteBuffer bytes = ByteBuffer.allocateDirect(1 << 17).order(ByteOrder.LITTLE_ENDIAN);
        bytes.limit(Math.max(length, 1 << 13));
        final int read = rig.log.read(follower.log.endPosition(), bytes);
        int wholeLength = 0;
        while (wholeLength + Integer.BYTES <= read) {
            final int frameLength = FrameDescriptor.alignedLength(bytes.getInt(wholeLength));
            if (wholeLength + frameLength > read) {
                break;
            }
            wholeLength += frameLength;
        }
        if (wholeLength > 0) {
            final long end = follower.log.append(new UnsafeBuffer(bytes), 0, wholeLength);
            assertTrue(end > 0, "append: " + end);
        }
        follower.commitLimit = rig.log.marks().committedAcquire();
        follower.work();
        rig.commitLimit = rig.profile == DurabilityProfile.DURABLE
            ? follower.log.marks().syncedAcquire() : follower.log.endPosition();
    }

    private static void checkSame(final ShardRig one, final ShardRig other) {
        final long end = Math.min(one.log.endPosition(), other.log.endPosition());
        assertArrayEquals(bytes(one, end), bytes(other, end), "replicas differ");
    }

    private static byte[] bytes(final ShardRig from, final long end) {
        final ByteBuffer bytes = ByteBuffer.allocate((int) end);
        while (bytes.hasRemaining()) {
            assertTrue(from.log.read(bytes.position(), bytes) > 0);
        }
        return bytes.array();
    }

    private AssertionError failure(final long seed, final Throwable error) {
        return new AssertionError("seed=" + seed + " " + error + " errors=" + rig.errors, error);
    }
}
