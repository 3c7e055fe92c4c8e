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
 * How far a scrub has come, so that a restart does not begin it again. Immutable. Not synced: what a crash takes away
 * is checked once more.
 *
 * <p>Little endian: int magic, int version, long next position, long start of the pass, int CRC32C of all before it.
 *
 * @param nextPosition  segments from there on are still to be checked in this pass; {@link #DONE} when it is through
 * @param passStartedMs when the pass began, milliseconds since the epoch
 */
record ScrubCursor(long nextPosition, long passStartedMs) {
    /** The pass is through. */
    static final long DONE = Long.MAX_VALUE;

    private static final int MAGIC = 0x4353524d; // "MRSC"
    private static final int VERSION = 1;
    private static final int CRC_FIELD_OFFSET = SIZE_OF_INT + SIZE_OF_INT + SIZE_OF_LONG + SIZE_OF_LONG;
    private static final int LENGTH = CRC_FIELD_OFFSET + SIZE_OF_INT;

    /** {@return the stored cursor, null when there is none that can be read} */
    static ScrubCursor load(final LogStorage storage) throws IOException {
        if (!storage.list().contains(SegmentNames.SCRUB)) {
            return null;
        }
        final ByteBuffer buffer = ByteBuffer.allocate(LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        try (LogFile file = storage.open(SegmentNames.SCRUB, false)) {
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
        final ScrubCursor cursor = new ScrubCursor(buffer.getLong(), buffer.getLong());
        return magic == MAGIC && version == VERSION && buffer.getInt() == crc(buffer) ? cursor : null;
    }

    void store(final LogStorage storage) throws IOException {
        final ByteBuffer buffer = ByteBuffer.allocate(LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(MAGIC).putInt(VERSION).putLong(nextPosition).putLong(passStartedMs);
        buffer.putInt(crc(buffer)).flip();
        final String temporaryName = SegmentNames.SCRUB + SegmentNames.TEMPORARY_SUFFIX;
        storage.delete(temporaryName);
        try (LogFile file = storage.open(temporaryName, true)) {
            while (buffer.hasRemaining()) {
                file.write(buffer, buffer.position());
            }
        }
        storage.rename(temporaryName, SegmentNames.SCRUB);
    }

    private static int crc(final ByteBuffer buffer) {
        final CRC32C crc = new CRC32C();
        crc.update(buffer.duplicate().position(0).limit(CRC_FIELD_OFFSET));
        return (int) crc.getValue();
    }
}
