package io.millrace.transport.kafka.codec;

import org.agrona.DirectBuffer;

/**
 * Walks the partitions of a Fetch request, versions 4 to 11, in place. Owned by the thread that wraps it.
 *
 * <p>{@link #wrap} checks the structure of the whole request, so the walk itself cannot fail half-way. Forgotten topics
 * are checked and skipped: this broker keeps no fetch sessions.
 */
public final class FetchRequestCursor {
    private static final int MIN_TOPIC_LENGTH = Short.BYTES + Integer.BYTES;

    private final WireReader reader = new WireReader();
    private int version;
    private int replicaId;
    private int maxWaitMs;
    private int minLength;
    private int maxLength;
    private byte isolationLevel;
    private int sessionId;
    private int sessionEpoch;
    private int topicCount;
    private int partitionCount;
    private int firstTopicIndex;

    private int topicsLeft;
    private int partitionsLeft;
    private boolean newTopic;
    private int topicIndex;
    private int topicLength;
    private int partitionId;
    private int currentLeaderEpoch;
    private long fetchOffset;
    private int partitionMaxLength;

    /**
     * Checks a request and stands before its first partition.
     *
     * @param requestVersion 4 to 11
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
        replicaId = reader.readInt();
        maxWaitMs = reader.readInt();
        minLength = reader.readInt();
        maxLength = reader.readInt();
        isolationLevel = reader.readByte();
        sessionId = version >= 7 ? reader.readInt() : 0;
        sessionEpoch = version >= 7 ? reader.readInt() : -1;
        topicCount = reader.readArrayCount(MIN_TOPIC_LENGTH);
        firstTopicIndex = reader.index();
        partitionCount = 0;
        final int partitionLength = partitionLength();
        for (int i = 0; i < topicCount; i++) {
            reader.readString();
            final int count = reader.readArrayCount(partitionLength);
            partitionCount += count;
            reader.skip(count * partitionLength);
        }
        if (version >= 7) {
            skipForgottenTopics();
        }
        if (version >= 11) {
            reader.readString();
        }
        reader.requireEnd();
        return rewind();
    }

    /** {@return this, standing before the first partition again} */
    public FetchRequestCursor rewind() {
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
            partitionsLeft = reader.readArrayCount(partitionLength());
            newTopic = true;
        }
        partitionsLeft--;
        partitionId = reader.readInt();
        currentLeaderEpoch = version >= 9 ? reader.readInt() : -1;
        fetchOffset = reader.readLong();
        if (version >= 5) {
            reader.readLong();
        }
        partitionMaxLength = reader.readInt();
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

    /** {@return the leader epoch the client believes in, -1 for none} */
    public int currentLeaderEpoch() {
        return currentLeaderEpoch;
    }

    /** {@return first offset wanted} */
    public long fetchOffset() {
        return fetchOffset;
    }

    /** {@return bytes wanted at most of the present partition} */
    public int partitionMaxLength() {
        return partitionMaxLength;
    }

    private void skipForgottenTopics() {
        final int count = reader.readArrayCount(MIN_TOPIC_LENGTH);
        for (int i = 0; i < count; i++) {
            reader.readString();
            reader.skip(reader.readArrayCount(Integer.BYTES) * Integer.BYTES);
        }
    }

    private int partitionLength() {
        return Integer.BYTES + Long.BYTES + Integer.BYTES + (version >= 9 ? Integer.BYTES : 0) +
            (version >= 5 ? Long.BYTES : 0);
    }
}
