package io.millrace.engine.index;

import static io.millrace.engine.index.IndexFileDescriptor.HEADER_LENGTH;
import static io.millrace.engine.index.IndexFileDescriptor.PARTITION_LENGTH;

import io.millrace.engine.io.LogFile;
import io.millrace.engine.io.LogStorage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * The index of a sealed segment: its partitions in memory, its entries in a file. Immutable; any thread reads.
 */
public final class SealedIndex implements SegmentIndex, AutoCloseable {
    private static final int CHECK_BUFFER_LENGTH = 64 * 1024;
    private static final String TEMPORARY_SUFFIX = ".tmp";

    private final LogFile file;
    private final long endPosition;
    private final int lastFrameCrc;
    private final int[] ids;
    private final int[] firstEntries;
    private final long[] firstOffsets;
    private final long[] nextOffsets;
    private final long[] lengths;
    private final long[] maxTimestampsMs;

    private SealedIndex(final LogFile file, final ByteBuffer header, final ByteBuffer partitions) {
        this.file = file;
        endPosition = header.getLong(IndexFileDescriptor.END_POSITION_FIELD_OFFSET);
        lastFrameCrc = header.getInt(IndexFileDescriptor.LAST_FRAME_CRC_FIELD_OFFSET);
        final int count = header.getInt(IndexFileDescriptor.PARTITION_COUNT_FIELD_OFFSET);
        ids = new int[count];
        firstEntries = new int[count + 1];
        firstOffsets = new long[count];
        nextOffsets = new long[count];
        lengths = new long[count];
        maxTimestampsMs = new long[count];
        for (int i = 0; i < count; i++) {
            final int at = i * PARTITION_LENGTH;
            ids[i] = partitions.getInt(at + IndexFileDescriptor.PARTITION_ID_FIELD_OFFSET);
            firstEntries[i + 1] = firstEntries[i]
                + partitions.getInt(at + IndexFileDescriptor.PARTITION_ENTRY_COUNT_FIELD_OFFSET);
            firstOffsets[i] = partitions.getLong(at + IndexFileDescriptor.FIRST_OFFSET_FIELD_OFFSET);
            nextOffsets[i] = partitions.getLong(at + IndexFileDescriptor.NEXT_OFFSET_FIELD_OFFSET);
            lengths[i] = partitions.getLong(at + IndexFileDescriptor.LENGTH_FIELD_OFFSET);
            maxTimestampsMs[i] = partitions.getLong(at + IndexFileDescriptor.MAX_TIMESTAMP_FIELD_OFFSET);
        }
    }

    /**
     * Writes the index file of a segment and opens it. Not synced: it is built again when a crash damages it.
     *
     * @param storage      directory of the shard
     * @param name         of the index file
     * @param index        of the segment, no longer written
     * @param basePosition of the segment
     * @param endPosition  of the segment
     * @param lastFrameCrc header CRC of the segment's last frame
     * @return the index
     * @throws IOException when it cannot be written or read back
     */
    public static SealedIndex seal(
        final LogStorage storage,
        final String name,
        final MemoryIndex index,
        final long basePosition,
        final long endPosition,
        final int lastFrameCrc) throws IOException {
        final String temporaryName = name + TEMPORARY_SUFFIX;
        storage.delete(temporaryName);
        try (LogFile file = storage.open(temporaryName, true)) {
            new IndexFileWriter(file).write(index, basePosition, endPosition, lastFrameCrc);
        }
        storage.rename(temporaryName, name);
        final SealedIndex sealed = open(storage, name, basePosition);
        if (sealed == null) {
            throw new IOException("index file does not read back as written: name=" + name);
        }
        return sealed;
    }

    /**
     * Opens and checks an index file.
     *
     * @param storage      directory of the shard
     * @param name         of the index file
     * @param basePosition of the segment it must belong to
     * @return the index, null when the file is damaged or of another segment or version
     * @throws IOException when it is missing or the disk fails
     */
    public static SealedIndex open(final LogStorage storage, final String name, final long basePosition)
        throws IOException {
        final LogFile file = storage.open(name, false);
        SealedIndex index = null;
        try {
            final ByteBuffer header = read(file, 0, HEADER_LENGTH);
            if (header != null && isValid(file, header, basePosition)) {
                final int count = header.getInt(IndexFileDescriptor.PARTITION_COUNT_FIELD_OFFSET);
                final ByteBuffer partitions = read(file, HEADER_LENGTH, count * PARTITION_LENGTH);
                index = partitions == null ? null : new SealedIndex(file, header, partitions);
            }
        } finally {
            if (index == null) {
                file.close();
            }
        }
        return index;
    }

    /** {@return end position of the segment} */
    public long endPosition() {
        return endPosition;
    }

    /** {@return header CRC of the segment's last frame} */
    public int lastFrameCrc() {
        return lastFrameCrc;
    }

    @Override
    public int entryCount(final int partitionId) {
        final int i = Arrays.binarySearch(ids, partitionId);
        return i < 0 ? 0 : firstEntries[i + 1] - firstEntries[i];
    }

    @Override
    public long firstOffset(final int partitionId) {
        final int i = Arrays.binarySearch(ids, partitionId);
        return i < 0 ? -1 : firstOffsets[i];
    }

    @Override
    public long nextOffset(final int partitionId) {
        final int i = Arrays.binarySearch(ids, partitionId);
        return i < 0 ? -1 : nextOffsets[i];
    }

    @Override
    public long batchesLength(final int partitionId) {
        final int i = Arrays.binarySearch(ids, partitionId);
        return i < 0 ? 0 : lengths[i];
    }

    @Override
    public long maxTimestampMs(final int partitionId) {
        final int i = Arrays.binarySearch(ids, partitionId);
        return i < 0 ? Long.MIN_VALUE : maxTimestampsMs[i];
    }

    @Override
    public void load(final int partitionId, final int entryIndex, final IndexEntry target) throws IOException {
        final int i = Arrays.binarySearch(ids, partitionId);
        if (i < 0 || entryIndex < 0 || entryIndex >= firstEntries[i + 1] - firstEntries[i]) {
            throw new IndexOutOfBoundsException("no such index entry: partitionId=" + partitionId + " entryIndex="
                + entryIndex);
        }
        final int entry = firstEntries[i] + entryIndex;
        if (target.blockOwner != this || entry < target.blockFirstEntry
            || entry >= target.blockFirstEntry + target.blockEntryCount) {
            loadBlock(entry, target);
        }
        final ByteBuffer block = target.block;
        final int at = (entry - target.blockFirstEntry) * IndexEntry.LENGTH;
        target.set(block.getLong(at), block.getLong(at + 8), block.getLong(at + 16), block.getLong(at + 24));
    }

    @Override
    public void forEachPartition(final PartitionVisitor visitor) {
        for (int i = 0; i < ids.length; i++) {
            if (!visitor.onPartition(ids[i], firstOffsets[i], nextOffsets[i], lengths[i])) {
                return;
            }
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    private void loadBlock(final int entry, final IndexEntry target) throws IOException {
        final int firstEntry = entry - entry % IndexEntry.BLOCK_ENTRY_COUNT;
        final int count = Math.min(IndexEntry.BLOCK_ENTRY_COUNT, firstEntries[ids.length] - firstEntry);
        target.blockOwner = null;
        target.block.clear().limit(count * IndexEntry.LENGTH);
        final long entriesOffset = HEADER_LENGTH + (long) ids.length * PARTITION_LENGTH;
        if (!readFully(file, target.block, entriesOffset + (long) firstEntry * IndexEntry.LENGTH)) {
            throw new IOException("index file is shorter than it says: file=" + file);
        }
        target.blockOwner = this;
        target.blockFirstEntry = firstEntry;
        target.blockEntryCount = count;
    }

    private static boolean isValid(final LogFile file, final ByteBuffer header, final long basePosition)
        throws IOException {
        final long partitionCount = header.getInt(IndexFileDescriptor.PARTITION_COUNT_FIELD_OFFSET);
        final long entryCount = header.getInt(IndexFileDescriptor.ENTRY_COUNT_FIELD_OFFSET);
        final long length = HEADER_LENGTH + partitionCount * PARTITION_LENGTH + entryCount * IndexEntry.LENGTH;
        if (header.getInt(IndexFileDescriptor.MAGIC_FIELD_OFFSET) != IndexFileDescriptor.MAGIC
            || header.getInt(IndexFileDescriptor.VERSION_FIELD_OFFSET) != IndexFileDescriptor.VERSION
            || header.getLong(IndexFileDescriptor.BASE_POSITION_FIELD_OFFSET) != basePosition
            || partitionCount < 0 || entryCount < 0 || partitionCount * PARTITION_LENGTH > Integer.MAX_VALUE
            || length != file.length()) {
            return false;
        }
        final CRC32C crc = new CRC32C();
        final ByteBuffer buffer = ByteBuffer.allocateDirect((int) Math.min(CHECK_BUFFER_LENGTH, length));
        for (long at = HEADER_LENGTH; at < length; at += buffer.limit()) {
            buffer.clear().limit((int) Math.min(CHECK_BUFFER_LENGTH, length - at));
            if (!readFully(file, buffer, at)) {
                return false;
            }
            crc.update(buffer.flip());
        }
        crc.update(header.duplicate().position(0).limit(IndexFileDescriptor.CRC_FIELD_OFFSET));
        return (int) crc.getValue() == header.getInt(IndexFileDescriptor.CRC_FIELD_OFFSET);
    }

    private static ByteBuffer read(final LogFile file, final long fileOffset, final int length) throws IOException {
        if (length > file.length() - fileOffset) {
            return null;
        }
        final ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        return readFully(file, buffer, fileOffset) ? buffer : null;
    }

    private static boolean readFully(final LogFile file, final ByteBuffer target, final long fileOffset)
        throws IOException {
        final int start = target.position();
        while (target.hasRemaining()) {
            if (file.read(target, fileOffset + target.position() - start) < 0) {
                return false;
            }
        }
        return true;
    }
}
