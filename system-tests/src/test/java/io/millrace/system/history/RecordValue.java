package io.millrace.system.history;

import java.nio.ByteBuffer;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32C;

/**
 * The payload of a record: who sent it, as which one, where to, and filling. The CRC covers all of it.
 *
 * @param lane      of the record, {@link HistoryEvent#NO_LANE} when the payload does not hold together
 * @param sequence  in the lane
 * @param partition it was sent to
 * @param crc       of everything before the CRC in the payload
 */
public record RecordValue(int lane, long sequence, int partition, int crc) {
    /** Shortest payload. */
    public static final int MIN_LENGTH = 4 + 8 + 4 + 8 + 4;
    private static final int MAGIC = 0x4d72_4361;
    private static final int CRC_LENGTH = 4;

    /**
     * Makes a payload.
     *
     * @param runId     of the history; a payload of another one cannot be read
     * @param lane      of the record
     * @param sequence  in the lane
     * @param partition it goes to
     * @param length    of the payload
     * @param random    fills it
     * @return the payload
     */
    public static byte[] encode(final int runId, final int lane, final long sequence, final int partition,
        final int length, final RandomGenerator random) {
        final byte[] bytes = new byte[Math.max(MIN_LENGTH, length)];
        random.nextBytes(bytes);
        final ByteBuffer buffer = ByteBuffer.wrap(bytes);
        buffer.putInt(MAGIC ^ runId).putInt(lane).putLong(sequence).putInt(partition);
        buffer.putInt(bytes.length - CRC_LENGTH, crc(bytes));
        return bytes;
    }

    /** {@return the CRC of a payload without its last field} */
    static int crc(final byte[] bytes) {
        final CRC32C crc = new CRC32C();
        crc.update(bytes, 0, bytes.length - CRC_LENGTH);
        return (int) crc.getValue();
    }

    /**
     * Reads a payload.
     *
     * @param runId of the history
     * @param bytes as they came
     * @return what they say
     */
    public static RecordValue decode(final int runId, final byte[] bytes) {
        if (bytes == null || bytes.length < MIN_LENGTH) {
            return new RecordValue(HistoryEvent.NO_LANE, 0, 0, 0);
        }
        final ByteBuffer buffer = ByteBuffer.wrap(bytes);
        final int crc = crc(bytes);
        final boolean isWhole =
            buffer.getInt() == (MAGIC ^ runId) && buffer.getInt(bytes.length - CRC_LENGTH) == crc;
        return new RecordValue(isWhole ? buffer.getInt() : HistoryEvent.NO_LANE, buffer.getLong(8),
            buffer.getInt(16), crc);
    }
}
