package io.millrace.broker.api;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.millrace.broker.group.GroupRecord;
import io.millrace.engine.format.BatchDescriptor;
import java.util.List;
import java.util.zip.CRC32C;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Record batches of the offsets topic: made from records, and taken apart again. Stateless. */
final class GroupBatch {
    /** Length of the record, offset delta, key and value length as varints, and three bytes that are always 0. */
    private static final int RECORD_OVERHEAD_LENGTH = 4 * 5 + 3;

    /** Takes one record. */
    @FunctionalInterface
    interface RecordHandler {
        void onRecord(byte[] key, byte[] value);
    }

    private GroupBatch() {
    }

    static int maxLength(final GroupRecord record) {
        return RECORD_OVERHEAD_LENGTH + record.length();
    }

    /** {@return bytes that so many records may have in a batch of a length} */
    static long maxRecordsLength(final long batchLength, final int count) {
        return batchLength - BatchDescriptor.HEADER_LENGTH - (long)count * RECORD_OVERHEAD_LENGTH;
    }

    static byte[] encode(final List<GroupRecord> records, final long timestampMs) {
        int length = BatchDescriptor.HEADER_LENGTH;
        for (final GroupRecord record : records) {
            length += maxLength(record);
        }
        final byte[] bytes = new byte[length];
        final UnsafeBuffer out = new UnsafeBuffer(bytes);
        int at = BatchDescriptor.HEADER_LENGTH;
        for (int i = 0; i < records.size(); i++) {
            at = put(out, at, i, records.get(i));
        }
        out.putInt(BatchDescriptor.BATCH_LENGTH_FIELD_OFFSET, at - BatchDescriptor.LENGTH_OVERHEAD, BIG_ENDIAN);
        out.putInt(BatchDescriptor.PARTITION_LEADER_EPOCH_FIELD_OFFSET, -1, BIG_ENDIAN);
        out.putByte(BatchDescriptor.MAGIC_FIELD_OFFSET, BatchDescriptor.MAGIC_V2);
        out.putInt(BatchDescriptor.LAST_OFFSET_DELTA_FIELD_OFFSET, records.size() - 1, BIG_ENDIAN);
        out.putLong(BatchDescriptor.BASE_TIMESTAMP_FIELD_OFFSET, timestampMs, BIG_ENDIAN);
        out.putLong(BatchDescriptor.MAX_TIMESTAMP_FIELD_OFFSET, timestampMs, BIG_ENDIAN);
        out.putLong(BatchDescriptor.PRODUCER_ID_FIELD_OFFSET, BatchDescriptor.NO_PRODUCER_ID, BIG_ENDIAN);
        out.putShort(BatchDescriptor.PRODUCER_EPOCH_FIELD_OFFSET, (short)-1, BIG_ENDIAN);
        out.putInt(BatchDescriptor.BASE_SEQUENCE_FIELD_OFFSET, -1, BIG_ENDIAN);
        out.putInt(BatchDescriptor.RECORDS_COUNT_FIELD_OFFSET, records.size(), BIG_ENDIAN);
        final CRC32C crc = new CRC32C();
        crc.update(bytes, BatchDescriptor.ATTRIBUTES_FIELD_OFFSET, at - BatchDescriptor.ATTRIBUTES_FIELD_OFFSET);
        out.putInt(BatchDescriptor.CRC_FIELD_OFFSET, (int)crc.getValue(), BIG_ENDIAN);
        return at == length ? bytes : java.util.Arrays.copyOf(bytes, at);
    }

    private static int put(final UnsafeBuffer out, final int index, final int offsetDelta, final GroupRecord record) {
        final int valueLength = record.value() == null ? -1 : record.value().length;
        final int length = 3 + varintLength(offsetDelta) + varintLength(record.key().length) + record.key().length
            + varintLength(valueLength) + Math.max(0, valueLength);
        int at = putVarint(out, index, length);
        out.putByte(at++, (byte)0);
        out.putByte(at++, (byte)0);
        at = putVarint(out, at, offsetDelta);
        at = putVarint(out, at, record.key().length);
        out.putBytes(at, record.key());
        at += record.key().length;
        at = putVarint(out, at, valueLength);
        if (valueLength > 0) {
            out.putBytes(at, record.value());
            at += valueLength;
        }
        out.putByte(at++, (byte)0);
        return at;
    }

    private static int zigzag(final int value) {
        return value << 1 ^ value >> 31;
    }

    private static int varintLength(final int value) {
        return 1 + (31 - Integer.numberOfLeadingZeros(zigzag(value) | 1)) / 7;
    }

    private static int putVarint(final UnsafeBuffer out, final int index, final int value) {
        int rest = zigzag(value);
        int at = index;
        while ((rest & ~0x7f) != 0) {
            out.putByte(at++, (byte)(rest | 0x80));
            rest >>>= 7;
        }
        out.putByte(at++, (byte)rest);
        return at;
    }

    /** Takes a batch apart that this class made, and that the log has checked since. */
    static void decode(final byte[] batch, final RecordHandler handler) {
        final DirectBuffer in = new UnsafeBuffer(batch);
        final int count = in.getInt(BatchDescriptor.RECORDS_COUNT_FIELD_OFFSET, BIG_ENDIAN);
        final int[] at = {BatchDescriptor.HEADER_LENGTH};
        for (int i = 0; i < count; i++) {
            final int length = getVarint(in, at);
            final int end = at[0] + length;
            at[0] += 1;
            getVarint(in, at);
            getVarint(in, at);
            final byte[] key = getBytes(in, at);
            handler.onRecord(key, getBytes(in, at));
            at[0] = end;
        }
    }

    private static byte[] getBytes(final DirectBuffer in, final int[] at) {
        final int length = getVarint(in, at);
        if (length < 0) {
            return null;
        }
        final byte[] bytes = new byte[length];
        in.getBytes(at[0], bytes);
        at[0] += length;
        return bytes;
    }

    private static int getVarint(final DirectBuffer in, final int[] at) {
        int value = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            final byte b = in.getByte(at[0]++);
            value |= (b & 0x7f) << shift;
            if (b >= 0) {
                break;
            }
        }
        return value >>> 1 ^ -(value & 1);
    }
}
