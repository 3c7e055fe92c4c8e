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
 * Says that a segment is in quarantine, beside the segment, so that a restart does not serve it. Immutable.
 *
 * <p>Little endian: int magic, int version, long base position, long damaged position, int CRC32C of all before it.
 *
 * @param basePosition    of the segment
 * @param damagedPosition where its check failed
 */
record QuarantineMark(long basePosition, long damagedPosition) {
    private static final int MAGIC = 0x4e51524d; // "MRQN"
    private static final int VERSION = 1;
    private static final int CRC_FIELD_OFFSET = SIZE_OF_INT + SIZE_OF_INT + SIZE_OF_LONG + SIZE_OF_LONG;
    private static final int LENGTH = CRC_FIELD_OFFSET + SIZE_OF_INT;

    /** {@return the mark, null when the file is damaged or belongs to another segment than its name says} */
    static QuarantineMark load(final LogStorage storage, final String name) throws IOException {
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
        final int magic = buffer.getInt();
        final int version = buffer.getInt();
        final QuarantineMark mark = new QuarantineMark(buffer.getLong(), buffer.getLong());
        final boolean isSound = magic == MAGIC && version == VERSION && buffer.getInt() == crc(buffer)
            && mark.basePosition == SegmentNames.basePosition(name, SegmentNames.QUARANTINE_SUFFIX);
        return isSound ? mark : null;
    }

    /** Durable when it returns. */
    void store(final LogStorage storage) throws IOException {
        final ByteBuffer buffer = ByteBuffer.allocate(LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(MAGIC).putInt(VERSION).putLong(basePosition).putLong(damagedPosition);
        buffer.putInt(crc(buffer)).flip();
        final String name = SegmentNames.quarantine(basePosition);
        final String temporaryName = name + SegmentNames.TEMPORARY_SUFFIX;
        storage.delete(temporaryName);
        try (LogFile file = storage.open(temporaryName, true)) {
            while (buffer.hasRemaining()) {
                file.write(buffer, buffer.position());
            }
            file.sync();
        }
        storage.rename(temporaryName, name);
        storage.syncDirectory();
    }

    private static int crc(final ByteBuffer buffer) {
        final CRC32C crc = new CRC32C();
        crc.update(buffer.duplicate().position(0).limit(CRC_FIELD_OFFSET));
        return (int) crc.getValue();
    }
}
