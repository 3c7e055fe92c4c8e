package io.millrace.transport.kafka.codec;

import static java.nio.ByteOrder.BIG_ENDIAN;

import org.agrona.DirectBuffer;

/**
 * Walks the partitions of a Produce request, versions 3 to 13, in place. Owned by the thread that wraps it.
 *
 * <p>{@link #wrap} checks the structure of the whole request, so the walk itself cannot fail half-way. The record
 * batches are not looked into.
 */
public final class ProduceRequestCursor {
    private static final int UUID_LENGTH = 16;
    /** A topic is at least a name and a count of partitions of one byte each. */
    private static final int MIN_TOPIC_LENGTH = 2;
    /** A partition is at least its number and a length of one byte. */
    private static final int MIN_PARTITION_LENGTH = Integer.BYTES + 1;

    private final WireReader reader = new WireReader();
    private int transactionalIdLength;
    private int transactionalIdIndex;
    private short acks;
    private int timeoutMs;
    private boolean hasTopicIds;
    private int allTopicCount;
    private int topicCount;
    private int partitionCount;
    private int firstTopicIndex;

    private int topicsLeft;
    private int partitionsLeft;
    private boolean inTopic;
    private boolean newTopic;
    private int topicPartitionCount;
    private int topicIndex;
    private int topicLength;
    private int partitionId;
    private int recordsIndex;
    private int recordsLength;

    /**
     * Checks a request and stands before its first partition.
     *
     * @param version 3 to 13
     * @param buffer  holds the request
     * @param index   of the body
     * @param length  of the body
     * @return this
     * @throws MalformedRequestException when the body is not exactly one well-formed request
     */
    public ProduceRequestCursor wrap(
        final int version, final DirectBuffer buffer, final int index, final int length) {
        if (version < ApiTable.PRODUCE_MIN_DECODED || version > ApiTable.PRODUCE_MAX_DECODED) {
            throw new MalformedRequestException("Produce version not decoded: " + version);
        }
        reader.wrap(buffer, index, length);
        reader.flexible(version >= ApiTable.PRODUCE_FLEXIBLE);
        hasTopicIds = ApiTable.hasTopicIds(ApiTable.PRODUCE, version);
        transactionalIdLength = reader.readNullableString();
        transactionalIdIndex = reader.index() - Math.max(transactionalIdLength, 0);
        acks = reader.readShort();
        timeoutMs = reader.readInt();
        allTopicCount = reader.readArrayCount(MIN_TOPIC_LENGTH);
        firstTopicIndex = reader.index();
        checkTopics();
        reader.skipTaggedFields();
        return rewind();
    }

    private void checkTopics() {
        topicCount = 0;
        partitionCount = 0;
        for (int i = 0; i < allTopicCount; i++) {
            readTopic();
            topicCount += topicPartitionCount > 0 ? 1 : 0;
            partitionCount += topicPartitionCount;
            for (int j = 0; j < topicPartitionCount; j++) {
                readPartition();
            }
            reader.skipTaggedFields();
        }
    }

    private void readTopic() {
        if (hasTopicIds) {
            topicLength = UUID_LENGTH;
            reader.skip(UUID_LENGTH);
        } else {
            topicLength = reader.readString();
        }
        topicIndex = reader.index() - topicLength;
        topicPartitionCount = reader.readArrayCount(MIN_PARTITION_LENGTH);
    }

    private void readPartition() {
        partitionId = reader.readInt();
        recordsLength = reader.readNullableBytes();
        recordsIndex = reader.index() - Math.max(recordsLength, 0);
        reader.skipTaggedFields();
    }

    /** {@return this, standing before the first partition again} */
    public ProduceRequestCursor rewind() {
        reader.index(firstTopicIndex);
        topicsLeft = allTopicCount;
        partitionsLeft = 0;
        inTopic = false;
        return this;
    }

    /** {@return whether there is a next partition; the cursor then stands on it} */
    public boolean next() {
        newTopic = false;
        while (partitionsLeft == 0) {
            if (inTopic) {
                reader.skipTaggedFields();
                inTopic = false;
            }
            if (topicsLeft == 0) {
                return false;
            }
            topicsLeft--;
            readTopic();
            partitionsLeft = topicPartitionCount;
            inTopic = true;
            newTopic = true;
        }
        partitionsLeft--;
        readPartition();
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

    /** {@return topics in the request that have partitions in it} */
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

    /** {@return whether topics are named by id} */
    public boolean hasTopicIds() {
        return hasTopicIds;
    }

    /** {@return the upper half of the present topic's id; only where topics are named by id} */
    public long topicIdMost() {
        return reader.buffer().getLong(topicIndex, BIG_ENDIAN);
    }

    /** {@return the lower half of the present topic's id; only where topics are named by id} */
    public long topicIdLeast() {
        return reader.buffer().getLong(topicIndex + Long.BYTES, BIG_ENDIAN);
    }

    /** {@return where the present topic's UTF-8 name, or its id, begins} */
    public int topicIndex() {
        return topicIndex;
    }

    /** {@return length of the present topic's name or id} */
    public int topicLength() {
        return topicLength;
    }

    /** {@return partitions of the present topic in the request} */
    public int topicPartitionCount() {
        return topicPartitionCount;
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
