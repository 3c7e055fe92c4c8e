package io.millrace.engine.shard;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.engine.PartitionReader;
import io.millrace.engine.ShardLog;
import io.millrace.engine.io.LogFile;
import io.millrace.engine.log.Finding;
import io.millrace.engine.log.LogScrub;
import io.millrace.engine.log.SegmentRepair;
import io.millrace.engine.segment.SegmentNames;
import io.millrace.engine.sim.SimDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A scrub beside a log that goes on, on a simulated disk. */
class LogScrubTest implements LogScrub.Listener {
    private static final int STEP_LENGTH = 3_000;

    private final List<Finding> findings = new ArrayList<>();
    private final List<Long> quarantined = new ArrayList<>();
    private final List<Long> mended = new ArrayList<>();
    private int checkedCount;
    private int replacedCount;
    private SimDisk disk;
    private TestShard shard;
    private LogScrub scrub;
    private byte[] bytes;
    private List<Long> bases;

    @BeforeEach
    void write() throws IOException {
        disk = new SimDisk(9);
        shard = new TestShard(disk).open().lead(1);
        final SplittableRandom random = new SplittableRandom(4);
        while (shard.log.endPosition() < 5L * TestShard.SEGMENT_LENGTH) {
            shard.produce(random.nextInt(2), 1 + random.nextInt(3), random.nextInt(600));
        }
        shard.commitAll();
        shard.sync();
        shard.maintain();
        bytes = shard.bytes();
        bases = disk.list().stream().filter(name -> name.endsWith(".log"))
            .map(name -> Long.parseLong(name.substring(0, 20))).toList();
        scrub = shard.log.newScrub(this);
    }

    @Override
    public void onFinding(final Finding finding) {
        findings.add(finding);
    }

    @Override
    public void onChecked(final long basePosition, final long endPosition) {
        checkedCount++;
    }

    @Override
    public void onQuarantined(final long basePosition, final long endPosition, final Finding finding) {
        quarantined.add(basePosition);
    }

    @Override
    public void onMended(final long basePosition, final boolean isReplaced) {
        mended.add(basePosition);
        replacedCount += isReplaced ? 1 : 0;
    }

    private void pass() throws IOException {
        scrub.beginPass(1_000);
        finishPass();
    }

    private void finishPass() throws IOException {
        int guard = 0;
        while (scrub.step(STEP_LENGTH) > 0) {
            assertTrue(guard++ < 10_000);
        }
        assertFalse(scrub.isPassing());
    }

    private void flip(final String name, final long at) throws IOException {
        try (LogFile file = disk.open(name, false)) {
            final ByteBuffer one = ByteBuffer.allocate(1);
            file.read(one, at);
            file.write(ByteBuffer.wrap(new byte[] {(byte) (one.get(0) ^ 8)}), at);
            file.sync();
        }
    }

    private void repair(final int segment) throws IOException {
        final SegmentRepair repair = scrub.beginRepair(bases.get(segment));
        assertNotNull(repair);
        assertEquals(bases.get(segment), repair.nextPosition());
        while (repair.nextPosition() < repair.endPosition()) {
            final int from = (int) repair.nextPosition();
            repair.write(ByteBuffer.wrap(bytes, from, (int) Math.min(1_000, repair.endPosition() - from)));
        }
        while (!repair.verify(STEP_LENGTH)) {
            continue;
        }
        assertNull(repair.finding());
        assertTrue(repair.install());
        repair.close();
    }

    private void reopen() throws IOException {
        disk.killProcess();
        shard = new TestShard(disk);
        shard.isDamageRefused = true;
        shard.open();
        shard.commitAll();
        shard.maintain();
        scrub = shard.log.newScrub(this);
    }

    @Test
    void shouldCheckEverySealedSegmentAndRememberHowFarItCame() throws IOException {
        pass();
        assertEquals(bases.size() - 1, checkedCount);
        assertEquals(List.of(), findings);
        checkedCount = 0;
        scrub.beginPass(2_000);
        while (checkedCount < 2) {
            scrub.step(STEP_LENGTH);
        }
        reopen();
        assertTrue(scrub.isPassing());
        assertEquals(2_000, scrub.passStartedMs());
        finishPass();
        assertEquals(bases.size() - 1, checkedCount, "the first two were checked before the restart");
        assertEquals(List.of(), shard.errors);
    }

    @Test
    void shouldServeNothingOfADamagedSegmentUntilItIsReplaced() throws IOException {
        final List<Long> offsets = shard.readOffsets(0, 0);
        flip(SegmentNames.log(bases.get(2)), 4_000);
        pass();
        assertEquals(List.of(bases.get(2)), quarantined);
        assertEquals(bases.get(2), scrub.quarantinedBase(0));
        requireUnserved(2);
        assertTrue(shard.readOffsets(0, 0).size() < offsets.size());

        // writing goes on, and a start keeps it from being served
        reopen();
        shard.lead(2);
        assertEquals(0, shard.produce(0, 1, 50));
        requireUnserved(2);
        pass();
        assertEquals(List.of(bases.get(2)), quarantined, "known already");
        repair(2);
        assertEquals(List.of(bases.get(2)), mended);
        assertEquals(-1, scrub.quarantinedBase(0));
        shard.commitAll();
        assertEquals(offsets, shard.readOffsets(0, 0).subList(0, offsets.size()));
        assertArrayEquals(bytes, Arrays.copyOf(shard.bytes(), bytes.length));
        shard.maintain();
        assertTrue(disk.list().contains(SegmentNames.log(bases.get(2)) + ".quarantined"));
        assertFalse(disk.list().contains(SegmentNames.quarantine(bases.get(2))));
        reopen();
        assertArrayEquals(bytes, Arrays.copyOf(shard.bytes(), bytes.length));
        assertEquals(List.of(), shard.errors);
    }

    private void requireUnserved(final int segment) {
        assertEquals(ShardLog.STORAGE_ERROR, shard.log.read(bases.get(segment), ByteBuffer.allocate(100)));
        final PartitionReader reader = shard.log.newPartitionReader();
        final long[] next = {0};
        int read;
        do {
            read = reader.read(0, next[0], 1_000, (file, fileOffset, length, baseOffset, nextOffset) -> {
                TestShard.checkBatch(file, fileOffset, length, baseOffset);
                next[0] = nextOffset;
                return true;
            });
        } while (read > 0);
        reader.release();
        assertEquals(PartitionReader.DAMAGED, read, "offset=" + next[0]);
    }

    @Test
    void shouldCheckASegmentAtOnceWhenAReaderMeetsDamage() throws IOException {
        pass();
        checkedCount = 0;
        flip(SegmentNames.log(bases.get(1)) , 10); // the state frame's position field: only a check sees it
        shard.log.suspect(bases.get(1) + 500);
        assertTrue(scrub.hasSuspect());
        while (scrub.step(STEP_LENGTH) > 0) {
            continue;
        }
        assertEquals(List.of(bases.get(1)), quarantined);
        assertEquals(1, checkedCount);
        assertFalse(scrub.hasSuspect());
        shard.log.suspect(shard.log.endPosition() - 1);
        assertFalse(scrub.hasSuspect(), "where it is written to there is nothing to check");
    }

    @Test
    void shouldBuildAnIndexAgainWhenItIsDamaged() throws IOException {
        final List<Long> offsets = shard.readOffsets(1, 0);
        flip(SegmentNames.index(bases.get(1)), 140);
        pass();
        assertEquals(1, findings.size(), findings::toString);
        assertEquals(Finding.Kind.INDEX, findings.get(0).kind());
        assertEquals(List.of(), quarantined);
        shard.maintain();
        assertEquals(offsets, shard.readOffsets(1, 0));
        findings.clear();
        pass();
        assertEquals(List.of(), findings);
    }

    @Test
    void shouldBuildAnIndexAgainWhenOnlyItsFileIsDamaged() throws IOException {
        flip(SegmentNames.index(bases.get(1)), 50); // among the partitions, which the log holds in memory
        pass();
        assertEquals(1, findings.size(), findings::toString);
        findings.clear();
        pass();
        assertEquals(List.of(), findings);
    }

    @Test
    void shouldRefuseWrongBytesAndKeepTheQuarantine() throws IOException {
        flip(SegmentNames.log(bases.get(1)), 4_000);
        pass();
        final SegmentRepair repair = scrub.beginRepair(bases.get(1));
        final byte[] wrong = Arrays.copyOfRange(bytes, (int) repair.basePosition(), (int) repair.endPosition());
        wrong[wrong.length - 20] ^= 1;
        repair.write(ByteBuffer.wrap(wrong));
        while (!repair.verify(STEP_LENGTH)) {
            continue;
        }
        assertNotNull(repair.finding());
        repair.close();
        assertEquals(bases.get(1), scrub.quarantinedBase(0));
        requireUnserved(1);
        assertFalse(disk.list().stream().anyMatch(name -> name.endsWith(".tmp")));
    }

    @Test
    void shouldLiftTheQuarantineWhenAnOperatorPutTheFileRight() throws IOException {
        flip(SegmentNames.log(bases.get(1)), 4_000);
        pass();
        disk.killProcess();
        flip(SegmentNames.log(bases.get(1)), 4_000);
        reopen();
        requireUnserved(1);
        assertNull(scrub.beginRepair(bases.get(1)));
        assertEquals(List.of(bases.get(1)), mended);
        assertEquals(0, replacedCount);
        assertArrayEquals(bytes, Arrays.copyOf(shard.bytes(), bytes.length));
    }

    @Test
    void shouldFinishARepairWhenTheProcessDiesBetweenItsRenames() throws IOException {
        flip(SegmentNames.log(bases.get(1)), 4_000);
        pass();
        final String name = SegmentNames.log(bases.get(1));
        final int base = bases.get(1).intValue();
        try (LogFile file = disk.open(name + SegmentNames.REPAIRED_SUFFIX, true)) {
            file.write(ByteBuffer.wrap(bytes, base, bases.get(2).intValue() - base), 0);
            file.sync();
        }
        disk.rename(name, name + SegmentNames.QUARANTINED_SUFFIX);
        disk.syncDirectory();
        reopen();
        assertNull(scrub.beginRepair(bases.get(1)));
        assertArrayEquals(bytes, Arrays.copyOf(shard.bytes(), bytes.length));
    }

    @Test
    void shouldCutBeforeASegmentInQuarantine() throws IOException {
        flip(SegmentNames.log(bases.get(2)), 4_000);
        pass();
        shard.log.stopLeading();
        shard.log.truncate(bases.get(2) + frameLength(bases.get(2).intValue()));
        assertEquals(bases.get(2), shard.log.endPosition());
        assertEquals(-1, scrub.quarantinedBase(0));
        assertFalse(disk.list().contains(SegmentNames.quarantine(bases.get(2))));
        assertEquals(List.of(), shard.errors);
        shard.lead(7);
        assertEquals(0, shard.produce(0, 1, 50));
    }

    private int frameLength(final int position) {
        return TestShard.frameIndexes(Arrays.copyOfRange(bytes, position, bytes.length)).get(1);
    }

    @Test
    void shouldGiveCopiesOnlyOfSoundSegments() throws IOException {
        flip(SegmentNames.log(bases.get(2)), 4_000);
        assertEquals(LogScrub.COPY_DAMAGED, openCopy(bases.get(2), bases.get(3)));
        assertEquals(List.of(bases.get(2)), quarantined);
        assertEquals(LogScrub.COPY_UNKNOWN, openCopy(bases.get(1), bases.get(1) + 8));
        assertEquals(LogScrub.COPY_UNKNOWN, openCopy(bases.get(bases.size() - 1), shard.log.endPosition()));
        assertEquals(LogScrub.COPY_READY, openCopy(bases.get(1), bases.get(2)));
        final ByteBuffer copy = ByteBuffer.allocate(500);
        assertTrue(scrub.readCopy(bases.get(1) + 100, copy));
        assertArrayEquals(Arrays.copyOfRange(bytes, bases.get(1).intValue() + 100, bases.get(1).intValue() + 600),
            copy.array());
        assertFalse(scrub.readCopy(bases.get(2) - 10, ByteBuffer.allocate(11)));
        scrub.closeCopy();
        assertFalse(scrub.readCopy(bases.get(1), ByteBuffer.allocate(1)));
    }

    private int openCopy(final long base, final long end) throws IOException {
        int result;
        do {
            result = scrub.openCopy(base, end, STEP_LENGTH);
        } while (result == LogScrub.COPY_PENDING);
        return result;
    }
}
