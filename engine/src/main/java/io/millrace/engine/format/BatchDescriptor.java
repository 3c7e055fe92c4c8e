package io.millrace.engine.format;

import static java.nio.ByteOrder.BIG_ENDIAN;
import static org.agrona.BitUtil.SIZE_OF_BYTE;
import static org.agrona.BitUtil.SIZE_OF_INT;
import static org.agrona.BitUtil.SIZE_OF_LONG;
import static org.agrona.BitUtil.SIZE_OF_SHORT;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * Layout of a Kafka record batch, magic 2, the payload of a batch frame. Big endian, as Kafka has it; stored verbatim.
 *
 * <pre>
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |                          Base Offset                          |   0
 *  |                                                               |
 *  +---------------------------------------------------------------+
 *  |                         Batch Length                          |   8
 *  +---------------------------------------------------------------+
 *  |                    Partition Leader Epoch                     |  12
 *  +---------------+-----------------------------------------------+
 *  |     Magic     |                      CRC                      |  16, 17
 *  +---------------+---------------+-------------------------------+
 *  |               |          Attributes           |               |  21
 *  +---------------+-------------------------------+               |
 *  |               Last Offset Delta               |               |  23
 *  +-----------------------------------------------+               |
 *  |                        Base Timestamp                         |  27
 *  |                                               +---------------+
 *  |                                               |               |  35
 *  +-----------------------------------------------+               |
 *  |                         Max Timestamp                         |
 *  |                                               +---------------+
 *  |                                               |               |  43
 *  +-----------------------------------------------+               |
 *  |                          Producer Id                          |
 *  |                                               +---------------+
 *  |                                               | Prod. Epoch ...  51
 *  +-----------------------------------------------+---------------+
 * ...              |                 Base Sequence                ...  53
 *  +---------------+-----------------------------------------------+
 * ...              |                 Records Count                ...  57
 *  +---------------+-----------------------------------------------+
 * ...              |                   Records                    ...  61
 *  +---------------+-----------------------------------------------+
 * </pre>
 *
 * <p>The CRC covers everything from the attributes on. Base offset and partition leader epoch are the leader's to
 * write, so they, the length, the magic and the CRC itself are left out; {@link FrameDescriptor} says what covers them.
 */
public final class BatchDescriptor {
    /** The only format version that is stored. */
    public static final byte MAGIC_V2 = 2;
    /** Producer id of a batch whose producer is not idempotent. */
    public static final long NO_PRODUCER_ID = -1;

    public static final int BASE_OFFSET_FIELD_OFFSET = 0;
    public static final int BATCH_LENGTH_FIELD_OFFSET = BASE_OFFSET_FIELD_OFFSET + SIZE_OF_LONG;
    public static final int PARTITION_LEADER_EPOCH_FIELD_OFFSET = BATCH_LENGTH_FIELD_OFFSET + SIZE_OF_INT;
    public static final int MAGIC_FIELD_OFFSET = PARTITION_LEADER_EPOCH_FIELD_OFFSET + SIZE_OF_INT;
    public static final int CRC_FIELD_OFFSET = MAGIC_FIELD_OFFSET + SIZE_OF_BYTE;
    public static final int ATTRIBUTES_FIELD_OFFSET = CRC_FIELD_OFFSET + SIZE_OF_INT;
    public static final int LAST_OFFSET_DELTA_FIELD_OFFSET = ATTRIBUTES_FIELD_OFFSET + SIZE_OF_SHORT;
    public static final int BASE_TIMESTAMP_FIELD_OFFSET = LAST_OFFSET_DELTA_FIELD_OFFSET + SIZE_OF_INT;
    public static final int MAX_TIMESTAMP_FIELD_OFFSET = BASE_TIMESTAMP_FIELD_OFFSET + SIZE_OF_LONG;
    public static final int PRODUCER_ID_FIELD_OFFSET = MAX_TIMESTAMP_FIELD_OFFSET + SIZE_OF_LONG;
    public static final int PRODUCER_EPOCH_FIELD_OFFSET = PRODUCER_ID_FIELD_OFFSET + SIZE_OF_LONG;
    public static final int BASE_SEQUENCE_FIELD_OFFSET = PRODUCER_EPOCH_FIELD_OFFSET + SIZE_OF_SHORT;
    public static final int RECORDS_COUNT_FIELD_OFFSET = BASE_SEQUENCE_FIELD_OFFSET + SIZE_OF_INT;
    /** Length of the header; the records follow. */
    public static final int HEADER_LENGTH = RECORDS_COUNT_FIELD_OFFSET + SIZE_OF_INT;
    /** Bytes before those that the batch length field counts: a batch is this much longer than that field says. */
    public static final int LENGTH_OVERHEAD = PARTITION_LEADER_EPOCH_FIELD_OFFSET;

    static {
        if (HEADER_LENGTH != 61 || LENGTH_OVERHEAD != 12 || ATTRIBUTES_FIELD_OFFSET != 21) {
            throw new AssertionError("batch layout: headerLength=" + HEADER_LENGTH);
        }
    }

    private BatchDescriptor() {
    }

    /**
     * {@return length of the whole batch in bytes; not trustworthy before it is checked against the room}
     *
     * @param buffer holds the batch
     * @param index  of its first byte
     */
    public static int totalLength(final DirectBuffer buffer, final int index) {
        return LENGTH_OVERHEAD + batchLength(buffer, index);
    }

    /**
     * {@return offset after the last record}
     *
     * @param buffer holds the batch
     * @param index  of its first byte
     */
    public static long nextOffset(final DirectBuffer buffer, final int index) {
        return baseOffset(buffer, index) + lastOffsetDelta(buffer, index) + 1;
    }

    /**
     * {@return offset of the first record}
     *
     * @param buffer holds the batch
     * @param index  of its first byte
     */
    public static long baseOffset(final DirectBuffer buffer, final int index) {
        return buffer.getLong(index + BASE_OFFSET_FIELD_OFFSET, BIG_ENDIAN);
    }

    /**
     * {@return bytes that follow the batch length field}
     *
     * @param buffer holds the batch
     * @param index  of its first byte
     */
    public static int batchLength(final DirectBuffer buffer, final int index) {
        return buffer.getInt(index + BATCH_LENGTH_FIELD_OFFSET, BIG_ENDIAN);
    }

    /**
     * {@return epoch of the leader that accepted the batch}
     *
     * @param buffer holds the batch
     * @param index  of its first byte
     */
    public static int partitionLeaderEpoch(final DirectBuffer buffer, final int index) {
        return buffer.getInt(index + PARTITION_LEADER_EPOCH_FIELD_OFFSET, BIG_ENDIAN);
    }

    /**
     * {@return format version of the batch}
     *
     * @param buffer holds the batch
     * @param index  of its first byte
     */
    public static byte magic(final DirectBuffer buffer, final int index) {
        return buffer.getByte(index + MAGIC_FIELD_OFFSET);
    }

    /**
     * {@return stored CRC32C of everything from the attributes on}
     *
     * @param buffer holds the batch
     * @param index  of its first byte
     */
    public static int crc(final DirectBuffer buffer, final int index) {
        return buffer.getInt(index + CRC_FIELD_OFFSET, BIG_ENDIAN);
    }

    /**
     * {@return codec, timestamp type, transactional and control bits}
     *
     * @param buffer holds the batch
     * @param index  of its first byte
     */
    public static short attributes(final DirectBuffer buffer, final int index) {
        return buffer.getShort(index + ATTRIBUTES_FIELD_OFFSET, BIG_ENDIAN);
    }

    /**
     * {@return offset of the last record minus the base offset}
     *
     * @param buffer holds the batch
     * @param index  of its first byte
     */
    public static int lastOffsetDelta(final DirectBuffer buffer, final int index) {
        return buffer.getInt(index + LAST_OFFSET_DELTA_FIELD_OFFSET, BIG_ENDIAN);
    }

    /**
     * {@return timestamp of the first record, milliseconds since the epoch}
     *
     * @param buffer holds the batch
     * @param index  of its first byte
     */
    public static long baseTimestampMs(final DirectBuffer buffer, final int index) {
        return buffer.getLong(index + BASE_TIMESTAMP_FIELD_OFFSET, BIG_ENDIAN);
    }

    /**
     * {@return largest timestamp, milliseconds since the epoch, negative without}
     *
     * <p>Of records without timestamps (-1) librdkafka says that the largest is 0.
     *
     * @param buffer holds the batch
     * @param index  of its first byte
     */
    public static long maxTimestampMs(final DirectBuffer buffer, final int index) {
        final long maxTimestampMs = buffer.getLong(index + MAX_TIMESTAMP_FIELD_OFFSET, BIG_ENDIAN);
        return maxTimestampMs == 0 ? Math.min(0, baseTimestampMs(buffer, index)) : maxTimestampMs;
    }

    /**
     * {@return producer id, -1 without}
     *
     * @param buffer holds the batch
     * @param index  of its first byte
     */
    public static long producerId(final DirectBuffer buffer, final int index) {
        return buffer.getLong(index + PRODUCER_ID_FIELD_OFFSET, BIG_ENDIAN);
    }

    /**
     * {@return producer epoch, -1 without}
     *
     * @param buffer holds the batch
     * @param index  of its first byte
     */
    public static short producerEpoch(final DirectBuffer buffer, final int index) {
        return buffer.getShort(index + PRODUCER_EPOCH_FIELD_OFFSET, BIG_ENDIAN);
    }

    /**
     * {@return sequence of the first record, -1 without}
     *
     * @param buffer holds the batch
     * @param index  of its first byte
     */
    public static int baseSequence(final DirectBuffer buffer, final int index) {
        return buffer.getInt(index + BASE_SEQUENCE_FIELD_OFFSET, BIG_ENDIAN);
    }

    /**
     * {@return how many records}
     *
     * @param buffer holds the batch
     * @param index  of its first byte
     */
    public static int recordsCount(final DirectBuffer buffer, final int index) {
        return buffer.getInt(index + RECORDS_COUNT_FIELD_OFFSET, BIG_ENDIAN);
    }

    /**
     * Writes the offset of the first record.
     *
     * @param buffer where
     * @param index  of the batch's first byte
     * @param baseOffset to write
     */
    public static void putBaseOffset(final MutableDirectBuffer buffer, final int index, final long baseOffset) {
        buffer.putLong(index + BASE_OFFSET_FIELD_OFFSET, baseOffset, BIG_ENDIAN);
    }

    /**
     * Writes the epoch of the leader that accepts the batch.
     *
     * @param buffer where
     * @param index  of the batch's first byte
     * @param partitionLeaderEpoch to write
     */
    public static void putPartitionLeaderEpoch(
        final MutableDirectBuffer buffer, final int index, final int partitionLeaderEpoch) {
        buffer.putInt(index + PARTITION_LEADER_EPOCH_FIELD_OFFSET, partitionLeaderEpoch, BIG_ENDIAN);
    }

    /**
     * Writes the CRC32C of everything from the attributes on.
     *
     * @param buffer where
     * @param index  of the batch's first byte
     * @param crc to write
     */
    public static void putCrc(final MutableDirectBuffer buffer, final int index, final int crc) {
        buffer.putInt(index + CRC_FIELD_OFFSET, crc, BIG_ENDIAN);
    }
}
