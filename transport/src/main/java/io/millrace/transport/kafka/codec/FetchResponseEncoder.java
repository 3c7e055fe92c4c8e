package io.millrace.transport.kafka.codec;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.millrace.engine.io.LogFile;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * Writes a Fetch response, versions 4 to 11: field bytes into the target's memory, record batches as regions of files.
 * Owned by the thread that encodes.
 *
 * <p>Call {@link #begin}, then {@link #topic}, its {@link #partition}s each followed by its {@link #batch}es, then
 * {@link #end}.
 */
public final class FetchResponseEncoder {
    private ReplyTarget target;
    private int version;
    private int index;
    private int topicCount;
    private int topicCountIndex;
    private int partitionCount;
    private int partitionCountIndex;
    private int partitionIndex;
    private int recordsLengthIndex;
    private int recordsLength;
    private long totalRecordsLength;

    /**
     * Begins a response without a fetch session; what the target held of an earlier attempt is forgotten.
     *
     * @param replyTarget    takes it
     * @param requestVersion 4 to 11
     * @param errorCode      of the whole request, 0 for none; written from version 7 on
     * @return this
     */
    public FetchResponseEncoder begin(
        final ReplyTarget replyTarget, final int requestVersion, final short errorCode) {
        target = replyTarget;
        version = requestVersion;
        topicCount = 0;
        recordsLengthIndex = -1;
        recordsLength = 0;
        totalRecordsLength = 0;
        target.clearRegions();
        final MutableDirectBuffer out = target.ensureCapacity(ReplyTarget.BODY_INDEX + 14);
        int at = ReplyTarget.BODY_INDEX;
        out.putInt(at, 0, BIG_ENDIAN);
        at += Integer.BYTES;
        if (version >= 7) {
            out.putShort(at, errorCode, BIG_ENDIAN);
            out.putInt(at + Short.BYTES, 0, BIG_ENDIAN);
            at += Short.BYTES + Integer.BYTES;
        }
        topicCountIndex = at;
        out.putInt(at, 0, BIG_ENDIAN);
        index = at + Integer.BYTES;
        return this;
    }

    /**
     * Begins a topic.
     *
     * @param buffer holds its name
     * @param at     index of the name's UTF-8 bytes
     * @param length of the name
     */
    public void topic(final DirectBuffer buffer, final int at, final int length) {
        final MutableDirectBuffer out = target.ensureCapacity(index + Short.BYTES + length + Integer.BYTES);
        out.putInt(topicCountIndex, ++topicCount, BIG_ENDIAN);
        out.putShort(index, (short) length, BIG_ENDIAN);
        out.putBytes(index + Short.BYTES, buffer, at, length);
        partitionCountIndex = index + Short.BYTES + length;
        partitionCount = 0;
        out.putInt(partitionCountIndex, 0, BIG_ENDIAN);
        index = partitionCountIndex + Integer.BYTES;
    }

    /**
     * Adds a partition, with no records so far. Without transactions the last stable offset is the high watermark.
     *
     * @param partitionId    number in its topic
     * @param errorCode      0, or the number of a Kafka error
     * @param highWatermark  offset after the last committed record, -1 when unknown
     * @param logStartOffset first offset kept, -1 when unknown
     */
    public void partition(
        final int partitionId, final short errorCode, final long highWatermark, final long logStartOffset) {
        final MutableDirectBuffer out = target.ensureCapacity(index + 46);
        partitionIndex = index;
        out.putInt(partitionCountIndex, ++partitionCount, BIG_ENDIAN);
        int at = index;
        out.putInt(at, partitionId, BIG_ENDIAN);
        out.putShort(at + 4, errorCode, BIG_ENDIAN);
        out.putLong(at + 6, highWatermark, BIG_ENDIAN);
        out.putLong(at + 14, highWatermark, BIG_ENDIAN);
        at += 22;
        if (version >= 5) {
            out.putLong(at, logStartOffset, BIG_ENDIAN);
            at += Long.BYTES;
        }
        out.putInt(at, 0, BIG_ENDIAN);
        at += Integer.BYTES;
        if (version >= 11) {
            out.putInt(at, -1, BIG_ENDIAN);
            at += Integer.BYTES;
        }
        recordsLengthIndex = at;
        recordsLength = 0;
        out.putInt(at, 0, BIG_ENDIAN);
        index = at + Integer.BYTES;
    }

    /**
     * Gives the present partition, which has no records, an error after all.
     *
     * @param errorCode the number of a Kafka error
     */
    public void partitionError(final short errorCode) {
        target.ensureCapacity(index).putShort(partitionIndex + Integer.BYTES, errorCode, BIG_ENDIAN);
    }

    /**
     * Adds a record batch to the present partition.
     *
     * @param file       holds it
     * @param fileOffset of its first byte
     * @param length     of the whole batch
     */
    public void batch(final LogFile file, final long fileOffset, final int length) {
        recordsLength = Math.addExact(recordsLength, length);
        totalRecordsLength += length;
        target.addRegion(index, file, fileOffset, length);
        target.ensureCapacity(index).putInt(recordsLengthIndex, recordsLength, BIG_ENDIAN);
    }

    /** {@return bytes of records added so far, over all partitions} */
    public long totalRecordsLength() {
        return totalRecordsLength;
    }

    /** {@return index of the response's end in the target's memory, to complete the reply with} */
    public int end() {
        return index;
    }
}
