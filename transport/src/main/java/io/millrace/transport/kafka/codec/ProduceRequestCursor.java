package io.millrace.transport.kafka.codec;

import org.agrona.DirectBuffer;

/**
 * Walks the partitions of a Produce request, versions 3 to 8, in place. Owned by the thread that wraps it.
 *
 * <p>{@link #wrap} checks the structure of the whole request, so the walk itself cannot fail half-way. The record
 * batches are not looked into.
 */
public final class ProduceRequestCursor {
    private static final int MIN_TOPIC_LENGTH = Short.BYTES + Integer.BYTES;
    private static final int MIN_PARTITION_LENGTH = 2 * Integer.BYTES;

    private final WireReader reader = new WireReader();
    private int transactionalIdLength;
    private int transactionalIdIndex;
    private short acks;
    private int timeoutMs;
    private int topicCount;
    private int partitionCount;
    private int firstTopicIndex;

    private int topicsLeft;
    private int partitionsLeft;
    private boolean newTopic;
    private int topicIndex;
    private int topicLength;
    private int partitionId;
    private int recordsIndex;
    private int recordsLength;

    /**
     * Checks a request and stands before its first partition.
     *
     * @param version 3 to 8
     * @param buffer  holds the request
     * @param index   of the body
     * @param length  of the body
     * @return this
     * @throws MalformedRequestException when the body is not exactly one well-formed request
     */
    public ProduceRequestCursor wrap(
        final int version, final DirectBuffer buffer, final int index, final int length) {
        if (version < ApiTable.PRODUCE_MIN_DECODED || version > ApiTable.maxVersion(ApiTable.PRODUCE)) {
            throw new MalformedRequestException("Produce version not decoded: " + version);
        }
        reader.wrap(buffer, index, length);
        transactionalIdLength = reader.readNullableString();
        transactionalIdIndex = reader.index() - Math.max(transactionalIdLength, 0);
        acks = reader.readShort();
        timeoutMs = reader.readInt();
        topicCount = reader.readArrayCount(MIN_TOPIC_LENGTH);
        firstTopicIndex = reader.index();
        partitionCount = 0;
        for (int i = 0; i < topicCount; i++) {
            reader.readString();
            final int count = reader.readArrayCount(MIN_PARTITION_LENGTH);
            partitionCount += count;
            for (int j = 0; j < count; j++) {
                reader.readInt();
                reader.readNullableBytes();
            }
        }
        reader.requireEnd();
        return rewind();
    }

    /** {@return this, standing before the first partition again} */
    public ProduceRequestCursor rewind() {
        reader.index(firstTopicIndex);
        topicsLeft = topicCount;
        partitionsLeft = 0;
        return this;
    }

    /** {@return whether there is a next partition; the cursor then stands on it} */
    public boolean next() {
        newTopic = false;
        while (partitionsLeft == 0) {
            if (topicsLeft == 0) {
                return false;
            }
            topicsLeft--;
            topicLength = reader.readString();
            topicIndex = reader.index() - topicLength;
            partitionsLeft = reader.readArrayCount(MIN_PARTITION_LENGTH);
            newTopic = true;
        }
        partitionsLeft--;
        partitionId = reader.readInt();
        recordsLength = reader.readNullableBytes();
        recordsIndex = reader.index() - Math.max(recordsLength, 0);
        return true;
    }

    /** {@return acks asked for: 0, 1, -1 for all; other values are for the caller to refuse} */
    public short acks() {
        return acks;
    }

    /** {@return how long the client lets the broker wait for the acks} */
    public int timeoutMs() {
        return timeoutMs;
    }

    /** {@return length of the transactional id, -1 for none} */
    public int transactionalIdLength() {
        return transactionalIdLength;
    }

    /** {@return where the transactional id begins} */
    public int transactionalIdIndex() {
        return transactionalIdIndex;
    }

    /** {@return topics in the request} */
    public int topicCount() {
        return topicCount;
    }

    /** {@return partitions in the request, over all topics} */
    public int partitionCount() {
        return partitionCount;
    }

    /** {@return whether the present partition is the first of its topic} */
    public boolean isNewTopic() {
        return newTopic;
    }

    /** {@return the memory all indexes refer to} */
    public DirectBuffer buffer() {
        return reader.buffer();
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

    /** {@return where the present partition's record batch begins} */
    public int recordsIndex() {
        return recordsIndex;
    }

    /** {@return length of the present partition's records, -1 for null} */
    public int recordsLength() {
        return recordsLength;
    }
}
