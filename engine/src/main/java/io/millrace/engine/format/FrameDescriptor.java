package io.millrace.engine.format;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static org.agrona.BitUtil.SIZE_OF_INT;
import static org.agrona.BitUtil.SIZE_OF_LONG;

import org.agrona.BitUtil;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * Layout of one frame, the same in the ring, on disk and on the wire. Little endian; a frame begins on a multiple of
 * {@link #ALIGNMENT} and the bytes between its length and the next multiple are zero.
 *
 * <pre>
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |                            Length                             |   0
 *  +---------------------------------------------------------------+
 *  |                             Type                              |   4
 *  +---------------------------------------------------------------+
 *  |                           Position                            |   8
 *  |                                                               |
 *  +---------------------------------------------------------------+
 *  |                         Leader Epoch                          |  16
 *  +---------------------------------------------------------------+
 *  |                         Partition Id                          |  20
 *  +---------------------------------------------------------------+
 *  |                          Header CRC                           |  24
 *  +---------------------------------------------------------------+
 *  |                         Previous CRC                          |  28
 *  +---------------------------------------------------------------+
 *  |                            Payload                           ...  32
 * ...                                                              |
 *  +---------------------------------------------------------------+
 * </pre>
 *
 * <p>The first eight bytes are Agrona's ring record header. The length counts the header and is not aligned; a zero
 * length marks the end of what was written. Until the shard's writer patches it, the position field of a frame in the
 * ring carries the reply id and the leader epoch field the acks asked for.
 *
 * <p>The header CRC is a CRC32C with its own field taken as zero. In a batch frame it covers the first
 * {@link #BATCH_CRC_COVER_LENGTH} bytes: this header and the 21 bytes of the batch which the batch's own CRC leaves out
 * (that CRC is one of them, so the chain of header CRCs vouches for the bodies too). In every other frame it covers the
 * whole length. The previous CRC is the header CRC of the frame before, in a shard's first frame the shard's salt.
 */
public final class FrameDescriptor {
    /** A Kafka record batch. */
    public static final int TYPE_BATCH = 1;
    /** First frame of a leader epoch (behind the state frame if one was due); no payload. */
    public static final int TYPE_EPOCH_START = 2;
    /** First frame of each segment: everything that is needed of the log before it. */
    public static final int TYPE_STATE = 3;
    /** Log starts that have moved; see {@link LogStartDescriptor}. Since format version 2. */
    public static final int TYPE_LOG_START = 4;

    /** Frames begin on multiples of this, as Agrona's ring records do. */
    public static final int ALIGNMENT = 8;

    public static final int LENGTH_FIELD_OFFSET = 0;
    public static final int TYPE_FIELD_OFFSET = LENGTH_FIELD_OFFSET + SIZE_OF_INT;
    public static final int POSITION_FIELD_OFFSET = TYPE_FIELD_OFFSET + SIZE_OF_INT;
    public static final int LEADER_EPOCH_FIELD_OFFSET = POSITION_FIELD_OFFSET + SIZE_OF_LONG;
    public static final int PARTITION_ID_FIELD_OFFSET = LEADER_EPOCH_FIELD_OFFSET + SIZE_OF_INT;
    public static final int HEADER_CRC_FIELD_OFFSET = PARTITION_ID_FIELD_OFFSET + SIZE_OF_INT;
    public static final int PREVIOUS_CRC_FIELD_OFFSET = HEADER_CRC_FIELD_OFFSET + SIZE_OF_INT;
    public static final int HEADER_LENGTH = PREVIOUS_CRC_FIELD_OFFSET + SIZE_OF_INT;

    /** How much of a batch frame the header CRC covers. */
    public static final int BATCH_CRC_COVER_LENGTH = HEADER_LENGTH + BatchDescriptor.ATTRIBUTES_FIELD_OFFSET;
    /** Shortest batch frame: a batch header without records. */
    public static final int MIN_BATCH_FRAME_LENGTH = HEADER_LENGTH + BatchDescriptor.HEADER_LENGTH;
    /** No frame is longer, whatever a file or a peer says. */
    public static final int MAX_FRAME_LENGTH = 32 * 1024 * 1024;
    /** The partition id of frames that belong to no partition. */
    public static final int NO_PARTITION = -1;

    static {
        if (HEADER_LENGTH != 32 || BATCH_CRC_COVER_LENGTH != 53 || !BitUtil.isPowerOfTwo(ALIGNMENT)) {
            throw new AssertionError("frame layout: headerLength=" + HEADER_LENGTH);
        }
    }

    private FrameDescriptor() {
    }

    /**
     * {@return room a frame takes, padding included}
     *
     * @param length of the frame, unaligned
     */
    public static int alignedLength(final int length) {
        return BitUtil.align(length, ALIGNMENT);
    }

    /**
     * {@return the frame's length, unaligned}
     *
     * @param buffer holds the frame
     * @param index  of its first byte
     */
    public static int length(final DirectBuffer buffer, final int index) {
        return buffer.getInt(index + LENGTH_FIELD_OFFSET, LITTLE_ENDIAN);
    }

    /**
     * {@return the frame's type}
     *
     * @param buffer holds the frame
     * @param index  of its first byte
     */
    public static int type(final DirectBuffer buffer, final int index) {
        return buffer.getInt(index + TYPE_FIELD_OFFSET, LITTLE_ENDIAN);
    }

    /**
     * {@return the frame's position in the shard's log; in the ring the reply id}
     *
     * @param buffer holds the frame
     * @param index  of its first byte
     */
    public static long position(final DirectBuffer buffer, final int index) {
        return buffer.getLong(index + POSITION_FIELD_OFFSET, LITTLE_ENDIAN);
    }

    /**
     * {@return the epoch in which the frame was written; in the ring the acks asked for}
     *
     * @param buffer holds the frame
     * @param index  of its first byte
     */
    public static int leaderEpoch(final DirectBuffer buffer, final int index) {
        return buffer.getInt(index + LEADER_EPOCH_FIELD_OFFSET, LITTLE_ENDIAN);
    }

    /**
     * {@return the partition's id within the shard, {@link #NO_PARTITION} for frames of none}
     *
     * @param buffer holds the frame
     * @param index  of its first byte
     */
    public static int partitionId(final DirectBuffer buffer, final int index) {
        return buffer.getInt(index + PARTITION_ID_FIELD_OFFSET, LITTLE_ENDIAN);
    }

    /**
     * {@return the stored header CRC}
     *
     * @param buffer holds the frame
     * @param index  of its first byte
     */
    public static int headerCrc(final DirectBuffer buffer, final int index) {
        return buffer.getInt(index + HEADER_CRC_FIELD_OFFSET, LITTLE_ENDIAN);
    }

    /**
     * {@return the stored header CRC of the frame before}
     *
     * @param buffer holds the frame
     * @param index  of its first byte
     */
    public static int previousCrc(final DirectBuffer buffer, final int index) {
        return buffer.getInt(index + PREVIOUS_CRC_FIELD_OFFSET, LITTLE_ENDIAN);
    }

    /**
     * Writes length and type. In the ring these two are Agrona's to write.
     *
     * @param buffer where
     * @param index  of the frame's first byte
     * @param length of the frame, unaligned, header included
     * @param type   one of the types above
     */
    public static void putLengthAndType(
        final MutableDirectBuffer buffer, final int index, final int length, final int type) {
        buffer.putInt(index + LENGTH_FIELD_OFFSET, length, LITTLE_ENDIAN);
        buffer.putInt(index + TYPE_FIELD_OFFSET, type, LITTLE_ENDIAN);
    }

    /**
     * Writes the position, or the reply id while the frame is in the ring.
     *
     * @param buffer   where
     * @param index    of the frame's first byte
     * @param position of the frame in the shard's log
     */
    public static void putPosition(final MutableDirectBuffer buffer, final int index, final long position) {
        buffer.putLong(index + POSITION_FIELD_OFFSET, position, LITTLE_ENDIAN);
    }

    /**
     * Writes the leader epoch, or the acks while the frame is in the ring.
     *
     * @param buffer where
     * @param index  of the frame's first byte
     * @param epoch  of the leader that writes
     */
    public static void putLeaderEpoch(final MutableDirectBuffer buffer, final int index, final int epoch) {
        buffer.putInt(index + LEADER_EPOCH_FIELD_OFFSET, epoch, LITTLE_ENDIAN);
    }

    /**
     * Writes the partition id.
     *
     * @param buffer      where
     * @param index       of the frame's first byte
     * @param partitionId id within the shard
     */
    public static void putPartitionId(final MutableDirectBuffer buffer, final int index, final int partitionId) {
        buffer.putInt(index + PARTITION_ID_FIELD_OFFSET, partitionId, LITTLE_ENDIAN);
    }

    /**
     * Writes the header CRC; everything it covers must be in place.
     *
     * @param buffer where
     * @param index  of the frame's first byte
     * @param crc    from {@link Checksums}
     */
    public static void putHeaderCrc(final MutableDirectBuffer buffer, final int index, final int crc) {
        buffer.putInt(index + HEADER_CRC_FIELD_OFFSET, crc, LITTLE_ENDIAN);
    }

    /**
     * Writes the header CRC of the frame before.
     *
     * @param buffer where
     * @param index  of the frame's first byte
     * @param crc    header CRC of the frame before, or the shard's salt
     */
    public static void putPreviousCrc(final MutableDirectBuffer buffer, final int index, final int crc) {
        buffer.putInt(index + PREVIOUS_CRC_FIELD_OFFSET, crc, LITTLE_ENDIAN);
    }

    /**
     * Zeroes the bytes between the frame's end and the next multiple of the alignment.
     *
     * @param buffer where
     * @param index  of the frame's first byte
     * @param length of the frame, unaligned
     */
    public static void zeroPadding(final MutableDirectBuffer buffer, final int index, final int length) {
        for (int i = index + length, end = index + alignedLength(length); i < end; i++) {
            buffer.putByte(i, (byte) 0);
        }
    }
}
