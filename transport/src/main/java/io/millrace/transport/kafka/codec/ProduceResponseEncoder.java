package io.millrace.transport.kafka.codec;

import static java.nio.ByteOrder.BIG_ENDIAN;

import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * Writes a Produce response, versions 3 to 13, as a skeleton whose outcomes are patched in as they come. Owned by the
 * thread that encodes.
 *
 * <p>Call {@link #begin}, then {@link #topic} and its {@link #partition}s in the request's order, then {@link #end}.
 * The skeleton already holds names and numbers, so nothing of the request needs to be kept until its outcomes are
 * known; {@link #patch} needs only the entry's index. For the same reason every entry has room for its leader until
 * {@link #finish}: a leader of -1 that is told makes librdkafka look for it after each batch.
 */
public final class ProduceResponseEncoder {
    private static final int RECORD_ERRORS_VERSION = 8;
    private static final int LEADER_VERSION = 10;
    private static final int ERROR_FIELD_OFFSET = Integer.BYTES;
    private static final int BASE_OFFSET_FIELD_OFFSET = ERROR_FIELD_OFFSET + Short.BYTES;
    private static final int LOG_APPEND_TIME_FIELD_OFFSET = BASE_OFFSET_FIELD_OFFSET + Long.BYTES;
    private static final int LOG_START_FIELD_OFFSET = LOG_APPEND_TIME_FIELD_OFFSET + Long.BYTES;
    private static final int RECORD_ERRORS_FIELD_OFFSET = LOG_START_FIELD_OFFSET + Long.BYTES;
    private static final int ERROR_MESSAGE_FIELD_OFFSET = RECORD_ERRORS_FIELD_OFFSET + Integer.BYTES;
    private static final int V8_ENTRY_LENGTH = ERROR_MESSAGE_FIELD_OFFSET + Short.BYTES;
    /** No record errors and no error message take a byte each in the flexible encoding. */
    private static final int TAGS_FIELD_OFFSET = RECORD_ERRORS_FIELD_OFFSET + 2;
    private static final int V9_ENTRY_LENGTH = TAGS_FIELD_OFFSET + 1;
    private static final int LEADER_TAG = 0;
    private static final int LEADER_LENGTH = 2 * Integer.BYTES + 1;
    /** After the count of tagged fields, the tag and its length. */
    private static final int LEADER_FIELD_OFFSET = TAGS_FIELD_OFFSET + 3;
    private static final int V10_ENTRY_LENGTH = LEADER_FIELD_OFFSET + LEADER_LENGTH;

    private ReplyTarget target;
    private int version;
    private boolean flexible;
    private boolean inTopic;
    private int index;

    /**
     * Begins a response.
     *
     * @param replyTarget    takes it
     * @param requestVersion 3 to 13
     * @param topicCount     how many topics follow
     * @return this
     */
    public ProduceResponseEncoder begin(
        final ReplyTarget replyTarget, final int requestVersion, final int topicCount) {
        target = replyTarget;
        version = requestVersion;
        flexible = version >= ApiTable.PRODUCE_FLEXIBLE;
        inTopic = false;
        index = ReplyTarget.BODY_INDEX;
        final MutableDirectBuffer out = target.ensureCapacity(index + 1 + CompactWriter.MAX_COUNT_LENGTH);
        if (flexible) {
            out.putByte(index++, (byte) 0); // the response header's tagged fields
        }
        index = CompactWriter.putCount(out, index, topicCount, flexible);
        return this;
    }

    /**
     * Begins a topic.
     *
     * @param buffer         holds its name, or its id from version 13 on
     * @param at             index of the name's UTF-8 bytes, or of the id
     * @param length         of the name or id
     * @param partitionCount how many partitions follow
     */
    public void topic(final DirectBuffer buffer, final int at, final int length, final int partitionCount) {
        closeTopic();
        final MutableDirectBuffer out =
            target.ensureCapacity(index + length + 2 * CompactWriter.MAX_COUNT_LENGTH);
        final boolean isId = ApiTable.hasTopicIds(ApiTable.PRODUCE, version);
        index = CompactWriter.putTopic(out, index, buffer, at, length, isId, flexible);
        index = CompactWriter.putCount(out, index, partitionCount, flexible);
        inTopic = true;
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
        out.putInt(entryIndex, partitionId, BIG_ENDIAN);
        out.putLong(entryIndex + LOG_APPEND_TIME_FIELD_OFFSET, -1L, BIG_ENDIAN);
        if (flexible) {
            out.putByte(entryIndex + RECORD_ERRORS_FIELD_OFFSET, (byte) 1);
            out.putByte(entryIndex + RECORD_ERRORS_FIELD_OFFSET + 1, (byte) 0);
            out.putByte(entryIndex + TAGS_FIELD_OFFSET, (byte) (version >= LEADER_VERSION ? 1 : 0));
        } else if (version >= RECORD_ERRORS_VERSION) {
            out.putInt(entryIndex + RECORD_ERRORS_FIELD_OFFSET, 0, BIG_ENDIAN);
            out.putShort(entryIndex + ERROR_MESSAGE_FIELD_OFFSET, (short) -1, BIG_ENDIAN);
        }
        if (version >= LEADER_VERSION) {
            out.putByte(entryIndex + TAGS_FIELD_OFFSET + 1, (byte) LEADER_TAG);
            out.putByte(entryIndex + TAGS_FIELD_OFFSET + 2, (byte) LEADER_LENGTH);
            out.putByte(entryIndex + LEADER_FIELD_OFFSET + LEADER_LENGTH - 1, (byte) 0);
        }
        patch(out, version, entryIndex, (short) 0, -1L, -1L);
        patchLeader(out, version, entryIndex, -1, -1);
        index = entryIndex + length;
        return entryIndex;
    }

    /** {@return index of the response's end, to complete the reply with} */
    public int end() {
        closeTopic();
        final MutableDirectBuffer out = target.ensureCapacity(index + Integer.BYTES + 1);
        out.putInt(index, 0, BIG_ENDIAN);
        index += Integer.BYTES;
        if (flexible) {
            out.putByte(index++, (byte) 0);
        }
        return index;
    }

    private void closeTopic() {
        if (inTopic && flexible) {
            target.ensureCapacity(index + 1).putByte(index++, (byte) 0);
        }
        inTopic = false;
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

    /**
     * Says in a skeleton who leads a partition; told from version 10 on.
     *
     * @param buffer      the reply's memory
     * @param version     of the request
     * @param entryIndex  what {@link #partition} returned
     * @param leaderId    node id, -1 when there is none
     * @param leaderEpoch the newest known, -1 for none
     */
    public static void patchLeader(
        final MutableDirectBuffer buffer,
        final int version,
        final int entryIndex,
        final int leaderId,
        final int leaderEpoch) {
        if (version >= LEADER_VERSION) {
            buffer.putInt(entryIndex + LEADER_FIELD_OFFSET, leaderId, BIG_ENDIAN);
            buffer.putInt(entryIndex + LEADER_FIELD_OFFSET + Integer.BYTES, leaderEpoch, BIG_ENDIAN);
        }
    }

    /**
     * {@return index of the end of a skeleton with all outcomes, without the room for leaders that were not told and
     * with the endpoints of those that were}
     *
     * @param target    holds it
     * @param version   of the request; leaders are told from 10 on
     * @param end       what {@link #end} returned
     * @param endpoints of the leaders that were told
     */
    public static int finish(
        final ReplyTarget target, final int version, final int end, final List<NodeEndpoint> endpoints) {
        if (version < LEADER_VERSION) {
            return end;
        }
        return CompactWriter.putEndpoints(target, dropRoom(target.ensureCapacity(end), version, end) - 1, endpoints);
    }

    private static int dropRoom(final MutableDirectBuffer buffer, final int version, final int end) {
        int from = ReplyTarget.BODY_INDEX + 1;
        int topicCount = CompactWriter.unsignedVarint(buffer, from) - 1;
        from += CompactWriter.varintLength(topicCount + 1);
        int to = from;
        for (; topicCount > 0; topicCount--) {
            final int keyLength = ApiTable.hasTopicIds(ApiTable.PRODUCE, version) ? 2 * Long.BYTES
                : keyLength(CompactWriter.unsignedVarint(buffer, from));
            int partitionCount = CompactWriter.unsignedVarint(buffer, from + keyLength) - 1;
            final int headLength = keyLength + CompactWriter.varintLength(partitionCount + 1);
            to = move(buffer, from, to, headLength);
            from += headLength;
            for (; partitionCount > 0; partitionCount--) {
                final boolean isTold = buffer.getInt(from + LEADER_FIELD_OFFSET, BIG_ENDIAN) != -1
                    || buffer.getInt(from + LEADER_FIELD_OFFSET + Integer.BYTES, BIG_ENDIAN) != -1;
                to = move(buffer, from, to, isTold ? V10_ENTRY_LENGTH : V9_ENTRY_LENGTH);
                if (!isTold) {
                    buffer.putByte(to - 1, (byte) 0); // no tagged fields
                }
                from += V10_ENTRY_LENGTH;
            }
            to = move(buffer, from, to, 1);
            from++;
        }
        return move(buffer, from, to, end - from);
    }

    private static int keyLength(final int encodedLength) {
        return CompactWriter.varintLength(encodedLength) + encodedLength - 1;
    }

    private static int move(final MutableDirectBuffer buffer, final int from, final int to, final int length) {
        if (from != to) {
            buffer.putBytes(to, buffer, from, length);
        }
        return to + length;
    }

    private static int entryLength(final int version) {
        if (version >= LEADER_VERSION) {
            return V10_ENTRY_LENGTH;
        }
        if (version >= ApiTable.PRODUCE_FLEXIBLE) {
            return V9_ENTRY_LENGTH;
        }
        if (version >= RECORD_ERRORS_VERSION) {
            return V8_ENTRY_LENGTH;
        }
        return version >= 5 ? RECORD_ERRORS_FIELD_OFFSET : LOG_START_FIELD_OFFSET;
    }
}
