package io.millrace.transport.kafka.codec;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.millrace.engine.io.LogFile;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * Writes a Fetch response, versions 4 to 18: field bytes into the target's memory, record batches as regions of files.
 * Owned by the thread that encodes.
 *
 * <p>Call {@link #begin}, then {@link #topic}, its {@link #partition}s each followed by its {@link #batch}es, then
 * {@link #end}. A partition's length of records and its tagged fields are written when the next thing begins.
 */
public final class FetchResponseEncoder {
    private static final int ENDPOINTS_VERSION = 16;
    private static final int MAX_HEAD_LENGTH = 1 + 3 * Integer.BYTES + CompactWriter.MAX_COUNT_LENGTH;
    private static final int MAX_PARTITION_LENGTH = 48;
    private static final int DIVERGING_EPOCH_TAG = 0;
    private static final int DIVERGING_EPOCH_LENGTH = Integer.BYTES + Long.BYTES + 1;
    private static final int CURRENT_LEADER_TAG = 1;
    private static final int CURRENT_LEADER_LENGTH = 2 * Integer.BYTES + 1;
    /** Length of the records, count of tagged fields, the fields with tag and length, the topic's own (none). */
    private static final int MAX_PARTITION_END_LENGTH = CompactWriter.MAX_COUNT_LENGTH + 1
        + 2 + DIVERGING_EPOCH_LENGTH + 2 + CURRENT_LEADER_LENGTH + 1;
    private static final int NONE = -1;

    private ReplyTarget target;
    private int version;
    private boolean flexible;
    private int index;
    private boolean inTopic;
    private boolean inPartition;
    private int partitionIndex;
    private int recordsLength;
    private int divergingEpoch;
    private long divergingEndOffset;
    private int leaderId;
    private int leaderEpoch;
    private long totalRecordsLength;

    /**
     * Begins a response without a fetch session; what the target held of an earlier attempt is forgotten.
     *
     * @param replyTarget    takes it
     * @param requestVersion 4 to 18
     * @param errorCode      of the whole request, 0 for none; written from version 7 on
     * @param topicCount     how many topics follow
     * @return this
     */
    public FetchResponseEncoder begin(
        final ReplyTarget replyTarget, final int requestVersion, final short errorCode, final int topicCount) {
        target = replyTarget;
        version = requestVersion;
        flexible = version >= ApiTable.FETCH_FLEXIBLE;
        inTopic = false;
        inPartition = false;
        totalRecordsLength = 0;
        target.clearRegions();
        final MutableDirectBuffer out = target.ensureCapacity(ReplyTarget.BODY_INDEX + MAX_HEAD_LENGTH);
        int at = ReplyTarget.BODY_INDEX;
        if (flexible) {
            out.putByte(at++, (byte) 0); // the response header's tagged fields
        }
        out.putInt(at, 0, BIG_ENDIAN);
        at += Integer.BYTES;
        if (version >= 7) {
            out.putShort(at, errorCode, BIG_ENDIAN);
            out.putInt(at + Short.BYTES, 0, BIG_ENDIAN);
            at += Short.BYTES + Integer.BYTES;
        }
        index = CompactWriter.putCount(out, at, topicCount, flexible);
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
        final boolean isId = ApiTable.hasTopicIds(ApiTable.FETCH, version);
        index = CompactWriter.putTopic(out, index, buffer, at, length, isId, flexible);
        index = CompactWriter.putCount(out, index, partitionCount, flexible);
        inTopic = true;
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
        closePartition();
        final MutableDirectBuffer out = target.ensureCapacity(index + MAX_PARTITION_LENGTH);
        partitionIndex = index;
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
        at = CompactWriter.putCount(out, at, 0, flexible); // aborted transactions
        if (version >= 11) {
            out.putInt(at, -1, BIG_ENDIAN);
            at += Integer.BYTES;
        }
        index = at;
        inPartition = true;
        recordsLength = 0;
        divergingEpoch = NONE;
        leaderId = NONE;
        leaderEpoch = NONE;
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
     * Says of the present partition where the asker's log and this one part; told from version 12 on.
     *
     * @param epoch     largest epoch known here up to the one that the asker named
     * @param endOffset offset after that epoch's last record
     */
    public void divergingEpoch(final int epoch, final long endOffset) {
        divergingEpoch = epoch;
        divergingEndOffset = endOffset;
    }

    /**
     * Says who leads the present partition; told from version 12 on.
     *
     * @param nodeId of the leader, -1 when there is none
     * @param epoch  the newest known
     */
    public void currentLeader(final int nodeId, final int epoch) {
        leaderId = nodeId;
        leaderEpoch = epoch;
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
        target.addRegion(file, fileOffset, length);
    }

    /** {@return bytes of records added so far, over all partitions} */
    public long totalRecordsLength() {
        return totalRecordsLength;
    }

    /** {@return index of the response's end in the target's memory, to complete the reply with} */
    public int end() {
        return end(List.of());
    }

    /**
     * {@return index of the response's end in the target's memory, to complete the reply with}
     *
     * @param endpoints of the leaders that the response names; told from version 16 on
     */
    public int end(final List<NodeEndpoint> endpoints) {
        closeTopic();
        if (flexible) {
            index = CompactWriter.putEndpoints(target, index, version >= ENDPOINTS_VERSION ? endpoints : List.of());
        }
        return index;
    }

    private void closeTopic() {
        closePartition();
        if (inTopic && flexible) {
            target.ensureCapacity(index + 1).putByte(index++, (byte) 0);
        }
        inTopic = false;
    }

    private void closePartition() {
        if (!inPartition) {
            return;
        }
        inPartition = false;
        final MutableDirectBuffer out = target.ensureCapacity(index + MAX_PARTITION_END_LENGTH);
        int at = CompactWriter.putCount(out, index, recordsLength, flexible);
        target.placeRegions(at);
        if (flexible) {
            out.putByte(at++, (byte) ((divergingEpoch == NONE ? 0 : 1) + (leaderEpoch == NONE ? 0 : 1)));
            if (divergingEpoch != NONE) {
                out.putByte(at, (byte) DIVERGING_EPOCH_TAG);
                out.putByte(at + 1, (byte) DIVERGING_EPOCH_LENGTH);
                out.putInt(at + 2, divergingEpoch, BIG_ENDIAN);
                out.putLong(at + 6, divergingEndOffset, BIG_ENDIAN);
                out.putByte(at + 14, (byte) 0);
                at += 15;
            }
            if (leaderEpoch != NONE) {
                out.putByte(at, (byte) CURRENT_LEADER_TAG);
                out.putByte(at + 1, (byte) CURRENT_LEADER_LENGTH);
                out.putInt(at + 2, leaderId, BIG_ENDIAN);
                out.putInt(at + 6, leaderEpoch, BIG_ENDIAN);
                out.putByte(at + 10, (byte) 0);
                at += 11;
            }
        }
        index = at;
    }
}
