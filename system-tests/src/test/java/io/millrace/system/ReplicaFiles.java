package io.millrace.system;

import io.millrace.engine.format.BatchDescriptor;
import io.millrace.engine.format.Checksums;
import io.millrace.engine.format.FrameDescriptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Reads shard logs of brokers that are down, frame by frame, with nothing but the format: an oracle for the engine's
 * own recovery. Checks chain, positions and every checksum on the way.
 */
public final class ReplicaFiles {
    private static final int BLOCK_LENGTH = 1 << 20;

    private ReplicaFiles() {
    }

    /**
     * One replica's log.
     *
     * @param startPosition of its first segment
     * @param endPosition   after its last whole frame
     * @param batchesEnd    after its last batch: behind it may be the beginnings of epochs that others have not seen
     * @param segments      files by base position
     */
    public record Replica(long startPosition, long endPosition, long batchesEnd, TreeMap<Long, Path> segments) {
    }

    /**
     * {@return the directories below a data directory that hold segments, relative to it}
     *
     * @param data of a node
     * @throws IOException when it cannot be read
     */
    public static List<Path> shards(final Path data) throws IOException {
        try (Stream<Path> files = Files.walk(data)) {
            return files.filter(ReplicaFiles::isSegment).map(file -> data.relativize(file.getParent()))
                .distinct().sorted().toList();
        }
    }

    private static boolean isSegment(final Path file) {
        return file.getFileName().toString().matches("\\d{20}\\.log");
    }

    /**
     * {@return one replica's log, read up to its last whole frame}
     *
     * @param shard directory with segments
     * @throws IOException when it cannot be read
     */
    public static Replica read(final Path shard) throws IOException {
        final TreeMap<Long, Path> segments = new TreeMap<>();
        try (Stream<Path> files = Files.list(shard)) {
            files.filter(ReplicaFiles::isSegment).forEach(
                file -> segments.put(Long.parseLong(file.getFileName().toString().substring(0, 20)), file));
        }
        if (segments.isEmpty()) {
            throw new AssertionError("no segment in " + shard);
        }
        long position = segments.firstKey();
        long batchesEnd = position;
        Integer previousCrc = null;
        final Checksums checksums = new Checksums();
        while (segments.containsKey(position)) {
            final Path file = segments.get(position);
            final UnsafeBuffer buffer = new UnsafeBuffer(ByteBuffer.wrap(Files.readAllBytes(file)));
            final long base = position;
            int index = 0;
            while (isFrame(buffer, index, position, previousCrc, checksums)) {
                previousCrc = FrameDescriptor.headerCrc(buffer, index);
                final boolean isBatch = FrameDescriptor.type(buffer, index) == FrameDescriptor.TYPE_BATCH;
                index += FrameDescriptor.alignedLength(FrameDescriptor.length(buffer, index));
                position = base + index;
                batchesEnd = isBatch ? position : batchesEnd;
            }
            if (index == 0) {
                break;
            }
        }
        return new Replica(segments.firstKey(), position, batchesEnd, segments);
    }

    private static boolean isFrame(final UnsafeBuffer buffer, final int index, final long position,
        final Integer previousCrc, final Checksums checksums) {
        if (index + FrameDescriptor.HEADER_LENGTH > buffer.capacity()) {
            return false;
        }
        final int length = FrameDescriptor.length(buffer, index);
        final int type = FrameDescriptor.type(buffer, index);
        final boolean isBatch = type == FrameDescriptor.TYPE_BATCH;
        final int shortest = isBatch ? FrameDescriptor.MIN_BATCH_FRAME_LENGTH : FrameDescriptor.HEADER_LENGTH;
        if (length < shortest || index + (long) FrameDescriptor.alignedLength(length) > buffer.capacity()
            || FrameDescriptor.position(buffer, index) != position
            || previousCrc != null && FrameDescriptor.previousCrc(buffer, index) != previousCrc
            || FrameDescriptor.headerCrc(buffer, index) != checksums.frameCrc(buffer, index)) {
            return false;
        }
        final int batch = index + FrameDescriptor.HEADER_LENGTH;
        return !isBatch || BatchDescriptor.totalLength(buffer, batch) == length - FrameDescriptor.HEADER_LENGTH
            && BatchDescriptor.crc(buffer, batch)
                == checksums.batchCrc(buffer, batch, length - FrameDescriptor.HEADER_LENGTH);
    }

    /**
     * Fails at the first byte in which two replicas differ between the later start and the given end.
     *
     * @param a           one of them
     * @param b           the other
     * @param endPosition of what is compared
     * @throws IOException when they cannot be read
     */
    public static void requireSameBytes(final Replica a, final Replica b, final long endPosition) throws IOException {
        final ByteBuffer bytesA = ByteBuffer.allocate(BLOCK_LENGTH);
        final ByteBuffer bytesB = ByteBuffer.allocate(BLOCK_LENGTH);
        long position = Math.max(a.startPosition(), b.startPosition());
        while (position < endPosition) {
            final int lengthA = fill(a, position, endPosition, bytesA);
            final int lengthB = fill(b, position, endPosition, bytesB);
            final int length = Math.min(lengthA, lengthB);
            final int mismatch = bytesA.slice(0, length).mismatch(bytesB.slice(0, length));
            if (mismatch >= 0) {
                throw new AssertionError("replicas differ at position " + (position + mismatch)
                    + ": " + a + " and " + b);
            }
            position += length;
        }
    }

    private static int fill(final Replica replica, final long position, final long endPosition,
        final ByteBuffer target) throws IOException {
        final var segment = replica.segments().floorEntry(position);
        final Long next = replica.segments().higherKey(position);
        final long end = next == null ? endPosition : Math.min(endPosition, next);
        target.clear().limit((int) Math.min(target.capacity(), end - position));
        try (FileChannel channel = FileChannel.open(segment.getValue(), StandardOpenOption.READ)) {
            while (target.hasRemaining()) {
                if (channel.read(target, position - segment.getKey() + target.position()) < 0) {
                    throw new AssertionError("position " + (position + target.position()) + " is missing in "
                        + replica);
                }
            }
        }
        return target.flip().remaining();
    }
}
