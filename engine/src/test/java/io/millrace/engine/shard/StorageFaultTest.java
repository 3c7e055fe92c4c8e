package io.millrace.engine.shard;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.engine.DurabilityProfile;
import io.millrace.engine.ErrorCodes;
import io.millrace.engine.PartitionReader;
import io.millrace.engine.ShardLog;
import io.millrace.engine.io.LogFile;
import io.millrace.engine.sim.SimDisk;
import java.io.IOException;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class StorageFaultTest {
    private static final int EPOCH = 3;

    private final SimDisk disk = new SimDisk(21);

    @Test
    void shouldRefuseWhileDiskIsFullAndGoOnWhenThereIsRoom() throws IOException {
        final TestShard shard = new TestShard(disk).open().lead(EPOCH);
        int producedCount = 0;
        for (int round = 0; round < 20; round++) {
            disk.capacity(disk.totalLength() + 37 * round);
            final byte[] before = shard.bytes();
            int error = 0;
            for (int i = 0; i < 40 && error == 0; i++) {
                error = shard.produce(0, 1, 400);
                producedCount += error == 0 ? 1 : 0;
            }
            assertEquals(ErrorCodes.KAFKA_STORAGE_ERROR, error);
            assertFalse(shard.log.isOffline());
            assertTrue(shard.log.shortage().contains("full"), shard.log.shortage());
            assertTrue(TestShard.isPrefix(before, shard.bytes()));
            shard.commitAll();
            assertEquals(producedCount, shard.readOffsets(0, 0).size());
            disk.capacity(SimDisk.NEVER);
            assertEquals(0, shard.produce(0, 1, 400));
            assertNull(shard.log.shortage());
            producedCount++;
        }
        assertTrue(disk.fullCount() >= 20);
        final byte[] bytes = shard.bytes();
        disk.killProcess();
        assertArrayEquals(bytes, new TestShard(disk).open().bytes());
    }

    @Test
    void shouldNotFindFramesOfARefusedBlockAfterAKill() throws IOException {
        final TestShard shard = new TestShard(disk).open().lead(EPOCH);
        shard.produce(0, 1, 400);
        final byte[] bytes = shard.bytes();
        final long usedLength = disk.totalLength();
        for (int room = 0; room < 3 * 500; room += 97) { // few enough rounds that the ring does not wrap
            disk.capacity(usedLength + room);
            for (int i = 0; i < 6; i++) {
                shard.put(0, 1, 400); // one block: its first frames fit, the last do not
            }
            shard.drain();
            assertEquals(ErrorCodes.KAFKA_STORAGE_ERROR, shard.outcomes.get(shard.outcomes.size() - 1)[1],
                "room=" + room);
            final SimDisk killed = disk.copy(room);
            killed.capacity(SimDisk.NEVER);
            killed.killProcess();
            assertArrayEquals(bytes, new TestShard(killed).open().bytes(), "room=" + room);
        }
        assertTrue(disk.fullCount() > 10);
    }

    @Test
    void shouldTakeMoreTopicsThanItCanKnowAtOnceWhenOldOnesAreDeleted() throws IOException {
        final TestShard shard = new TestShard(disk).open().lead(EPOCH);
        final int partitionCount = 20_000; // a shard knows 16,384 at a time
        for (int id = 0; id < partitionCount; id++) {
            assertEquals(0, shard.produce(id, 1, 400), "partition " + id);
            shard.log.deletePartition(id);
            if (id % 100 == 0) {
                shard.commitAll();
                shard.sync();
                shard.maintain();
            }
        }
        assertTrue(shard.log.startPosition() > 0);
    }

    @Test
    void shouldForgetPartitionsThatWereDeletedMeanwhile() throws IOException {
        final TestShard shard = new TestShard(disk).open().lead(EPOCH);
        shard.produce(0, 1, 10);
        shard.produce(1, 1, 10);
        shard.log.deletePartitionsExcept((id) -> id == 1);
        assertEquals(-1, shard.log.newPartitionReader().logEndOffset(0));
        assertEquals(1, shard.log.newPartitionReader().logEndOffset(1));
    }

    @Test
    void shouldForgetDeletedPartitionsInTheEndAlsoWhenRestartedInBetween() throws IOException {
        final TestShard shard = new TestShard(disk).open().lead(EPOCH);
        shard.produce(0, 1, 10);
        shard.log.deletePartition(0);
        fillSegments(shard);
        shard.log.close();
        final TestShard again = new TestShard(disk).open().lead(EPOCH + 1);
        assertNotEquals(0, again.produce(0, 1, 10), "forgotten although its frame is kept");
        fillSegments(again);
        again.log.retain(1, 1000);
        assertTrue(again.log.startPosition() > 0);
        assertEquals(0, again.produce(0, 1, 10), "still remembered although no frame of it can be there");
    }

    @Test
    void shouldGiveBackSegmentsOfAPartitionThatOnlyTheLeaderKnewToBeDeleted() throws IOException {
        final TestShard leader = new TestShard(new SimDisk(1)).open().lead(EPOCH);
        final TestShard follower = new TestShard(disk).open();
        leader.produce(0, 1, 10);
        follower.follow(leader);
        leader.log.deletePartition(0);
        fillSegments(leader);
        follower.follow(leader);
        follower.commitAll();
        follower.sync();
        follower.log.retain(1, 1000);
        assertTrue(follower.log.startPosition() > 0, "what the leader deleted keeps the first segment");
    }

    private static void fillSegments(final TestShard shard) {
        for (int i = 0; i < 100; i++) {
            shard.produce(1, 1, 400);
        }
        shard.commitAll();
        shard.sync();
        shard.maintain();
    }

    @Test
    void shouldRefuseFollowerAppendWhileDiskIsFull() throws IOException {
        final TestShard leader = new TestShard(new SimDisk(1)).open().lead(EPOCH);
        final TestShard follower = new TestShard(disk).open();
        for (int i = 0; i < 60; i++) {
            leader.produce(i % 2, 1, 500);
            final byte[] bytes = leader.bytes(follower.log.endPosition());
            disk.capacity(disk.totalLength() + i * 3);
            final long result = follower.log.append(new UnsafeBuffer(bytes), 0, bytes.length);
            assertTrue(result == ShardLog.STORAGE_ERROR || result == leader.log.endPosition());
            disk.capacity(SimDisk.NEVER);
            follower.follow(leader);
        }
        assertTrue(disk.fullCount() > 10);
        assertArrayEquals(leader.bytes(), follower.bytes());
        assertFalse(follower.log.isOffline());
    }

    @Test
    void shouldRefuseAtByteCapUntilRetentionGivesSpaceBack() throws IOException {
        final TestShard shard = new TestShard(disk);
        shard.capacity = 4 * TestShard.SEGMENT_LENGTH;
        shard.open().lead(EPOCH);
        int error = 0;
        int count = 0;
        while (error == 0) {
            error = shard.produce(0, 1, 500);
            shard.maintain();
            assertTrue(count++ < 1000);
        }
        assertEquals(ErrorCodes.KAFKA_STORAGE_ERROR, error);
        assertFalse(shard.log.isOffline());
        shard.commitAll();
        shard.sync();
        shard.log.retain(0, 8_000);
        shard.maintain();
        for (int i = 0; i < 200; i++) {
            assertEquals(0, shard.produce(0, 1, 500), "record " + i);
            if (i % 5 == 0) {
                shard.commitAll();
                shard.sync();
                shard.log.retain(0, 8_000);
                shard.maintain();
            }
            assertTrue(disk.totalLength() < 6L * TestShard.SEGMENT_LENGTH, () -> "files=" + disk.list());
        }
        final PartitionReader reader = shard.log.newPartitionReader();
        assertTrue(reader.logStartOffset(0) > 100);
        shard.commitAll();
        assertEquals(reader.logStartOffset(0), shard.readOffsets(0, reader.logStartOffset(0)).get(0));
    }

    @Test
    void shouldFreeSegmentsWhenPartitionIsDeleted() throws IOException {
        final TestShard shard = new TestShard(disk).open().lead(EPOCH);
        for (int i = 0; i < 200; i++) {
            shard.produce(i < 100 ? 0 : 1, 1, 300);
            shard.maintain();
        }
        shard.commitAll();
        shard.sync();
        assertEquals(0, shard.log.startPosition());
        shard.log.deletePartition(0);
        shard.maintain();
        final long start = shard.log.startPosition();
        assertTrue(start > 100 * 300);
        assertEquals(-1, shard.log.newPartitionReader().logEndOffset(0));
        assertEquals(0, shard.readOffsets(1, 0).get(0));
        assertNotEquals(0, shard.produce(0, 1, 10));
        shard.sync();
        disk.crash();
        final TestShard again = new TestShard(disk).open();
        assertEquals(start, again.log.startPosition());
        again.commitAll();
        assertEquals(100, again.readOffsets(1, 0).size());
    }

    @Test
    void shouldRecycleFilesWhenSegmentsAreFreed() throws IOException {
        final TestShard shard = new TestShard(disk).open().lead(EPOCH);
        for (int i = 0; i < 400; i++) {
            shard.produce(0, 1, 300);
            shard.commitAll();
            shard.sync();
            shard.log.retain(0, 5_000);
            shard.maintain();
        }
        final long logCount = disk.list().stream().filter(name -> name.endsWith(".log")).count();
        final long preparedCount = disk.list().stream().filter(name -> name.endsWith(".prepared")).count();
        assertTrue(logCount <= 3 && preparedCount <= 2, () -> "files=" + disk.list());
        final byte[] bytes = shard.bytes();
        disk.crash();
        assertArrayEquals(bytes, new TestShard(disk).open().bytes());
    }

    @Test
    void shouldKeepSoManySpareFilesAndGiveThemUpWhenDiskIsFull() throws IOException {
        final TestShard shard = new TestShard(disk);
        shard.spareLength = 4L * shard.segmentLength;
        shard.open().lead(EPOCH);
        for (int i = 0; i < 400; i++) {
            shard.produce(0, 1, 300);
            shard.maintain();
        }
        final int before = (int) disk.list().stream().filter(name -> name.endsWith(".log")).count();
        shard.commitAll();
        shard.sync();
        shard.log.retain(0, 1);
        shard.maintain();
        assertTrue(before > 6, "segments=" + before);
        assertEquals(4, preparedCount(), () -> "files=" + disk.list());

        while (preparedCount() > 2) { // they are used before any new file is made
            assertEquals(0, shard.produce(0, 1, 300));
            shard.maintain();
            assertTrue(disk.list().size() < 4 + before);
        }
        disk.capacity(disk.totalLength());
        int error = 0;
        while (error == 0) {
            error = shard.produce(0, 1, 300);
        }
        shard.maintain();
        assertTrue(preparedCount() <= 1, () -> "files=" + disk.list());
        assertEquals(0, shard.produce(0, 1, 300), "the room of a spare file was not given back");
    }

    private long preparedCount() {
        return disk.list().stream().filter(name -> name.endsWith(".prepared")).count();
    }

    @Test
    void shouldKeepPinnedSegmentReadableWhenItIsFreed() throws IOException {
        final TestShard shard = new TestShard(disk).open().lead(EPOCH);
        for (int i = 0; i < 100; i++) {
            shard.produce(0, 1, 300);
            shard.maintain();
        }
        shard.commitAll();
        shard.sync();
        final PartitionReader reader = shard.log.newPartitionReader();
        final LogFile[] file = new LogFile[1];
        final long[] where = new long[2];
        reader.read(0, 0, 1, (batchFile, fileOffset, length, baseOffset, nextOffset) -> {
            file[0] = batchFile;
            where[0] = fileOffset;
            where[1] = length;
            return false;
        });
        shard.log.retain(0, 1_000);
        assertTrue(shard.log.startPosition() > 0);
        for (int i = 0; i < 100; i++) {
            shard.produce(0, 1, 300);
            shard.maintain();
        }
        TestShard.checkBatch(file[0], where[0], (int) where[1], 0);
        assertTrue(disk.list().contains("00000000000000000000.log"));
        reader.release();
        shard.maintain();
        assertFalse(disk.list().contains("00000000000000000000.log"));
        assertEquals(List.of(), shard.errors);
    }

    @Test
    void shouldGoOfflineWhenWriteFails() throws IOException {
        final TestShard shard = new TestShard(disk).open().lead(EPOCH);
        assertEquals(0, shard.produce(0, 1, 100));
        shard.commitAll();
        final byte[] bytes = shard.bytes();
        disk.failWriteAfter(0);
        assertEquals(ErrorCodes.KAFKA_STORAGE_ERROR, shard.produce(0, 1, 100));
        assertTrue(shard.log.isOffline());
        assertEquals(1, disk.writeErrorCount());
        assertEquals(ErrorCodes.KAFKA_STORAGE_ERROR, shard.produce(0, 1, 100));
        assertEquals(1, disk.writeErrorCount());
        assertEquals(1, shard.errors.size());
        assertTrue(shard.errors.get(0).getMessage().contains("offline"));
        assertEquals(List.of(0L), shard.readOffsets(0, 0));
        assertArrayEquals(bytes, shard.bytes());
        shard.log.close();
    }

    @Test
    void shouldGoOfflineAndNeverSyncAgainWhenSyncFails() throws IOException {
        final TestShard shard = new TestShard(disk);
        shard.profile = DurabilityProfile.DURABLE;
        shard.open().lead(EPOCH);
        shard.produce(0, 1, 100);
        shard.sync();
        shard.drain();
        assertEquals(0, shard.outcomes.get(0)[1]);
        final long synced = shard.log.marks().syncedAcquire();
        assertEquals(shard.log.endPosition(), synced);
        shard.produce(0, 1, 100);
        assertEquals(1, shard.outcomes.size());
        disk.failSyncAfter(0);
        shard.sync();
        assertTrue(shard.log.isOffline());
        assertEquals(1, disk.syncErrorCount());
        final long syncCount = disk.syncCount();
        shard.sync();
        shard.drain();
        assertEquals(syncCount, disk.syncCount());
        assertEquals(synced, shard.log.marks().syncedAcquire());
        assertEquals(ErrorCodes.KAFKA_STORAGE_ERROR, shard.outcomes.size() > 1
            ? (int) shard.outcomes.get(1)[1] : shard.produce(0, 1, 10));
        shard.log.close();
        disk.crash();
        assertEquals(synced, new TestShard(disk).open().log.endPosition());
    }

    @Test
    void shouldReallySyncOnRestartWhatAFailedSyncHasLeftInThePageCache() throws IOException {
        final TestShard shard = new TestShard(disk).open().lead(EPOCH);
        shard.produce(0, 1, 100);
        shard.sync();
        shard.produce(0, 1, 3_000);
        disk.failSyncAfter(0);
        shard.sync();
        assertTrue(shard.log.isOffline());
        final long end = shard.log.endPosition();
        disk.killProcess();
        final TestShard again = new TestShard(disk).open();
        assertEquals(end, again.log.endPosition());
        assertEquals(end, again.log.marks().syncedAcquire());
        disk.crash();
        assertEquals(end, new TestShard(disk).open().log.endPosition());
    }

    @Test
    void shouldSyncReplicatedLogByLengthOrTime() throws IOException {
        final TestShard shard = new TestShard(disk).open().lead(EPOCH);
        shard.produce(0, 1, 100);
        shard.syncer.doWork();
        shard.advance(999_000_000L);
        shard.syncer.doWork();
        assertEquals(0, shard.log.marks().syncedAcquire());
        shard.advance(2_000_000L);
        shard.syncer.doWork();
        assertEquals(shard.log.endPosition(), shard.log.marks().syncedAcquire());
    }
}
