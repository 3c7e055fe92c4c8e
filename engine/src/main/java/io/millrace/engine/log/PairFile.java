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
 * The form of a shard's small files: two numbers that are only ever replaced together. Immutable.
 *
 * <p>Little endian: int magic, int version, long first, long second, int CRC32C of all before it. The file is replaced
 * as a whole by renaming a temporary one, so a crash leaves the old or the new one.
 *
 * @param first  what the kind of file says
 * @param second what the kind of file says
 */
record PairFile(long first, long second) {
    private static final int VERSION = 1;
    private static final int CRC_FIELD_OFFSET = SIZE_OF_INT + SIZE_OF_INT + SIZE_OF_LONG + SIZE_OF_LONG;
    private static final int LENGTH = CRC_FIELD_OFFSET + SIZE_OF_INT;

    /** {@return what the file holds, null when it is damaged or of another kind} The file must be there. */
    static PairFile load(final LogStorage storage, final String name, final int magic) throws IOException {
        final ByteBuffer buffer = ByteBuffer.allocate(LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        try (LogFile file = storage.open(name, false)) {
            while (buffer.hasRemaining() && file.read(buffer, buffer.position()) >= 0) {
                continue;
            }
        }
        if (buffer.hasRemaining()) {
            return null;
        }
        buffer.flip();
        final int foundMagic = buffer.getInt();
        final int foundVersion = buffer.getInt();
        final PairFile pair = new PairFile(buffer.getLong(), buffer.getLong());
        return foundMagic == magic && foundVersion == VERSION && buffer.getInt() == crc(buffer) ? pair : null;
    }

    /** Durable when it returns. */
    void storeDurably(final LogStorage storage, final String name, final int magic) throws IOException {
        store(storage, name, magic, true);
        storage.syncDirectory();
    }

    /** A crash may bring back what was there before. */
    void store(final LogStorage storage, final String name, final int magic) throws IOException {
        store(storage, name, magic, false);
    }

    private void store(final LogStorage storage, final String name, final int magic, final boolean isSynced)
        throws IOException {
        final ByteBuffer buffer = ByteBuffer.allocate(LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(magic).putInt(VERSION).putLong(first).putLong(second);
        buffer.putInt(crc(buffer)).flip();
        final String temporaryName = name + SegmentNames.TEMPORARY_SUFFIX;
        storage.delete(temporaryName);
        try (LogFile file = storage.open(temporaryName, true)) {
            while (buffer.hasRemaining()) {
                file.write(buffer, buffer.position());
            }
            if (isSynced) {
                file.sync();
            }
        }
        storage.rename(temporaryName, name);
    }

    private static int crc(final ByteBuffer buffer) {
        final CRC32C crc = new CRC32C();
        crc.update(buffer.duplicate().position(0).limit(CRC_FIELD_OFFSET));
        return (int) crc.getValue();
    }
}
