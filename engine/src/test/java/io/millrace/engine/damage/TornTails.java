package io.millrace.engine.damage;

import io.millrace.engine.io.LogFile;
import io.millrace.engine.segment.SegmentNames;
import io.millrace.engine.sim.SimDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * The end of a log is cut at each byte of its last 10 KiB, and what lies behind the cut is gone, zero, garbage or stale
 * (of an older use of the file, of another shard, of another place of the same log, of another leader).
 *
 * <p>The right outcome follows from the bytes alone: the log ends behind the last whole frame that is as it was
 * written. If that is below the synced mark it is no torn tail, and opening is refused or the segment set aside.
 */
final class TornTails implements DamageCases {
    static final int TAIL_LENGTH = 10 * 1024;

    static final int CASES_PER_SAMPLE = 200;
    private static final int CUT_STEP = 7_919; // a prime: all cuts, far from each other
    private static final int LONG_SEGMENT_LENGTH = 32 * 1024;
    private static final int SHORT_SEGMENT_LENGTH = 12 * 1024;
    private static final int SYNCED_SAMPLE = 4;

    /** What lies behind the cut. */
    private enum Filling {
        NOTHING, ZEROS, GARBAGE, OLDER_USE_OF_FILE, OTHER_SHARD, OTHER_PLACE, OTHER_LEADER
    }

    private long sampleSeed = Long.MIN_VALUE;
    private SampleLog sample;
    private SampleLog otherShard;
    private SampleLog otherLeader;

    @Override
    public String run(final long seed, final long index) throws IOException {
        select(seed, index / CASES_PER_SAMPLE);
        final SplittableRandom random = new SplittableRandom(DamageCases.mix(seed, index));
        final Filling filling = Filling.values()[(int) (index % Filling.values().length)];
        final int lost = 1 + (int) (index * CUT_STEP % TAIL_LENGTH);
        // a sealed segment has no tail: what is wrong there is left to the flips
        final int scannedLength = sample.end - sample.bases[sample.firstScanned()];
        final int cut = sample.end - 1 - (lost - 1) % Math.min(TAIL_LENGTH, scannedLength);
        final int segment = sample.segmentAt(cut);
        final SimDisk disk = sample.disk(index);
        final boolean isRestLost = segment + 1 < sample.bases.length && random.nextBoolean();
        tear(disk, segment, cut, filling, random);
        for (int i = segment + 1; isRestLost && i < sample.bases.length; i++) {
            disk.delete(sample.file(i));
            disk.delete(SegmentNames.index(sample.bases[i]));
        }
        disk.syncDirectory();
        final int expected = expectedEnd(disk, segment, isRestLost);
        final String kind = filling.name().toLowerCase(Locale.ROOT);
        if (expected >= sample.synced) {
            checkCut(disk, expected, index);
            return kind + ": " + (expected == sample.end ? "nothing torn" : "cut exactly");
        }
        return kind + " below the synced mark: "
            + Outcomes.checkDamageBelowSynced(disk, sample, segment, expected, random.nextBoolean());
    }

    private void select(final long seed, final long number) {
        final long wanted = DamageCases.mix(seed, -1 - number);
        if (wanted != sampleSeed) {
            sampleSeed = wanted;
            // most samples: the whole tail is unsynced; some: its first half was synced
            final int tailLength = number % SYNCED_SAMPLE == SYNCED_SAMPLE - 1 ? TAIL_LENGTH / 2 : TAIL_LENGTH + 2_048;
            final int segmentLength = number % 2 == 0 ? LONG_SEGMENT_LENGTH : SHORT_SEGMENT_LENGTH;
            final SampleLog.Shape shape =
                new SampleLog.Shape(wanted, (int) wanted, segmentLength, tailLength, false);
            sample = SampleLog.of(shape);
            otherShard = SampleLog.of(shape.ofAnotherShard());
            otherLeader = SampleLog.of(shape.ofAnotherLeader());
            Check.equal(sample.end, otherShard.end, "twin's end");
            Check.equal(sample.synced, otherLeader.synced, "other leader's synced mark");
        }
    }

    private void tear(
        final SimDisk disk, final int segment, final int cut, final Filling filling, final SplittableRandom random)
        throws IOException {
        final int base = sample.bases[segment];
        final int fileOffset = cut - base;
        try (LogFile file = disk.open(sample.file(segment), false)) {
            final int length = Math.max(1, (int) file.length() - fileOffset);
            final byte[] filler = switch (filling) {
                case NOTHING -> new byte[0];
                case ZEROS -> new byte[length];
                case GARBAGE -> garbage(length, random);
                case OLDER_USE_OF_FILE -> piece(sample, olderBase(segment, random) + fileOffset, length);
                case OTHER_SHARD -> piece(otherShard, cut, length);
                case OTHER_PLACE -> otherPlace(cut, length, random);
                case OTHER_LEADER -> piece(otherLeader, Math.max(cut, forkEnd()), length);
                default -> throw new AssertionError(filling);
            };
            file.truncate(fileOffset);
            final ByteBuffer source = ByteBuffer.wrap(filler);
            while (source.hasRemaining()) {
                file.write(source, fileOffset + source.position());
            }
            file.sync();
        }
    }

    /** Up to here the other leader's frames continue ours. */
    private int forkEnd() {
        final int fork = sample.synced + Arrays.mismatch(
            Arrays.copyOfRange(sample.bytes, sample.synced, sample.end),
            Arrays.copyOfRange(otherLeader.bytes, sample.synced, sample.end));
        return sample.frames[Arrays.binarySearch(sample.frames, sample.frameAt(fork)) + 1];
    }

    private static byte[] garbage(final int length, final SplittableRandom random) {
        final byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) random.nextInt();
        }
        return bytes;
    }

    private int olderBase(final int segment, final SplittableRandom random) {
        return sample.bases[random.nextInt(Math.max(1, segment))];
    }

    /** Half of the time whole frames, put where a frame was about to begin. */
    private byte[] otherPlace(final int cut, final int length, final SplittableRandom random) {
        int from = sample.start + random.nextInt(sample.end - sample.start);
        if (random.nextBoolean()) {
            from = Math.max(sample.start, sample.frameAt(from) + (cut - sample.frameAt(cut)));
        }
        return from == cut ? new byte[length] : piece(sample, from, length);
    }

    private static byte[] piece(final SampleLog from, final int position, final int length) {
        final byte[] piece = new byte[length];
        final int begin = Math.min(position, from.bytes.length);
        System.arraycopy(from.bytes, begin, piece, 0, Math.min(length, from.bytes.length - begin));
        return piece;
    }

    /** Behind the last whole frame that is as it was written; found by comparing bytes, not by checking frames. */
    private int expectedEnd(final SimDisk disk, final int tornSegment, final boolean isRestLost) {
        final int base = sample.bases[tornSegment];
        final int segmentEnd = sample.segmentEnd(tornSegment);
        final byte[] now = disk.bytes(sample.file(tornSegment));
        int same = 0;
        while (same < now.length && base + same < segmentEnd && now[same] == sample.bytes[base + same]) {
            same++;
        }
        if (base + same == segmentEnd) {
            return isRestLost ? segmentEnd : sample.end;
        }
        return sample.frameAt(base + same);
    }

    private void checkCut(final SimDisk disk, final int expected, final long index) throws IOException {
        final OpenedLog opened = OpenedLog.open(disk, sample.shape, index % 2 == 0);
        Check.equal(expected, opened.end(), "end");
        Check.equal(sample.start, opened.start(), "start");
        Check.equal(List.of(), opened.report.quarantinedFiles(), "set aside");
        opened.requireBytesOf(sample.bytes);
        final OpenedLog.Received received = opened.readAll(sample.batches);
        Check.equal(0, received.refusedCount(), "refused batches");
        if (index % 4 == 0) {
            GoOn.afterRecovery(disk, sample, expected);
        }
    }
}
