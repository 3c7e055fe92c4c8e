package io.millrace.engine.format;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * Layout of the payload of a {@link FrameDescriptor#TYPE_LOG_START} frame: one entry for each partition whose log start
 * has moved. Little endian.
 *
 * <pre>
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +---------------------------------------------------------------+
 *  |                        Partition Id                           |   0
 *  +---------------------------------------------------------------+
 *  |                      Reserved, zero                           |   4
 *  +---------------------------------------------------------------+
 *  |                      Log Start Offset                         |   8
 *  |                                                               |
 *  +---------------------------------------------------------------+
 * </pre>
 *
 * <p>Whoever holds the frame keeps nothing before these offsets, from the frame's position on. An entry that would move
 * a log start back, or of a partition that is not (or no longer) known, says nothing.
 */
public final class LogStartDescriptor {
    /** Length of one entry. */
    public static final int ENTRY_LENGTH = 16;
    /** Most entries in one frame. */
    public static final int MAX_ENTRY_COUNT = 1024;

    private static final int PARTITION_ID_FIELD_OFFSET = 0;
    private static final int RESERVED_FIELD_OFFSET = PARTITION_ID_FIELD_OFFSET + Integer.BYTES;
    private static final int OFFSET_FIELD_OFFSET = RESERVED_FIELD_OFFSET + Integer.BYTES;

    private LogStartDescriptor() {
    }

    /**
     * {@return whether a payload of this length can be one}
     *
     * @param payloadLength of the frame, bytes
     */
    public static boolean isLength(final int payloadLength) {
        return payloadLength > 0 && payloadLength % ENTRY_LENGTH == 0
            && payloadLength <= MAX_ENTRY_COUNT * ENTRY_LENGTH;
    }

    /**
     * {@return how many entries a frame has}
     *
     * @param frameLength of the frame, unaligned
     */
    public static int entryCount(final int frameLength) {
        return (frameLength - FrameDescriptor.HEADER_LENGTH) / ENTRY_LENGTH;
    }

    /**
     * {@return partition of an entry, its id within the shard}
     *
     * @param buffer holds the frame
     * @param index  of the frame's first byte
     * @param entry  from 0 to {@link #entryCount} - 1
     */
    public static int partitionId(final DirectBuffer buffer, final int index, final int entry) {
        return buffer.getInt(at(index, entry) + PARTITION_ID_FIELD_OFFSET, LITTLE_ENDIAN);
    }

    /**
     * {@return first offset that is kept}
     *
     * @param buffer holds the frame
     * @param index  of the frame's first byte
     * @param entry  from 0 to {@link #entryCount} - 1
     */
    public static long logStartOffset(final DirectBuffer buffer, final int index, final int entry) {
        return buffer.getLong(at(index, entry) + OFFSET_FIELD_OFFSET, LITTLE_ENDIAN);
    }

    /**
     * Writes an entry.
     *
     * @param buffer         where
     * @param index          of the frame's first byte
     * @param entry          from 0 on
     * @param partitionId    id within the shard
     * @param logStartOffset first offset that is kept
     */
    public static void put(
        final MutableDirectBuffer buffer, final int index, final int entry, final int partitionId,
        final long logStartOffset) {
        final int at = at(index, entry);
        buffer.putInt(at + PARTITION_ID_FIELD_OFFSET, partitionId, LITTLE_ENDIAN);
        buffer.putInt(at + RESERVED_FIELD_OFFSET, 0, LITTLE_ENDIAN);
        buffer.putLong(at + OFFSET_FIELD_OFFSET, logStartOffset, LITTLE_ENDIAN);
    }

    private static int at(final int index, final int entry) {
        return index + FrameDescriptor.HEADER_LENGTH + entry * ENTRY_LENGTH;
    }
}
