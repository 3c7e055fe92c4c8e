package io.millrace.transport.kafka.codec;

import org.agrona.DirectBuffer;

/**
 * Walks the partitions of a Fetch response, versions 4 to 11, in place. Owned by the thread that wraps it.
 */
public final class FetchResponseCursor {
    private static final int MIN_TOPIC_LENGTH = Short.BYTES + Integer.BYTES;

    private final WireReader reader = new WireReader();
    private int version;
    private short topErrorCode;
    private int topicsLeft;
    private int partitionsLeft;
    private int topicIndex;
    private int topicLength;
    private int partitionId;
    private short errorCode;
    private long highWatermark;
    private long logStartOffset;
    private int recordsIndex;
    private int recordsLength;

    /**
     * Stands before the first partition.
     *
     * @param requestVersion 4 to 11
     * @param buffer         holds the response
     * @param index          of the body
     * @param length         of the body
     * @return this
     */
    public FetchResponseCursor wrap(
        final int requestVersion, final DirectBuffer buffer, final int index, final int length) {
        version = requestVersion;
        reader.wrap(buffer, index, length);
        reader.readInt();
        topErrorCode = version >= 7 ? reader.readShort() : 0;
        if (version >= 7) {
            reader.readInt();
        }
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
        highWatermark = reader.readLong();
        reader.readLong();
        logStartOffset = version >= 5 ? reader.readLong() : -1L;
        for (int i = reader.readArrayCount(2 * Long.BYTES); i > 0; i--) {
            reader.skip(2 * Long.BYTES);
        }
        if (version >= 11) {
            reader.readInt();
        }
        recordsLength = Math.max(reader.readNullableBytes(), 0);
        recordsIndex = reader.index() - recordsLength;
        return true;
    }

    /** {@return error of the whole request, 0 for none} */
    public short topErrorCode() {
        return topErrorCode;
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

    /** {@return offset after the last committed record} */
    public long highWatermark() {
        return highWatermark;
    }

    /** {@return first offset kept of the partition, -1 when unknown} */
    public long logStartOffset() {
        return logStartOffset;
    }

    /** {@return where the record batches begin} */
    public int recordsIndex() {
        return recordsIndex;
    }

    /** {@return length of all record batches, 0 for none} */
    public int recordsLength() {
        return recordsLength;
    }
}
