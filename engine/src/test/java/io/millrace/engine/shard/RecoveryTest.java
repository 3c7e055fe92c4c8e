package io.millrace.engine.shard;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.engine.DurabilityProfile;
import io.millrace.engine.log.CorruptLogException;
import io.millrace.engine.sim.SimDisk;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecoveryTest {
    private static final int SEED_COUNT = Integer.getInteger("millrace.test.seeds", 200);
    private static final int EPOCH = 3;

    @Test
    void shouldKeepSyncedPrefixWhenPowerIsLostAtAnyMoment() throws IOException {
        long lostSectorCount = 0;
        long lostNameChangeCount = 0;
        long shortWriteCount = 0;
        long fullCount = 0;
        long tornCount = 0;
        for (int seed = 0; seed < SEED_COUNT; seed++) {
            final SimDisk disk = new SimDisk(seed);
            final CrashRun run = new CrashRun(disk, seed);
            try {
                run.run();
            } catch (final AssertionError | RuntimeException | IOException ex) {
                throw new AssertionError("seed=" + seed + ": " + ex.getMessage(), ex);
            }
            lostSectorCount += disk.lostSectorCount();
            lostNameChangeCount += disk.lostNameChangeCount();
            shortWriteCount += disk.shortWriteCount();
            fullCount += disk.fullCount();
            tornCount += run.tornCount;
        }
        // the faults did happen
        assertTrue(lostSectorCount > SEED_COUNT, "lostSectorCount=" + lostSectorCount);
        assertTrue(lostNameChangeCount > SEED_COUNT / 4, "lostNameChangeCount=" + lostNameChangeCount);
        assertTrue(shortWriteCount > SEED_COUNT, "shortWriteCount=" + shortWriteCount);
        assertTrue(fullCount > SEED_COUNT / 4, "fullCount=" + fullCount);
        assertTrue(tornCount > SEED_COUNT / 10, "tornCount=" + tornCount);
    }

    /** Random life of one log with crashes, against a model that is just its bytes. */
    private static final class CrashRun {
        private final SimDisk disk;
        private final SplittableRandom random;
        private final boolean isDurable;
        private byte[] model = {};
        private int modelStart;
        private TestShard shard;
        private int epoch;
        private int tornCount;

        CrashRun(final SimDisk disk, final int seed) {
            this.disk = disk;
            random = new SplittableRandom(seed);
            isDurable = random.nextBoolean();
            disk.shortWrites(random.nextInt(3) * 0.2);
        }

        void run() throws IOException {
            for (int life = 0; life < 4; life++) {
                open();
                for (int step = random.nextInt(60); step > 0; step--) {
                    step();
                }
                remember();
                final long synced = shard.log.marks().syncedAcquire();
                final boolean isPowerLost = random.nextInt(4) > 0;
                if (isPowerLost) {
                    disk.crash();
                } else {
                    disk.killProcess();
                }
                checkRecovered(isPowerLost ? synced : model.length);
            }
        }

        private void open() throws IOException {
            disk.capacity(SimDisk.NEVER);
            shard = new TestShard(disk);
            shard.profile = isDurable ? DurabilityProfile.DURABLE : DurabilityProfile.REPLICATED;
            shard.open();
            shard.lead(++epoch);
        }

        private void step() {
            final int kind = random.nextInt(20);
            if (kind < 12) {
                for (int i = random.nextInt(6); i >= 0; i--) {
                    shard.produce(random.nextInt(4), 1 + random.nextInt(4), random.nextInt(700));
                }
            } else if (kind < 15) {
                shard.sync();
            } else if (kind < 17) {
                shard.maintain();
            } else if (kind == 17) {
                shard.commitAll();
                shard.log.retain(random.nextInt(4), random.nextInt(6000));
                shard.log.retain(random.nextInt(4), random.nextInt(6000));
            } else if (kind == 18) {
                disk.capacity(random.nextBoolean() ? SimDisk.NEVER : disk.totalLength() + random.nextInt(4000));
            } else if (random.nextInt(3) == 0) {
                cut();
            }
        }

        private void cut() {
            shard.log.stopLeading();
            remember();
            final int start = (int) shard.log.startPosition();
            final List<Integer> frames = TestShard.frameIndexes(Arrays.copyOfRange(model, start, model.length));
            final int position = start + frames.get(random.nextInt(frames.size()));
            disk.capacity(SimDisk.NEVER);
            shard.log.truncate(position);
            assertFalse(shard.log.isOffline(), () -> "errors=" + shard.errors);
            assertEquals(position, shard.log.endPosition());
            remember();
            shard.lead(++epoch);
        }

        private void remember() {
            final int start = (int) shard.log.startPosition();
            modelStart = start;
            model = Arrays.copyOf(model, (int) shard.log.endPosition());
            final byte[] bytes = shard.bytes();
            System.arraycopy(bytes, 0, model, start, bytes.length);
        }

        private void checkRecovered(final long leastEnd) throws IOException {
            disk.capacity(SimDisk.NEVER);
            final TestShard recovered = new TestShard(disk).open();
            final int start = (int) recovered.log.startPosition();
            final int end = (int) recovered.log.endPosition();
            assertTrue(end >= leastEnd, "lost: end=" + end + " leastEnd=" + leastEnd + " written=" + model.length);
            if (end > model.length) {
                // a block that was refused may turn out to be there after all, whole, as after any crash
                final int writtenEnd = model.length;
                model = Arrays.copyOf(model, end);
                System.arraycopy(recovered.bytes(writtenEnd), 0, model, writtenEnd, end - writtenEnd);
            }
            // segments given back may return with a crash; the model has not seen all of them
            final int from = Math.max(start, modelStart);
            assertArrayEquals(Arrays.copyOfRange(model, from, end), recovered.bytes(from));
            assertEquals(List.of(), recovered.log.recoveryReport().quarantinedFiles());
            tornCount += recovered.log.recoveryReport().tornPosition() >= 0 ? 1 : 0;
            model = Arrays.copyOf(model, end);
            recovered.commitAll();
            for (int partitionId = 0; partitionId < 4; partitionId++) {
                checkPartition(recovered, partitionId);
            }
            // leave it without a clean end: what comes next opens the files again
            disk.killProcess();
        }

        private static void checkPartition(final TestShard recovered, final int partitionId) {
            final long start = recovered.log.newPartitionReader().logStartOffset(partitionId);
            final long end = recovered.log.newPartitionReader().logEndOffset(partitionId);
            if (start < end) {
                final List<Long> offsets = recovered.readOffsets(partitionId, start);
                assertTrue(offsets.get(0) <= start, "partition=" + partitionId + " start=" + start + " " + offsets);
                assertEquals(end, recovered.log.newPartitionReader().highWatermark(partitionId));
            }
        }
    }

    @Test
    void shouldEndBeforeTornFrameWhereverItIsTorn() throws IOException {
        final SimDisk disk = new SimDisk(5);
        final TestShard shard = new TestShard(disk).open().lead(EPOCH);
        shard.produce(0, 1, 30);
        shard.sync();
        shard.maintain();
        final int synced = (int) shard.log.endPosition();
        shard.produce(1, 2, 33);
        shard.produce(0, 1, 30);
        final byte[] bytes = shard.bytes();
        final List<Integer> frames = TestShard.frameIndexes(bytes);
        for (int cut = synced; cut <= bytes.length; cut++) {
            final SimDisk copy = disk.copy(cut);
            copy.open("00000000000000000000.log", false).truncate(cut);
            final TestShard recovered = new TestShard(copy).open();
            final int length = cut;
            final int expected = frames.stream().filter(at -> at <= length).mapToInt(at -> at).max().orElseThrow();
            assertEquals(expected, recovered.log.endPosition(), "cut=" + cut);
            assertEquals(expected == cut ? -1 : expected, recovered.log.recoveryReport().tornPosition());
            recovered.lead(EPOCH + 1);
            assertEquals(0, recovered.produce(1, 1, 10));
        }
    }

    @Test
    void shouldDetectEveryFlippedBitBehindSyncedMark() throws IOException {
        final SimDisk disk = new SimDisk(6);
        final TestShard shard = new TestShard(disk).open();
        shard.lead(EPOCH);
        final byte[] bytes = produceThree(shard);
        final List<Integer> frames = TestShard.frameIndexes(bytes);
        for (int i = 0; i < bytes.length; i++) {
            final SimDisk copy = disk.copy(i);
            copy.flipBit("00000000000000000000.log", i, i % 8);
            final TestShard recovered = new TestShard(copy).open();
            final int at = i;
            final int expected = frames.stream().filter(frame -> frame <= at).mapToInt(frame -> frame).max().orElse(0);
            // the salt in the first frame has nothing before it, but the frame's own CRC covers it
            assertEquals(expected, recovered.log.endPosition(), "byte " + i);
            assertTrue(TestShard.isPrefix(recovered.bytes(), bytes));
            if (i < 8 || i >= 16) { // the first frame is known by its position only
                assertEquals(expected, recovered.log.recoveryReport().tornPosition(), "byte " + i);
            }
        }
    }

    private static byte[] produceThree(final TestShard shard) {
        shard.produce(0, 1, 13);
        shard.produce(1, 2, 24);
        shard.produce(0, 1, 35);
        return shard.bytes();
    }

    @Test
    void shouldSetSegmentsAsideWhenDamagedBelowSyncedMark() throws IOException {
        final SimDisk disk = new SimDisk(7);
        final TestShard shard = new TestShard(disk).open().lead(EPOCH);
        final TestShard replica = new TestShard(new SimDisk(8)).open();
        fill(shard, 150);
        replica.follow(shard);
        shard.log.close();
        final List<String> logs = disk.list().stream().filter(name -> name.endsWith(".log")).toList();
        final String last = logs.get(logs.size() - 1);
        disk.flipBit(last, 3000, 2);

        final TestShard recovered = new TestShard(disk).open();
        assertEquals(List.of(last), recovered.log.recoveryReport().quarantinedFiles());
        assertTrue(disk.list().contains(last + ".quarantined"));
        assertEquals(Long.parseLong(last.substring(0, 20)), recovered.log.endPosition());
        assertTrue(recovered.log.recoveryReport().notes().toString().contains(last));
        recovered.follow(replica);
        assertArrayEquals(replica.bytes(), recovered.bytes());
    }

    @Test
    void shouldSetAllAsideFromDamagedOldSegmentOn() throws IOException {
        final SimDisk disk = new SimDisk(7);
        final TestShard shard = new TestShard(disk).open().lead(EPOCH);
        fill(shard, 150);
        shard.log.close();
        final List<String> logs = disk.list().stream().filter(name -> name.endsWith(".log")).toList();
        // an old segment is scanned again only when its index is not there
        disk.delete(logs.get(1).replace(".log", ".index"));
        disk.flipBit(logs.get(1), 3000, 2);
        final TestShard recovered = new TestShard(disk).open();
        assertEquals(logs.size() - 1, recovered.log.recoveryReport().quarantinedFiles().size());
        assertEquals(Long.parseLong(logs.get(1).substring(0, 20)), recovered.log.endPosition());
    }

    @Test
    void shouldNotTrustTheIndexOfAnOldSegmentThatIsTooShort() throws IOException {
        final SimDisk disk = new SimDisk(7);
        final TestShard shard = new TestShard(disk).open().lead(EPOCH);
        fill(shard, 150);
        shard.log.close();
        final List<String> logs = disk.list().stream().filter(name -> name.endsWith(".log")).toList();
        disk.open(logs.get(1), false).truncate(3_000);
        final TestShard recovered = new TestShard(disk).open();
        assertTrue(recovered.log.recoveryReport().quarantinedFiles().contains(logs.get(1)));
        assertEquals(Long.parseLong(logs.get(1).substring(0, 20)), recovered.log.endPosition());
    }

    @Test
    void shouldRefuseToOpenWhenDamagedAndNobodyElseHasTheBytes() throws IOException {
        final SimDisk disk = new SimDisk(7);
        final TestShard shard = new TestShard(disk).open().lead(EPOCH);
        fill(shard, 50);
        shard.log.close();
        final List<String> logs = disk.list().stream().filter(name -> name.endsWith(".log")).toList();
        final String last = logs.get(logs.size() - 1);
        disk.flipBit(last, 2000, 0);
        disk.list().stream().filter(name -> name.endsWith(".prepared")).forEach(disk::delete);
        final List<String> before = disk.list();
        final TestShard refused = new TestShard(disk);
        refused.isDamageRefused = true;
        final String message = assertThrows(CorruptLogException.class, refused::open).getMessage();
        assertTrue(message.contains(last) && message.contains("position=") && message.contains("restore"), message);
        assertEquals(before, disk.list());
        // a segment that is gone is no better
        disk.flipBit(last, 2000, 0);
        disk.rename(logs.get(0), "elsewhere");
        assertThrows(CorruptLogException.class, refused::open);
    }

    @ParameterizedTest
    @ValueSource(strings = {"missing", "damaged", "cut", "foreign"})
    void shouldBuildIndexAgainWhenItIs(final String fault) throws IOException {
        final SimDisk disk = new SimDisk(9);
        final TestShard shard = new TestShard(disk).open().lead(EPOCH);
        fill(shard, 100);
        shard.commitAll();
        final List<Long> expected = shard.readOffsets(1, 0);
        shard.log.close();
        final List<String> indexes = disk.list().stream().filter(name -> name.endsWith(".index")).toList();
        assertTrue(indexes.size() >= 3);
        final String victim = indexes.get(1);
        switch (fault) {
            case "missing" -> disk.delete(victim);
            case "damaged" -> disk.flipBit(victim, disk.bytes(victim).length - 5, 1);
            case "cut" -> disk.open(victim, false).truncate(100);
            default -> disk.rename(indexes.get(2), victim);
        }
        final TestShard recovered = new TestShard(disk).open();
        assertTrue(recovered.log.recoveryReport().rebuiltIndexCount() >= 1);
        recovered.commitAll();
        assertEquals(expected, recovered.readOffsets(1, 0));
        recovered.maintain();
        assertTrue(disk.list().contains(victim));
        assertEquals(expected, recovered.readOffsets(1, 0));
    }

    @Test
    void shouldTakeDamagedCheckpointForNone() throws IOException {
        final SimDisk disk = new SimDisk(10);
        final TestShard shard = new TestShard(disk).open().lead(EPOCH);
        fill(shard, 60);
        final byte[] bytes = shard.bytes();
        shard.log.close();
        disk.flipBit("checkpoint", 9, 1);
        final TestShard recovered = new TestShard(disk).open();
        assertArrayEquals(bytes, recovered.bytes());
        assertTrue(recovered.log.recoveryReport().notes().get(0).contains("checkpoint"));
    }

    private static void fill(final TestShard shard, final int count) {
        for (int i = 0; i < count; i++) {
            assertEquals(0, shard.produce(i % 3, 1, 300));
            shard.maintain();
        }
        shard.sync();
        shard.maintain();
    }
}
