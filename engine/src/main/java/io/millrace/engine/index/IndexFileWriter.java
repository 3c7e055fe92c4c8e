package io.millrace.engine.index;

import io.millrace.engine.io.LogFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/** Writes an index in memory to a file. Owned by maintenance; one per file. */
final class IndexFileWriter {
    private static final int BUFFER_LENGTH = 64 * 1024;

    private final LogFile file;
    private final CRC32C crc = new CRC32C();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    private long fileOffset = IndexFileDescriptor.HEADER_LENGTH;

    IndexFileWriter(final LogFile file) {
        this.file = file;
    }

    void write(final MemoryIndex index, final long basePosition, final long endPosition, final int lastFrameCrc)
        throws IOException {
        final int[] ids = index.partitionIds();
        final IndexEntry entry = new IndexEntry();
        int entryCount = 0;
        for (final int id : ids) {
            final int count = index.entryCount(id);
            entryCount += count;
            index.load(id, count - 1, entry);
            room(IndexFileDescriptor.PARTITION_LENGTH);
            buffer.putInt(id).putInt(count).putLong(index.firstOffset(id)).putLong(entry.nextOffset())
                .putLong(index.batchesLength(id)).putLong(index.maxTimestampMs(id));
        }
        for (final int id : ids) {
            for (int i = 0, count = index.entryCount(id); i < count; i++) {
                index.load(id, i, entry);
                room(IndexEntry.LENGTH);
                buffer.putLong(entry.baseOffset()).putLong(entry.position())
                    .putLong(IndexEntry.pack(entry.nextOffset() - entry.baseOffset(), entry.batchLength()))
                    .putLong(entry.maxTimestampMs());
            }
        }
        flush();
        buffer.putInt(IndexFileDescriptor.MAGIC).putInt(IndexFileDescriptor.VERSION).putLong(basePosition)
            .putLong(endPosition).putInt(lastFrameCrc).putInt(ids.length).putInt(entryCount);
        crc.update(buffer.duplicate().flip());
        buffer.putInt((int) crc.getValue()).flip();
        writeAll(0);
    }

    private void room(final int length) throws IOException {
        if (buffer.remaining() < length) {
            flush();
        }
    }

    private void flush() throws IOException {
        buffer.flip();
        crc.update(buffer);
        buffer.rewind();
        fileOffset += writeAll(fileOffset);
        buffer.clear();
    }

    private int writeAll(final long at) throws IOException {
        final int length = buffer.remaining();
        while (buffer.hasRemaining()) {
            file.write(buffer, at + buffer.position());
        }
        return length;
    }
}
