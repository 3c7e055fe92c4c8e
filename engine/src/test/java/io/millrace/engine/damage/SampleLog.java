package io.millrace.engine.damage;

import io.millrace.engine.DurabilityProfile;
import io.millrace.engine.format.BatchDescriptor;
import io.millrace.engine.format.FrameDescriptor;
import io.millrace.engine.segment.SegmentNames;
import io.millrace.engine.sim.SimDisk;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A log as a killed process leaves it, made from a seed, and all that there is to know about it: the oracle of the
 * damage cases. Immutable; cases work on copies of the disk.
 */
final class SampleLog {
    static final int PARTITION_COUNT = 4;

    /** One batch as it was written. */
    record Batch(int partitionId, long baseOffset, long nextOffset, int position, byte[] bytes) {
        int endPosition() {
            return position + FrameDescriptor.alignedLength(FrameDescriptor.HEADER_LENGTH + bytes.length);
        }
    }

    /**
     * What a sample looks like.
     *
     * @param seed          decides every size
     * @param salt          of the log
     * @param segmentLength of its segments
     * @param tailLength    bytes behind the synced mark, at least
     * @param isVariedTail  whether the batches behind the synced mark have other bytes than the seed says, as if
     *                      another leader had written them
     */
    record Shape(long seed, int salt, int segmentLength, int tailLength, boolean isVariedTail) {
        Shape ofAnotherShard() {
            return new Shape(seed, salt + 1, segmentLength, tailLength, isVariedTail);
        }

        Shape ofAnotherLeader() {
            return new Shape(seed, salt, segmentLength, tailLength, !isVariedTail);
        }
    }

    final Shape shape;
    final DurabilityProfile profile;
    /** Bytes of the log at their positions; what was given back before the start is zero. */
    final byte[] bytes;
    final int start;
    final int end;
    final int synced;
    /** Where frames begin, and the end. */
    final int[] frames;
    final int[] bases;
    /** Batches of each partition by base offset. */
    final List<TreeMap<Long, Batch>> batches = new ArrayList<>();
    private final SimDisk disk;

    private SampleLog(final Shape shape) throws IOException {
        this.shape = shape;
        final SplittableRandom random = new SplittableRandom(shape.seed());
        profile = random.nextBoolean() ? DurabilityProfile.DURABLE : DurabilityProfile.REPLICATED;
        final SimDisk written = new SimDisk(shape.seed());
        final SampleWriter writer = new SampleWriter(written, profile, shape.segmentLength(), shape.salt());
        synced = write(writer, random);
        start = (int) writer.log.startPosition();
        end = (int) writer.log.endPosition();
        bytes = new byte[end];
        System.arraycopy(writer.bytes(), 0, bytes, start, end - start);
        disk = written.copy(shape.seed());
        for (final String name : disk.list()) {
            if (name.endsWith(SegmentNames.PREPARED_SUFFIX)) {
                disk.delete(name); // so that a refused opening can be seen to change nothing
            }
        }
        disk.syncDirectory();
        bases = disk.list().stream().mapToInt(name -> (int) SegmentNames.basePosition(name, SegmentNames.LOG_SUFFIX))
            .filter(base -> base >= start).sorted().toArray();
        for (final String name : disk.list()) {
            final long base = SegmentNames.basePosition(name, SegmentNames.LOG_SUFFIX);
            if (base >= 0 && base < start) {
                throw new IOException("sample with a segment that was given back: " + name);
            }
        }
        frames = findFrames();
    }

    private SampleLog(final Shape shape, final DurabilityProfile profile, final byte[] bytes, final int start) {
        this.shape = shape;
        this.profile = profile;
        this.bytes = bytes;
        this.start = start;
        end = bytes.length;
        synced = end;
        bases = new int[0];
        disk = null;
        frames = findFrames();
    }

    /** {@return what there is to know of a log's bytes; without files} */
    static SampleLog ofBytes(
        final Shape shape, final DurabilityProfile profile, final byte[] bytes, final int start) {
        return new SampleLog(shape, profile, bytes, start);
    }

    static SampleLog of(final Shape shape) {
        try {
            return new SampleLog(shape);
        } catch (final IOException ex) {
            throw new AssertionError("no sample from " + shape + ": " + ex, ex);
        }
    }

    /** {@return a disk of its own with the sample's files, all durable} */
    SimDisk disk(final long seed) {
        return disk.copy(seed);
    }

    /** {@return the synced mark} */
    private int write(final SampleWriter writer, final SplittableRandom random) throws IOException {
        int epoch = 1 + random.nextInt(3);
        long tag = shape.seed() & 0xffff_ffffL;
        final boolean isRecycled = random.nextInt(3) == 0;
        final int fullLength = shape.segmentLength() * (isRecycled ? 5 : 2) + random.nextInt(shape.segmentLength());
        writer.lead(epoch);
        while (writer.log.endPosition() < fullLength) {
            if (random.nextInt(60) == 0) {
                writer.log.stopLeading();
                epoch += 1 + random.nextInt(2);
                writer.lead(epoch);
            }
            write(writer, random, ++tag, 700);
            if (random.nextInt(4) == 0) {
                writer.maintain();
            }
            if (isRecycled && random.nextInt(8) == 0) {
                writer.commitAll();
                writer.sync();
                for (int i = 0; i < PARTITION_COUNT; i++) {
                    writer.log.retain(i, shape.segmentLength() / 2);
                }
                writer.maintain();
            }
        }
        writer.sync();
        writer.checkpoint();
        final int mark = (int) writer.log.marks().syncedAcquire();
        tag += shape.isVariedTail() ? 1_000_000 : 0;
        while (writer.log.endPosition() < mark + shape.tailLength()) {
            if (random.nextInt(60) == 0) {
                writer.log.stopLeading();
                writer.lead(++epoch);
            }
            write(writer, random, ++tag, random.nextInt(4) == 0 ? 1_400 : 300);
        }
        if (!writer.errors.isEmpty() || mark != writer.log.marks().syncedAcquire()) {
            throw new IOException("sample went wrong: errors=" + writer.errors);
        }
        return mark;
    }

    private static void write(
        final SampleWriter writer, final SplittableRandom random, final long tag, final int maxLength)
        throws IOException {
        writer.offer(random.nextInt(PARTITION_COUNT), 1 + random.nextInt(3), 1 + random.nextInt(maxLength), tag);
        if (!writer.drain()) {
            throw new IOException("batch refused: errors=" + writer.errors);
        }
    }

    private int[] findFrames() {
        for (int i = 0; i < PARTITION_COUNT; i++) {
            batches.add(new TreeMap<>());
        }
        final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        final List<Integer> found = new ArrayList<>();
        int at = start;
        while (at < end) {
            found.add(at);
            final int length = FrameDescriptor.length(buffer, at);
            if (FrameDescriptor.type(buffer, at) == FrameDescriptor.TYPE_BATCH) {
                final int batch = at + FrameDescriptor.HEADER_LENGTH;
                final int partitionId = FrameDescriptor.partitionId(buffer, at);
                final long baseOffset = BatchDescriptor.baseOffset(buffer, batch);
                batches.get(partitionId).put(baseOffset, new Batch(partitionId, baseOffset,
                    BatchDescriptor.nextOffset(buffer, batch), at, Arrays.copyOfRange(bytes, batch, at + length)));
            }
            at += FrameDescriptor.alignedLength(length);
        }
        found.add(end);
        return found.stream().mapToInt(i -> i).toArray();
    }

    /** {@return the largest frame boundary at or below a position} */
    int frameAt(final int position) {
        final int i = Arrays.binarySearch(frames, position);
        return i >= 0 ? frames[i] : frames[-i - 2];
    }

    /** {@return index in {@link #bases} of the segment that holds a position below the end} */
    int segmentAt(final int position) {
        final int i = Arrays.binarySearch(bases, position);
        return i >= 0 ? i : -i - 2;
    }

    /** {@return end of a segment's frames} */
    int segmentEnd(final int segment) {
        return segment + 1 < bases.length ? bases[segment + 1] : end;
    }

    /** {@return index of the segment from which on recovery reads everything} */
    int firstScanned() {
        return firstSynced() - unsealedCount();
    }

    private int firstSynced() {
        return segmentAt(Math.min(synced, end - 1));
    }

    /** {@return segments that recovery would trust if they had an index already: rolled after the last maintenance} */
    int unsealedCount() {
        int count = 0;
        while (count < firstSynced()
            && !disk.list().contains(SegmentNames.index(bases[firstSynced() - count - 1]))) {
            count++;
        }
        return count;
    }

    /** {@return name of a segment's file} */
    String file(final int segment) {
        return SegmentNames.log(bases[segment]);
    }
}
