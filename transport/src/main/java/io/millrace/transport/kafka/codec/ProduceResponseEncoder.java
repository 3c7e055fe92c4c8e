package io.millrace.transport.kafka.codec;

import static java.nio.ByteOrder.BIG_ENDIAN;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * Writes a Produce response, versions 3 to 8, as a skeleton whose outcomes are patched in as they come. Owned by the
 * thread that encodes.
 *
 * <p>Call {@link #begin}, then {@link #topic} and its {@link #partition}s in the request's order, then {@link #end}.
 * The skeleton already holds names and numbers, so nothing of the request needs to be kept until its outcomes are
 * known; {@link #patch} needs only the entry's index.
 */
public final class ProduceResponseEncoder {
    private static final int ERROR_FIELD_OFFSET = Integer.BYTES;
    private static final int BASE_OFFSET_FIELD_OFFSET = ERROR_FIELD_OFFSET + Short.BYTES;
    private static final int LOG_APPEND_TIME_FIELD_OFFSET = BASE_OFFSET_FIELD_OFFSET + Long.BYTES;
    private static final int LOG_START_FIELD_OFFSET = LOG_APPEND_TIME_FIELD_OFFSET + Long.BYTES;
    private static final int RECORD_ERRORS_FIELD_OFFSET = LOG_START_FIELD_OFFSET + Long.BYTES;
    private static final int ERROR_MESSAGE_FIELD_OFFSET = RECORD_ERRORS_FIELD_OFFSET + Integer.BYTES;
    private static final int V8_ENTRY_LENGTH = ERROR_MESSAGE_FIELD_OFFSET + Short.BYTES;

    private ReplyTarget target;
    private int version;
    private int index;
    private int topicCount;
    private int partitionCount;
    private int partitionCountIndex;

    /**
     * Begins a response.
     *
     * @param replyTarget    takes it
     * @param requestVersion 3 to 8
     * @return this
     */
    public ProduceResponseEncoder begin(final ReplyTarget replyTarget, final int requestVersion) {
        target = replyTarget;
        version = requestVersion;
        topicCount = 0;
        partitionCountIndex = -1;
        index = ReplyTarget.BODY_INDEX + Integer.BYTES;
        target.ensureCapacity(index).putInt(ReplyTarget.BODY_INDEX, 0, BIG_ENDIAN);
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
        out.putInt(ReplyTarget.BODY_INDEX, ++topicCount, BIG_ENDIAN);
        out.putShort(index, (short) length, BIG_ENDIAN);
        out.putBytes(index + Short.BYTES, buffer, at, length);
        partitionCountIndex = index + Short.BYTES + length;
        partitionCount = 0;
        out.putInt(partitionCountIndex, 0, BIG_ENDIAN);
        index = partitionCountIndex + Integer.BYTES;
    }

    /**
     * Adds a partition with no error and base offset -1 so far.
     *
     * @param partitionId number in its topic
     * @return index of the entry, for {@link #patch}
     */
    public int partition(final int partitionId) {
        final int entryIndex = index;
        final int length = entryLength(version);
        final MutableDirectBuffer out = target.ensureCapacity(entryIndex + length);
        out.putInt(partitionCountIndex, ++partitionCount, BIG_ENDIAN);
        out.putInt(entryIndex, partitionId, BIG_ENDIAN);
        out.putLong(entryIndex + LOG_APPEND_TIME_FIELD_OFFSET, -1L, BIG_ENDIAN);
        if (version >= 8) {
            out.putInt(entryIndex + RECORD_ERRORS_FIELD_OFFSET, 0, BIG_ENDIAN);
            out.putShort(entryIndex + ERROR_MESSAGE_FIELD_OFFSET, (short) -1, BIG_ENDIAN);
        }
        patch(out, version, entryIndex, (short) 0, -1L, -1L);
        index = entryIndex + length;
        return entryIndex;
    }

    /** {@return index of the response's end, to complete the reply with} */
    public int end() {
        target.ensureCapacity(index + Integer.BYTES).putInt(index, 0, BIG_ENDIAN);
        return index + Integer.BYTES;
    }

    /**
     * Writes one partition's outcome into a skeleton.
     *
     * @param buffer         the reply's memory
     * @param version        of the request
     * @param entryIndex     what {@link #partition} returned
     * @param errorCode      0, or the number of a Kafka error
     * @param baseOffset     of the batch's first record, -1 when refused
     * @param logStartOffset first offset kept of the partition, -1 when unknown
     */
    public static void patch(
        final MutableDirectBuffer buffer,
        final int version,
        final int entryIndex,
        final short errorCode,
        final long baseOffset,
        final long logStartOffset) {
        buffer.putShort(entryIndex + ERROR_FIELD_OFFSET, errorCode, BIG_ENDIAN);
        buffer.putLong(entryIndex + BASE_OFFSET_FIELD_OFFSET, baseOffset, BIG_ENDIAN);
        if (version >= 5) {
            buffer.putLong(entryIndex + LOG_START_FIELD_OFFSET, logStartOffset, BIG_ENDIAN);
        }
    }

    private static int entryLength(final int version) {
        if (version >= 8) {
            return V8_ENTRY_LENGTH;
        }
        return version >= 5 ? RECORD_ERRORS_FIELD_OFFSET : LOG_START_FIELD_OFFSET;
    }
}
