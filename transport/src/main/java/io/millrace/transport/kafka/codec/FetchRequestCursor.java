package io.millrace.transport.kafka.codec;

import static java.nio.ByteOrder.BIG_ENDIAN;

import org.agrona.DirectBuffer;

/**
 * Walks the partitions of a Fetch request, versions 4 to 18, in place. Owned by the thread that wraps it.
 *
 * <p>{@link #wrap} checks the structure of the whole request, so the walk itself cannot fail half-way. Forgotten topics
 * are checked and skipped: this broker keeps no fetch sessions.
 */
public final class FetchRequestCursor {
    private static final int UUID_LENGTH = 16;
    /** A topic is at least a name and a count of partitions of one byte each. */
    private static final int MIN_TOPIC_LENGTH = 2;
    private static final int MIN_PARTITION_LENGTH = Integer.BYTES + Long.BYTES + Integer.BYTES;
    private static final int REPLICA_STATE_VERSION = 15;
    private static final int REPLICA_STATE_TAG = 1;

    private final WireReader reader = new WireReader();
    private int version;
    private int replicaId;
    private int maxWaitMs;
    private int minLength;
    private int maxLength;
    private byte isolationLevel;
    private int sessionId;
    private int sessionEpoch;
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
    private int currentLeaderEpoch;
    private long fetchOffset;
    private int lastFetchedEpoch;
    private int partitionMaxLength;

    /**
     * Checks a request and stands before its first partition.
     *
     * @param requestVersion 4 to 18
     * @param buffer         holds the request
     * @param index          of the body
     * @param length         of the body
     * @return this
     * @throws MalformedRequestException when the body is not exactly one well-formed request
     */
    public FetchRequestCursor wrap(
        final int requestVersion, final DirectBuffer buffer, final int index, final int length) {
        if (!ApiTable.isServed(ApiTable.FETCH, requestVersion)) {
            throw new MalformedRequestException("Fetch version not decoded: " + requestVersion);
        }
        version = requestVersion;
        reader.wrap(buffer, index, length);
        reader.flexible(version >= ApiTable.FETCH_FLEXIBLE);
        hasTopicIds = ApiTable.hasTopicIds(ApiTable.FETCH, version);
        replicaId = version >= REPLICA_STATE_VERSION ? -1 : reader.readInt();
        maxWaitMs = reader.readInt();
        minLength = reader.readInt();
        maxLength = reader.readInt();
        isolationLevel = reader.readByte();
        sessionId = version >= 7 ? reader.readInt() : 0;
        sessionEpoch = version >= 7 ? reader.readInt() : -1;
        allTopicCount = reader.readArrayCount(MIN_TOPIC_LENGTH);
        firstTopicIndex = reader.index();
        checkTopics();
        if (version >= 7) {
            skipForgottenTopics();
        }
        if (version >= 11) {
            reader.readString();
        }
        if (version >= ApiTable.FETCH_FLEXIBLE) {
            readTaggedFields();
        }
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
        readTopicName();
        topicPartitionCount = reader.readArrayCount(MIN_PARTITION_LENGTH);
    }

    private void readTopicName() {
        if (hasTopicIds) {
            topicLength = UUID_LENGTH;
            reader.skip(UUID_LENGTH);
        } else {
            topicLength = reader.readString();
        }
        topicIndex = reader.index() - topicLength;
    }

    private void readPartition() {
        partitionId = reader.readInt();
        currentLeaderEpoch = version >= 9 ? reader.readInt() : -1;
        fetchOffset = reader.readLong();
        lastFetchedEpoch = version >= ApiTable.FETCH_FLEXIBLE ? reader.readInt() : -1;
        if (version >= 5) {
            reader.readLong();
        }
        partitionMaxLength = reader.readInt();
        reader.skipTaggedFields();
    }

    /** Of the request's own only the replica state counts: it tells a follower from a client. */
    private void readTaggedFields() {
        for (int i = reader.readUnsignedVarint(); i > 0; i--) {
            final int tag = reader.readUnsignedVarint();
            final int length = reader.readUnsignedVarint();
            if (tag == REPLICA_STATE_TAG && version >= REPLICA_STATE_VERSION && length >= Integer.BYTES) {
                replicaId = reader.readInt();
                reader.skip(length - Integer.BYTES);
            } else {
                reader.skip(length);
            }
        }
    }

    private void skipForgottenTopics() {
        for (int i = reader.readArrayCount(MIN_TOPIC_LENGTH); i > 0; i--) {
            readTopicName();
            reader.skip(reader.readArrayCount(Integer.BYTES) * Integer.BYTES);
            reader.skipTaggedFields();
        }
    }

    /** {@return this, standing before the first partition again} */
    public FetchRequestCursor rewind() {
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

    /** {@return the replica that asks, -1 for a client} */
    public int replicaId() {
        return replicaId;
    }

    /** {@return how long to wait for {@link #minLength()} bytes} */
    public int maxWaitMs() {
        return maxWaitMs;
    }

    /** {@return bytes to wait for} */
    public int minLength() {
        return minLength;
    }

    /** {@return bytes wanted at most over all partitions; the first batch counts whatever its length} */
    public int maxLength() {
        return maxLength;
    }

    /** {@return 0 read uncommitted, 1 read committed} */
    public byte isolationLevel() {
        return isolationLevel;
    }

    /** {@return the fetch session's id, 0 for none} */
    public int sessionId() {
        return sessionId;
    }

    /** {@return the fetch session's epoch, -1 for none} */
    public int sessionEpoch() {
        return sessionEpoch;
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

    /** {@return the leader epoch the client believes in, -1 for none} */
    public int currentLeaderEpoch() {
        return currentLeaderEpoch;
    }

    /** {@return first offset wanted} */
    public long fetchOffset() {
        return fetchOffset;
    }

    /** {@return epoch of the last record that the asker has, -1 for none; only followers say so as yet} */
    public int lastFetchedEpoch() {
        return lastFetchedEpoch;
    }

    /** {@return bytes wanted at most of the present partition} */
    public int partitionMaxLength() {
        return partitionMaxLength;
    }
}
