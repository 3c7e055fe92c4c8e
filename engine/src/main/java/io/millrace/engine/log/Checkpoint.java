package io.millrace.engine.log;

import static org.agrona.BitUtil.SIZE_OF_INT;
import static org.agrona.BitUtil.SIZE_OF_LONG;

import io.millrace.engine.io.LogFile;
import io.millrace.engine.io.LogStorage;
import io.millrace.engine.segment.SegmentNames;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * What is certain about a shard's files: up to where they were synced and from where on they are kept. Immutable.
 *
 * <p>Little endian: int magic, int version, long synced position, long start position, int CRC32C of all before it. The
 * file is replaced as a whole (temporary file, sync, rename, directory sync), so a crash leaves the old or the new one.
 *
 * @param syncedPosition damage below it is corruption, behind it the torn end of the log
 * @param startPosition  segments that end at or below it were given back
 */
record Checkpoint(long syncedPosition, long startPosition) {
    private static final int MAGIC = 0x5043524d; // "MRCP"
    private static final int VERSION = 1;
    private static final int CRC_FIELD_OFFSET = SIZE_OF_INT + SIZE_OF_INT + SIZE_OF_LONG + SIZE_OF_LONG;
    private static final int LENGTH = CRC_FIELD_OFFSET + SIZE_OF_INT;

    /** {@return the stored checkpoint, null when it is damaged} A missing one is that of an empty log. */
    static Checkpoint load(final LogStorage storage) throws IOException {
        if (!storage.list().contains(SegmentNames.CHECKPOINT)) {
            return null;
        }
        final ByteBuffer buffer = ByteBuffer.allocate(LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        try (LogFile file = storage.open(SegmentNames.CHECKPOINT, false)) {
            while (buffer.hasRemaining() && file.read(buffer, buffer.position()) >= 0) {
                continue;
            }
        }
        if (buffer.hasRemaining()) {
            return null;
        }
        buffer.flip();
        final int magic = buffer.getInt();
        final int version = buffer.getInt();
        final Checkpoint checkpoint = new Checkpoint(buffer.getLong(), buffer.getLong());
        return magic == MAGIC && version == VERSION && buffer.getInt() == crc(buffer) ? checkpoint : null;
    }

    void store(final LogStorage storage) throws IOException {
        final ByteBuffer buffer = ByteBuffer.allocate(LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(MAGIC).putInt(VERSION).putLong(syncedPosition).putLong(startPosition);
        buffer.putInt(crc(buffer)).flip();
        final String temporaryName = SegmentNames.CHECKPOINT + SegmentNames.TEMPORARY_SUFFIX;
        storage.delete(temporaryName);
        try (LogFile file = storage.open(temporaryName, true)) {
            while (buffer.hasRemaining()) {
                file.write(buffer, buffer.position());
            }
            file.sync();
        }
        storage.rename(temporaryName, SegmentNames.CHECKPOINT);
        storage.syncDirectory();
    }

    private static int crc(final ByteBuffer buffer) {
        final CRC32C crc = new CRC32C();
        crc.update(buffer.duplicate().position(0).limit(CRC_FIELD_OFFSET));
        return (int) crc.getValue();
    }
}
