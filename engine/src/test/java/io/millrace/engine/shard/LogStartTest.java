package io.millrace.engine.shard;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.engine.LogPin;
import io.millrace.engine.ShardLog;
import io.millrace.engine.format.FrameDescriptor;
import io.millrace.engine.sim.SimDisk;
import java.io.IOException;
import java.util.List;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Log starts move by time, by size and by command, and every replica hears of it. Batch n has the timestamp 1000 n. */
class LogStartTest {
    private static final long NO_LIMIT = -1;

    private final SimDisk disk = new SimDisk(3);
    private final TestShard leader;

    LogStartTest() throws IOException {
        leader = new TestShard(disk).open().lead(1);
    }

    private static long start(final TestShard shard, final int partitionId) {
        return shard.log.newPartitionReader().logStartOffset(partitionId);
    }

    private void settle() {
        leader.commitAll();
        leader.sync();
        leader.maintain();
    }

    @Test
    void shouldExpireSingleBatchesOfASlowTopicByTheirTime() {
        for (int i = 1; i <= 10; i++) {
            leader.produce(i % 2, 3, 50);
        }
        leader.log.retain(0, NO_LIMIT, 5000);
        assertEquals(0, start(leader, 0), "nothing is committed");
        leader.commitAll();
        leader.log.retain(0, NO_LIMIT, 5000);
        assertEquals(6, start(leader, 0), "batches 2 and 4 are older, 6, 8 and 10 are not");
        leader.log.retain(0, NO_LIMIT, 5000);
        leader.log.retain(0, NO_LIMIT, 4000);
        assertEquals(6, start(leader, 0), "never back");
        leader.log.retain(0, NO_LIMIT, Long.MAX_VALUE);
        assertEquals(15, start(leader, 0), "all of it");
        assertEquals(0, start(leader, 1));
        assertEquals(0, leader.produce(0, 3, 50));
        assertEquals(15, start(leader, 0));
    }

    @Test
    void shouldKeepABatchAtTheHorizon() {
        leader.produce(0, 1, 50);
        leader.commitAll();
        leader.log.retain(0, NO_LIMIT, 1000);
        assertEquals(0, start(leader, 0));
        leader.log.retain(0, NO_LIMIT, 1001);
        assertEquals(1, start(leader, 0));
    }

    @Test
    void shouldGiveBackSegmentsOldestFirstWhenTheLastPartitionInThemExpired() {
        for (int i = 1; i <= 200; i++) {
            leader.produce(i % 2, 1, 300);
        }
        settle();
        final long base = leader.log.startPosition();
        leader.log.retain(0, NO_LIMIT, 100_000);
        leader.log.giveBackSegments();
        assertEquals(base, leader.log.startPosition(), "partition 1 has everything still");
        leader.log.retain(1, NO_LIMIT, 50_000);
        leader.log.giveBackSegments();
        final long first = leader.log.startPosition();
        assertTrue(first > base, "partition 1 pins from " + first);
        leader.log.retain(1, NO_LIMIT, 100_000);
        leader.log.giveBackSegments();
        assertTrue(leader.log.startPosition() > first);
        assertTrue(start(leader, 0) > 20 && start(leader, 0) <= 50, "offset " + start(leader, 0));
    }

    @Test
    void shouldTellWhichPartitionKeepsDeadRecordsAndHowMany() {
        for (int i = 1; i <= 200; i++) {
            leader.produce(i % 2, 1, 300);
        }
        settle();
        assertEquals(List.of(), leader.log.pins(3), "nothing is dead");
        leader.log.retain(0, NO_LIMIT, 100_000);
        final List<LogPin> pins = leader.log.pins(3);
        assertEquals(1, pins.get(0).partitionId(), pins.toString());
        final long deadLength = pins.get(0).deadLength();
        assertTrue(deadLength > 20 * 300 && deadLength < 60 * 500, "of about 50 batches: " + deadLength);
        assertEquals(1, leader.log.pins(1).size());
        leader.log.retain(1, NO_LIMIT, 100_000);
        leader.log.giveBackSegments();
        for (final LogPin pin : leader.log.pins(3)) {
            assertTrue(pin.deadLength() < deadLength, pin.toString());
        }
    }

    @Test
    void shouldKeepAtLeastSoManyBytesHoweverOftenItLooks() {
        for (int i = 1; i <= 300; i++) {
            leader.produce(i % 3, 1, 300);
            if (i % 7 == 0) {
                leader.commitAll();
                leader.log.retain(0, 5_000, Long.MIN_VALUE);
            }
        }
        settle();
        leader.log.retain(0, 5_000, Long.MIN_VALUE);
        final long kept = (100 - start(leader, 0)) * 361;
        assertTrue(kept >= 5_000 && kept < 5_000 + 2L * leader.segmentLength, "kept " + kept);
        assertTrue(start(leader, 0) > 0);
    }

    @Test
    void shouldTellFollowersAndStartsWhatWasMoved() throws IOException {
        for (int i = 1; i <= 20; i++) {
            leader.produce(i % 2, 2, 50);
        }
        leader.commitAll();
        assertTrue(leader.log.deleteRecords(0, 7) > 0);
        leader.log.retain(1, NO_LIMIT, 6000);
        assertTrue(leader.log.tellLogStarts());
        final long end = leader.log.endPosition();
        assertTrue(leader.log.tellLogStarts());
        assertEquals(end, leader.log.endPosition(), "once");
        assertTrue(leader.log.deleteRecords(0, 5) > end, "told again: an earlier frame may have been cut off");
        assertEquals(7, start(leader, 0), "inside a batch");
        assertEquals(6, start(leader, 1));

        final TestShard follower = new TestShard(new SimDisk(4)).open();
        follower.follow(leader);
        assertEquals(7, start(follower, 0));
        assertEquals(6, start(follower, 1));
        assertArrayEquals(leader.bytes(), follower.bytes());
        assertEquals(ShardLog.NOT_CONTINUING, follower.log.deleteRecords(0, 9));
        assertEquals(7, start(follower, 0));

        leader.sync();
        disk.crash();
        final TestShard again = new TestShard(disk).open();
        assertEquals(7, start(again, 0));
        assertEquals(6, start(again, 1));
        final int last = TestShard.frameIndexes(follower.bytes()).size() - 2;
        assertEquals(FrameDescriptor.TYPE_LOG_START, FrameDescriptor.type(
            new UnsafeBuffer(follower.bytes()), TestShard.frameIndexes(follower.bytes()).get(last)));
    }

    @Test
    void shouldStillFreeRoomWhenTheDiskTakesNoFrame() throws IOException {
        for (int i = 1; i <= 100; i++) {
            leader.produce(0, 1, 300);
        }
        settle();
        disk.capacity(0);
        leader.log.retain(0, NO_LIMIT, 90_000);
        leader.log.giveBackSegments();
        assertTrue(leader.log.startPosition() > 0);
        disk.capacity(Long.MAX_VALUE);
        assertTrue(leader.log.tellLogStarts());
    }

    /** Two replicas, one of which follows; now and then the leader changes, or one starts again after a crash. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void shouldAgreeOnLogStartsAfterAnything(final long seed) throws IOException {
        System.out.println("seed=" + seed);
        final SplittableRandom random = new SplittableRandom(seed);
        final SimDisk[] disks = {new SimDisk(seed), new SimDisk(seed + 100)};
        final TestShard[] shards = {new TestShard(disks[0]).open().lead(1), new TestShard(disks[1]).open()};
        int leading = 0;
        int epoch = 1;
        for (int i = 0; i < 400; i++) {
            final TestShard first = shards[leading];
            final TestShard second = shards[1 - leading];
            first.produce(random.nextInt(3), 1 + random.nextInt(3), 20 + random.nextInt(300));
            second.follow(first);
            first.commitAll();
            second.commitAll();
            final int kind = random.nextInt(12);
            if (kind == 0) {
                first.log.retain(random.nextInt(3), random.nextInt(20_000), random.nextLong(300_000));
                first.log.tellLogStarts();
                first.log.giveBackSegments();
            } else if (kind == 1) {
                final int partitionId = random.nextInt(3);
                final long high = Math.max(0, first.log.newPartitionReader().highWatermark(partitionId));
                assertTrue(first.log.deleteRecords(partitionId, random.nextLong(high + 1)) > 0);
            } else if (kind == 2) {
                first.log.stopLeading();
                leading = 1 - leading;
                shards[leading].lead(++epoch);
            } else if (kind == 3) {
                second.sync();
                disks[1 - leading].crash();
                shards[1 - leading] = new TestShard(disks[1 - leading]).open();
            } else if (kind == 4) {
                first.sync();
                second.sync();
                first.maintain();
                second.maintain();
                second.log.giveBackSegments();
            }
        }
        final TestShard first = shards[leading];
        first.log.tellLogStarts();
        shards[1 - leading].follow(first);
        for (int partitionId = 0; partitionId < 3; partitionId++) {
            assertEquals(start(first, partitionId), start(shards[1 - leading], partitionId), "start of " + partitionId);
            assertEquals(first.readOffsets(partitionId, start(first, partitionId)).size(),
                readCommitted(shards[1 - leading], partitionId), "partition " + partitionId);
        }
    }

    private static int readCommitted(final TestShard shard, final int partitionId) {
        shard.commitAll();
        return shard.readOffsets(partitionId, start(shard, partitionId)).size();
    }
}
