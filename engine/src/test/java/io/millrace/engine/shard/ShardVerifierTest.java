package io.millrace.engine.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.engine.io.LogFile;
import io.millrace.engine.log.Finding;
import io.millrace.engine.log.ShardVerifier;
import io.millrace.engine.log.VerifyTotals;
import io.millrace.engine.sim.SimDisk;
import io.millrace.engine.state.ShardState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ShardVerifierTest {
    private static final int FLIP_STRIDE = Integer.getInteger("millrace.test.flipStride", 5);

    private static final String FIRST_SEGMENT = "00000000000000000000.log";

    /** What a verification found. */
    private static final class Verification implements ShardVerifier.Listener {
        final List<Finding> findings = new ArrayList<>();
        final List<String> notes = new ArrayList<>();
        final VerifyTotals totals;

        Verification(final SimDisk disk, final boolean isLive) throws IOException {
            totals = new ShardVerifier(disk, ShardState::new, this, isLive).run();
            assertEquals(findings.size(), totals.findingCount());
        }

        @Override
        public void onFinding(final Finding finding) {
            findings.add(finding);
        }

        @Override
        public void onNote(final String note) {
            notes.add(note);
        }

        @Override
        public boolean onProgress(final long doneLength, final long totalLength) {
            assertTrue(doneLength >= 0 && totalLength >= 0);
            return true;
        }
    }

    private static SimDisk closedLog(final int segmentCount) throws IOException {
        final SimDisk disk = new SimDisk(3);
        final TestShard shard = new TestShard(disk).open().lead(1);
        fill(shard, segmentCount, 11);
        shard.log.stopLeading();
        shard.lead(4);
        fill(shard, segmentCount + 1, 12);
        shard.sync();
        shard.maintain();
        shard.log.close();
        return disk;
    }

    private static void fill(final TestShard shard, final int segmentCount, final long seed) {
        final SplittableRandom random = new SplittableRandom(seed);
        while (shard.log.endPosition() < (long) segmentCount * TestShard.SEGMENT_LENGTH) {
            assertEquals(0, shard.produce(random.nextInt(3), 1 + random.nextInt(4), random.nextInt(900)));
        }
    }

    @Test
    void shouldFindNothingWhenALogIsSound() throws IOException {
        final Verification verification = new Verification(closedLog(6), false);
        assertEquals(List.of(), verification.findings);
        assertEquals(List.of(), verification.notes);
        assertTrue(verification.totals.segmentCount() >= 6, "segments=" + verification.totals.segmentCount());
        assertTrue(verification.totals.batchCount() > 50 && verification.totals.recordCount() > 100);
    }

    @Test
    void shouldFindNothingWhenProducersComeAndGoThroughCrashes() throws IOException {
        for (int seed = 0; seed < 20; seed++) {
            final SimDisk disk = new SimDisk(seed);
            final ShardRig rig = new ShardRig(disk, io.millrace.engine.DurabilityProfile.REPLICATED, seed);
            final java.util.Random random = new java.util.Random(seed);
            final Producers producers = new Producers(random);
            for (int life = 1; life <= 3; life++) {
                rig.open();
                rig.log.startLeading(life);
                for (int i = 0; i < 300; i++) {
                    producers.offerSomething(rig);
                    rig.work();
                }
                if (life == 2) {
                    rig.log.deletePartition(1);
                }
                rig.log.commit(rig.log.endPosition());
                rig.log.retain(0, 20_000);
                if (seed % 2 == 0) {
                    rig.log.close();
                }
                disk.killProcess();
                producers.replaceAll();
            }
            final Verification verification = new Verification(disk, false);
            assertEquals(List.of(), verification.findings, "seed=" + seed);
            assertTrue(verification.totals.batchCount() > 100, "seed=" + seed);
        }
    }

    @Test
    void shouldFindEachFlipWhereverItIs() throws IOException {
        final SimDisk sound = closedLog(3);
        final SplittableRandom random = new SplittableRandom(1);
        final long end = new Verification(sound, false).totals.verifiedLength();
        int flipCount = 0;
        for (final String name : sound.list()) {
            final long length = length(sound, name);
            for (long at = random.nextInt(FLIP_STRIDE); at < length; at += FLIP_STRIDE) {
                final SimDisk damaged = sound.copy(1);
                flip(damaged, name, at, 1 << random.nextInt(8));
                final Verification verification = new Verification(damaged, false);
                final boolean isUsed = !name.endsWith(".log")
                    || Long.parseLong(name.substring(0, 20)) + at < Math.min(end, endOf(sound, name));
                assertEquals(isUsed, !verification.findings.isEmpty(), "file=" + name + " byte=" + at + " findings="
                    + verification.findings);
                flipCount++;
            }
        }
        assertTrue(flipCount > 2_000, "flipCount=" + flipCount);
    }

    private static long endOf(final SimDisk disk, final String segment) throws IOException {
        return disk.list().stream().filter(name -> name.endsWith(".log") && name.compareTo(segment) > 0)
            .mapToLong(name -> Long.parseLong(name.substring(0, 20))).min().orElse(Long.MAX_VALUE);
    }

    @Test
    void shouldNameOneFindingAndGoOnWhenOneByteFlips() throws IOException {
        final SimDisk disk = closedLog(4);
        final VerifyTotals sound = new Verification(disk, false).totals;
        flip(disk, FIRST_SEGMENT, 3_000, 4);
        final Verification verification = new Verification(disk, false);
        assertTrue(verification.findings.size() <= 2, verification.findings.toString());
        assertEquals(Finding.Kind.SEGMENT, verification.findings.get(0).kind());
        assertEquals(FIRST_SEGMENT, verification.findings.get(0).file());
        assertFalse(verification.findings.get(0).found().isEmpty());
        // all but the frame with the flipped byte
        assertEquals(sound.frameCount() - 1, verification.totals.frameCount());
        assertTrue(verification.totals.unreadableLength() > 0);
    }

    @Test
    void shouldFindAMissingSegment() throws IOException {
        final SimDisk disk = closedLog(4);
        final List<String> segments = disk.list().stream().filter(name -> name.endsWith(".log")).toList();
        disk.delete(segments.get(1));
        assertFalse(new Verification(disk, false).findings.isEmpty());
        final SimDisk headless = closedLog(4);
        headless.delete(segments.get(0));
        assertFalse(new Verification(headless, false).findings.isEmpty());
        final SimDisk endless = closedLog(4);
        endless.delete(segments.get(segments.size() - 1));
        assertFalse(new Verification(endless, false).findings.isEmpty());
    }

    @Test
    void shouldNoteATornTailWhenItIsBehindTheSyncedMark() throws IOException {
        final SimDisk disk = new SimDisk(3);
        final TestShard shard = new TestShard(disk).open().lead(1);
        fill(shard, 2, 5);
        shard.sync();
        shard.maintain();
        shard.produce(0, 1, 100);
        final long position = shard.log.endPosition();
        shard.produce(0, 1, 100);
        disk.killProcess();
        final String last = lastSegment(disk);
        flip(disk, last, position + 60 - Long.parseLong(last.substring(0, 20)), 1);
        final Verification verification = new Verification(disk, false);
        assertEquals(List.of(), verification.findings);
        assertTrue(verification.notes.stream().anyMatch(note -> note.contains("position=" + position)),
            verification.notes.toString());
    }

    @Test
    void shouldLeaveOutTheLastSegmentWhenANodeMayWriteIt() throws IOException {
        final SimDisk disk = closedLog(3);
        final String last = lastSegment(disk);
        flip(disk, last, 40, 1);
        assertEquals(List.of(), new Verification(disk, true).findings);
        flip(disk, FIRST_SEGMENT, 1_000, 1);
        assertFalse(new Verification(disk, true).findings.isEmpty());
    }

    private static String lastSegment(final SimDisk disk) throws IOException {
        return disk.list().stream().filter(name -> name.endsWith(".log")).reduce((a, b) -> b).orElseThrow();
    }

    private static long length(final SimDisk disk, final String name) throws IOException {
        try (LogFile file = disk.open(name, false)) {
            return file.length();
        }
    }

    private static void flip(final SimDisk disk, final String name, final long at, final int bits) throws IOException {
        try (LogFile file = disk.open(name, false)) {
            final ByteBuffer one = ByteBuffer.allocate(1);
            file.read(one, at);
            file.write(ByteBuffer.wrap(new byte[] {(byte) (one.get(0) ^ bits)}), at);
        }
    }
}
