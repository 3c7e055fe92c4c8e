package io.millrace.engine.shard;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.engine.PartitionReader;
import io.millrace.engine.ShardLog;
import io.millrace.engine.io.FileLogStorage;
import io.millrace.engine.io.LogStorage;
import io.millrace.engine.sim.SimDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SegmentedShardLogTest {
    private static final int EPOCH = 3;

    private final SimDisk disk = new SimDisk(11);

    @Test
    void shouldReadBackWhatWasProducedWhenCommitted() throws IOException {
        final TestShard shard = new TestShard(disk).open().lead(EPOCH);
        for (int i = 0; i < 10; i++) {
            assertEquals(0, shard.produce(i % 2, 3, 100 + i));
        }
        assertEquals(List.of(), shard.readOffsets(0, 0));
        assertEquals(0, shard.log.newPartitionReader().highWatermark(0));
        shard.commitAll();
        final PartitionReader reader = shard.log.newPartitionReader();
        assertEquals(15, reader.highWatermark(0));
        assertEquals(15, reader.logEndOffset(1));
        assertEquals(0, reader.logStartOffset(1));
        assertEquals(-1, reader.logEndOffset(2));
        assertEquals(List.of(0L, 3L, 6L, 9L, 12L), shard.readOffsets(0, 0));
        assertEquals(List.of(6L, 9L, 12L), shard.readOffsets(1, 7));
    }

    @Test
    void shouldStopAtCommittedMarkWhenMoreIsWritten() throws IOException {
        final TestShard shard = new TestShard(disk).open().lead(EPOCH);
        shard.produce(0, 1, 50);
        final long committed = shard.log.endPosition();
        shard.produce(0, 1, 50);
        shard.produce(1, 1, 50);
        shard.log.commit(committed);
        final PartitionReader reader = shard.log.newPartitionReader();
        assertEquals(1, reader.highWatermark(0));
        assertEquals(0, reader.highWatermark(1));
        assertEquals(2, reader.logEndOffset(0));
        assertEquals(List.of(0L), shard.readOffsets(0, 0));
    }

    @Test
    void shouldTellOnceOfEachWatchedPartitionThatWasWrittenTo() throws IOException {
        final TestShard shard = new TestShard(disk).open().lead(EPOCH);
        final List<Integer> news = new ArrayList<>();
        shard.produce(0, 1, 50);
        shard.log.news().watch(0);
        shard.log.news().watch(3);
        shard.log.news().watch(3);
        assertEquals(0, shard.log.news().take(news::add));
        shard.produce(1, 1, 50);
        shard.produce(3, 1, 50);
        shard.produce(3, 1, 50);
        assertEquals(1, shard.log.news().take(news::add));
        assertEquals(List.of(3), news);
        shard.produce(3, 1, 50);
        assertEquals(0, shard.log.news().take(news::add), "no longer watched");
        shard.log.news().watch(3);
        shard.produce(0, 1, 50);
        shard.produce(3, 1, 50);
        assertEquals(2, shard.log.news().take(news::add));
        assertEquals(List.of(3, 3, 0), news);
    }

    @Test
    void shouldTellWhereEpochsEndWhenLeadersChanged() throws IOException {
        final TestShard shard = new TestShard(disk).open().lead(EPOCH);
        shard.produce(0, 3, 50);
        shard.produce(1, 1, 50);
        shard.log.stopLeading();
        shard.lead(EPOCH + 2);
        shard.produce(0, 2, 50);
        shard.produce(2, 4, 50);
        final PartitionReader reader = shard.log.newPartitionReader();
        assertEquals(-1, reader.epochUpTo(EPOCH - 1));
        assertEquals(EPOCH, reader.epochUpTo(EPOCH + 1));
        assertEquals(EPOCH + 2, reader.epochUpTo(EPOCH + 9));
        assertEquals(3, reader.epochEndOffset(0, EPOCH));
        assertEquals(5, reader.epochEndOffset(0, EPOCH + 2));
        assertEquals(1, reader.epochEndOffset(1, EPOCH));
        assertEquals(1, reader.epochEndOffset(1, EPOCH + 2));
        assertEquals(0, reader.epochEndOffset(2, EPOCH));
        assertEquals(-1, reader.epochEndOffset(7, EPOCH));
    }

    @Test
    void shouldFindFirstBatchByTimestamp() throws IOException {
        final TestShard shard = new TestShard(disk).open().lead(EPOCH);
        for (int i = 0; i < 200; i++) {
            shard.produce(0, 1, 200);
            shard.maintain();
        }
        shard.commitAll();
        final long[] found = {-1};
        final PartitionReader reader = shard.log.newPartitionReader();
        assertTrue(reader.findByTimestamp(0, 150_001, 0, (file, fileOffset, length, base, next) -> {
            found[0] = base;
            return true;
        }));
        assertEquals(150, found[0]); // tags begin with 1: offset 150 has tag 151
        assertTrue(reader.findByTimestamp(0, 150_001, 160, (file, fileOffset, length, base, next) -> {
            found[0] = base;
            return true;
        }));
        assertEquals(160, found[0]);
        assertFalse(reader.findByTimestamp(0, 201_000, 0, (file, fileOffset, length, base, next) -> true));
        reader.release();
    }

    @Test
    void shouldRollAndSealWhenSegmentsFill() throws IOException {
        checkRolling(disk);
    }

    @Test
    void shouldRollAndSealInRealFiles(@TempDir final Path directory) throws IOException {
        checkRolling(new FileLogStorage(directory.resolve("a/b")));
    }

    private void checkRolling(final LogStorage storage) throws IOException {
        final TestShard shard = new TestShard(storage).open().lead(EPOCH);
        final List<Long> expected = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            assertEquals(0, shard.produce(i % 3, 2, 150));
            if (i % 3 == 1) {
                expected.add(i / 3 * 2L);
            }
            if (i % 10 == 0) {
                shard.sync();
                shard.maintain();
            }
        }
        shard.commitAll();
        shard.maintain();
        assertTrue(storage.list().stream().filter(name -> name.endsWith(".log")).count() > 5, () -> "few segments");
        assertTrue(storage.list().stream().filter(name -> name.endsWith(".index")).count() > 4, () -> "few indexes");
        assertEquals(expected, shard.readOffsets(1, 0));
        final byte[] bytes = shard.bytes();
        shard.log.close();

        final TestShard again = new TestShard(storage).open();
        assertArrayEquals(bytes, again.bytes());
        assertEquals(EPOCH, again.log.lastEpoch());
        assertEquals(-1, again.log.recoveryReport().tornPosition());
        assertTrue(again.log.recoveryReport().scannedLength() <= TestShard.SEGMENT_LENGTH);
        again.commitAll();
        assertEquals(expected, again.readOffsets(1, 0));
        again.lead(EPOCH + 1);
        assertEquals(0, again.produce(1, 2, 100));
        again.commitAll();
        assertEquals(List.of(200L), again.readOffsets(1, 200));
        assertEquals(bytes.length, again.log.epochEnd(EPOCH));
        assertEquals(List.of(), again.errors);
        again.log.close();
    }

    @Test
    void shouldHaveSameBytesAndSegmentsWhenFollowing() throws IOException {
        final TestShard leader = new TestShard(disk).open().lead(EPOCH);
        final SimDisk followerDisk = new SimDisk(12);
        final TestShard follower = new TestShard(followerDisk).open();
        for (int i = 0; i < 200; i++) {
            leader.produce(i % 5, 1 + i % 3, 40 + i);
            if (i % 7 == 0) {
                follower.follow(leader);
                follower.maintain();
            }
        }
        follower.follow(leader);
        assertArrayEquals(leader.bytes(), follower.bytes());
        leader.sync();
        leader.maintain();
        follower.maintain();
        assertEquals(logs(disk), logs(followerDisk));
        follower.commitAll();
        leader.commitAll();
        assertEquals(leader.readOffsets(3, 0), follower.readOffsets(3, 0));
        // and it can take over
        leader.log.stopLeading();
        follower.lead(EPOCH + 1);
        follower.produce(3, 1, 10);
        leader.follow(follower);
        assertArrayEquals(follower.bytes(), leader.bytes());
        assertEquals(EPOCH + 1, leader.log.lastEpoch());
    }

    private static List<String> logs(final SimDisk disk) {
        return disk.list().stream().filter(name -> name.endsWith(".log")).toList();
    }

    @Test
    void shouldRefuseFramesThatDoNotContinue() throws IOException {
        final TestShard leader = new TestShard(disk).open().lead(EPOCH);
        leader.produce(0, 1, 100);
        leader.produce(0, 1, 100);
        leader.produce(0, 1, 100);
        final byte[] bytes = leader.bytes();
        final List<Integer> frames = TestShard.frameIndexes(bytes);
        final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        final TestShard follower = new TestShard(new SimDisk(13)).open();
        // not the state frame
        assertEquals(ShardLog.NOT_CONTINUING,
            follower.log.append(buffer, frames.get(1), frames.get(2) - frames.get(1)));
        assertEquals(frames.get(2), (int) follower.log.append(buffer, 0, frames.get(2)));
        // a gap, a repetition, a part of a frame
        assertEquals(ShardLog.NOT_CONTINUING,
            follower.log.append(buffer, frames.get(3), frames.get(4) - frames.get(3)));
        assertEquals(ShardLog.NOT_CONTINUING,
            follower.log.append(buffer, frames.get(1), frames.get(2) - frames.get(1)));
        assertEquals(ShardLog.CORRUPT,
            follower.log.append(buffer, frames.get(2), frames.get(3) - frames.get(2) + 8));
        assertEquals(frames.get(2), (int) follower.log.endPosition());
        assertEquals(bytes.length, follower.log.append(buffer, frames.get(2), bytes.length - frames.get(2)));
        assertThrows(IllegalStateException.class, () -> leader.log.append(buffer, 0, 8));
    }

    @Test
    void shouldWriteNothingWhenAnyBitOfAppendedFramesIsFlipped() throws IOException {
        final TestShard leader = new TestShard(disk).open().lead(EPOCH);
        leader.produce(0, 1, 20);
        leader.produce(0, 2, 21);
        final byte[] bytes = leader.bytes();
        final List<Integer> frames = TestShard.frameIndexes(bytes);
        final TestShard follower = new TestShard(new SimDisk(13)).open();
        assertEquals(frames.get(1), (int) follower.log.append(new UnsafeBuffer(bytes), 0, frames.get(1)));
        for (int i = frames.get(1); i < bytes.length; i++) {
            final byte[] damaged = bytes.clone();
            damaged[i] ^= (byte) (1 << i % 8);
            final long result =
                follower.log.append(new UnsafeBuffer(damaged), frames.get(1), bytes.length - frames.get(1));
            assertTrue(result == ShardLog.CORRUPT || result == ShardLog.NOT_CONTINUING, "byte " + i);
            assertEquals(frames.get(1), (int) follower.log.endPosition());
        }
        follower.follow(leader);
        assertArrayEquals(bytes, follower.bytes());
    }

    @Test
    void shouldContinueWithOtherLeaderWhenTruncated() throws IOException {
        final TestShard shard = new TestShard(disk).open().lead(EPOCH);
        for (int i = 0; i < 150; i++) {
            shard.produce(i % 2, 1, 300);
            shard.maintain();
        }
        shard.log.stopLeading();
        final byte[] bytes = shard.bytes();
        final List<Integer> frames = TestShard.frameIndexes(bytes);
        shard.sync();
        for (int i = frames.size() - 2; i > 1; i -= 9) {
            final long position = frames.get(i);
            shard.log.truncate(position);
            assertEquals(position, shard.log.endPosition());
            assertEquals(position, shard.log.marks().writtenAcquire());
            assertTrue(shard.log.marks().syncedAcquire() <= position);
            assertArrayEquals(java.util.Arrays.copyOf(bytes, (int) position), shard.bytes());
            // what was cut stays cut, even when power is lost now
            final TestShard copy = new TestShard(disk.copy(1)).open();
            assertArrayEquals(shard.bytes(), copy.bytes());
            copy.lead(EPOCH + 1);
            final long next = copy.log.newPartitionReader().logEndOffset(1);
            copy.produce(1, 1, 10);
            copy.commitAll();
            assertEquals(next + 1, copy.log.newPartitionReader().highWatermark(1));
            shard.maintain();
        }
        shard.log.truncate(0);
        assertEquals(-1, shard.log.lastEpoch());
        shard.lead(EPOCH + 1);
        assertEquals(0, shard.produce(0, 1, 10));
        shard.commitAll();
        assertEquals(List.of(0L), shard.readOffsets(0, 0));
        assertEquals(List.of(), shard.errors);
    }

    @Test
    void shouldBeginAtLeadersSegmentWhenReset() throws IOException {
        final TestShard leader = new TestShard(disk).open().lead(EPOCH);
        for (int i = 0; i < 100; i++) {
            leader.produce(0, 1, 300);
            leader.maintain();
        }
        leader.commitAll();
        leader.sync();
        leader.log.retain(0, 3000);
        leader.maintain();
        final long start = leader.log.startPosition();
        assertTrue(start > 0);
        final SimDisk followerDisk = new SimDisk(14);
        final TestShard follower = new TestShard(followerDisk).open().lead(1);
        follower.produce(0, 5, 50);
        follower.log.stopLeading();
        follower.follow(leader);
        assertEquals(start, follower.log.startPosition());
        assertArrayEquals(leader.bytes(), follower.bytes());
        follower.commitAll();
        final PartitionReader reader = follower.log.newPartitionReader();
        assertEquals(100, reader.highWatermark(0));
        assertEquals(reader.logStartOffset(0), follower.readOffsets(0, 0).get(0));
        follower.sync();
        followerDisk.crash();
        final TestShard again = new TestShard(followerDisk).open();
        assertArrayEquals(leader.bytes(), again.bytes());
    }
}
