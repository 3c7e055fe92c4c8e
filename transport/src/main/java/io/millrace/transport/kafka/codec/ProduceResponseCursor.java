package io.millrace.transport.kafka.codec;

import org.agrona.DirectBuffer;

/**
 * Walks the partitions of a Produce response, versions 3 to 8, in place. Owned by the thread that wraps it.
 */
public final class ProduceResponseCursor {
    private static final int MIN_TOPIC_LENGTH = Short.BYTES + Integer.BYTES;

    private final WireReader reader = new WireReader();
    private int version;
    private int topicsLeft;
    private int partitionsLeft;
    private int topicIndex;
    private int topicLength;
    private int partitionId;
    private short errorCode;
    private long baseOffset;
    private long logStartOffset;

    /**
     * Stands before the first partition.
     *
     * @param requestVersion 3 to 8
     * @param buffer         holds the response
     * @param index          of the body
     * @param length         of the body
     * @return this
     */
    public ProduceResponseCursor wrap(
        final int requestVersion, final DirectBuffer buffer, final int index, final int length) {
        version = requestVersion;
        reader.wrap(buffer, index, length);
        topicsLeft = reader.readArrayCount(MIN_TOPIC_LENGTH);
        partitionsLeft = 0;
        return this;
    }

    /**
     * {@return whether there is a next partition; the cursor then stands on it}
     *
     * @throws MalformedRequestException when the response ends early
     */
    public boolean next() {
        while (partitionsLeft == 0) {
            if (topicsLeft == 0) {
                return false;
            }
            topicsLeft--;
            topicLength = reader.readString();
            topicIndex = reader.index() - topicLength;
            partitionsLeft = reader.readArrayCount(Integer.BYTES);
        }
        partitionsLeft--;
        partitionId = reader.readInt();
        errorCode = reader.readShort();
        baseOffset = reader.readLong();
        reader.readLong();
        logStartOffset = version >= 5 ? reader.readLong() : -1L;
        if (version >= 8) {
            for (int i = reader.readArrayCount(Integer.BYTES + Short.BYTES); i > 0; i--) {
                reader.readInt();
                reader.readNullableString();
            }
            reader.readNullableString();
        }
        return true;
    }

    /** {@return where the present topic's UTF-8 name begins} */
    public int topicIndex() {
        return topicIndex;
    }

    /** {@return length of the present topic's name} */
    public int topicLength() {
        return topicLength;
    }

    /** {@return the present partition's number in its topic} */
    public int partitionId() {
        return partitionId;
    }

    /** {@return 0, or the number of a Kafka error} */
    public short errorCode() {
        return errorCode;
    }

    /** {@return offset of the batch's first record, -1 when refused} */
    public long baseOffset() {
        return baseOffset;
    }

    /** {@return first offset kept of the partition, -1 when unknown} */
    public long logStartOffset() {
        return logStartOffset;
    }
}
