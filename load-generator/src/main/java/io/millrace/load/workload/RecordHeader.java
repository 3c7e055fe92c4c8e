package io.millrace.load.workload;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * The first bytes of every record's value, little endian; what follows them is filling.
 *
 * <pre>
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +---------------------------------------------------------------+
 *  |                            CRC32C                             |
 *  +-------------------------------+-------------------------------+
 *  |             Magic             |          Producer id          |
 *  +-------------------------------+-------------------------------+
 *  |                            Run id                             |
 *  |                                                               |
 *  +---------------------------------------------------------------+
 *  |                           Partition                           |
 *  +---------------------------------------------------------------+
 *  |                           Sequence                            |
 *  +---------------------------------------------------------------+
 *  |                        Intended send time                     |
 *  |                  (ns, clock of the producer)                  |
 *  +---------------------------------------------------------------+
 *  |                           Filling                            ...
 * </pre>
 *
 * <p>The checksum covers everything after itself, the filling included. The sequence counts from 0 per producer and
 * partition, without holes: so what was read back tells loss, duplicates, reordering and records in a wrong partition.
 *
 * <p>Buffers are taken as memory with absolute indexes; their position and limit are used as scratch.
 */
public final class RecordHeader {
    /** Bytes of the header; the shortest record there is. */
    public static final int LENGTH = 32;
    /** Marks a record of this load generator. */
    public static final short MAGIC = 0x4C4D;

    private static final int CRC_FIELD_OFFSET = 0;
    private static final int MAGIC_FIELD_OFFSET = CRC_FIELD_OFFSET + Integer.BYTES;
    private static final int PRODUCER_FIELD_OFFSET = MAGIC_FIELD_OFFSET + Short.BYTES;
    private static final int RUN_FIELD_OFFSET = PRODUCER_FIELD_OFFSET + Short.BYTES;
    private static final int PARTITION_FIELD_OFFSET = RUN_FIELD_OFFSET + Long.BYTES;
    private static final int SEQUENCE_FIELD_OFFSET = PARTITION_FIELD_OFFSET + Integer.BYTES;
    private static final int DUE_FIELD_OFFSET = SEQUENCE_FIELD_OFFSET + Integer.BYTES;

    private static final VarHandle SHORT =
        MethodHandles.byteBufferViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG =
        MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private RecordHeader() {
    }

    /**
     * Writes what stays the same for all records of one producer and partition.
     *
     * @param buffer     holds the record
     * @param index      of its first byte
     * @param runId      of the run
     * @param producerId from 0
     * @param partition  of the topic
     */
    public static void prepare(
        final ByteBuffer buffer, final int index, final long runId, final int producerId, final int partition) {
        SHORT.set(buffer, index + MAGIC_FIELD_OFFSET, MAGIC);
        SHORT.set(buffer, index + PRODUCER_FIELD_OFFSET, (short) producerId);
        LONG.set(buffer, index + RUN_FIELD_OFFSET, runId);
        INT.set(buffer, index + PARTITION_FIELD_OFFSET, partition);
    }

    /**
     * Writes what is a record's own, its checksum last.
     *
     * @param buffer   holds the prepared record
     * @param index    of its first byte
     * @param length   of the whole record
     * @param sequence from 0 per producer and partition
     * @param dueNs    intended send time
     * @param crc      scratch of the calling thread
     */
    public static void patch(
        final ByteBuffer buffer,
        final int index,
        final int length,
        final int sequence,
        final long dueNs,
        final CRC32C crc) {
        INT.set(buffer, index + SEQUENCE_FIELD_OFFSET, sequence);
        LONG.set(buffer, index + DUE_FIELD_OFFSET, dueNs);
        INT.set(buffer, index + CRC_FIELD_OFFSET, checksum(buffer, index, length, crc));
    }

    /**
     * Tells whether these bytes are a record as it was sent.
     *
     * @param buffer holds the record
     * @param index  of its first byte
     * @param length of the whole record
     * @param crc    scratch of the calling thread
     * @return true if length, magic and checksum hold
     */
    public static boolean isIntact(final ByteBuffer buffer, final int index, final int length, final CRC32C crc) {
        return length >= LENGTH
            && (short) SHORT.get(buffer, index + MAGIC_FIELD_OFFSET) == MAGIC
            && (int) INT.get(buffer, index + CRC_FIELD_OFFSET) == checksum(buffer, index, length, crc);
    }

    /**
     * {@return the producer id}
     *
     * @param buffer holds the record
     * @param index  of its first byte
     */
    public static int producerId(final ByteBuffer buffer, final int index) {
        return (short) SHORT.get(buffer, index + PRODUCER_FIELD_OFFSET) & 0xFFFF;
    }

    /**
     * {@return the run id}
     *
     * @param buffer holds the record
     * @param index  of its first byte
     */
    public static long runId(final ByteBuffer buffer, final int index) {
        return (long) LONG.get(buffer, index + RUN_FIELD_OFFSET);
    }

    /**
     * {@return the partition it was sent to}
     *
     * @param buffer holds the record
     * @param index  of its first byte
     */
    public static int partition(final ByteBuffer buffer, final int index) {
        return (int) INT.get(buffer, index + PARTITION_FIELD_OFFSET);
    }

    /**
     * {@return the sequence}
     *
     * @param buffer holds the record
     * @param index  of its first byte
     */
    public static int sequence(final ByteBuffer buffer, final int index) {
        return (int) INT.get(buffer, index + SEQUENCE_FIELD_OFFSET);
    }

    /**
     * {@return the intended send time}
     *
     * @param buffer holds the record
     * @param index  of its first byte
     */
    public static long dueNs(final ByteBuffer buffer, final int index) {
        return (long) LONG.get(buffer, index + DUE_FIELD_OFFSET);
    }

    private static int checksum(final ByteBuffer buffer, final int index, final int length, final CRC32C crc) {
        crc.reset();
        buffer.limit(index + length).position(index + MAGIC_FIELD_OFFSET);
        crc.update(buffer);
        buffer.clear();
        return (int) crc.getValue();
    }
}
