package io.millrace.engine.log;

import java.util.function.IntConsumer;
import org.agrona.DirectBuffer;

/**
 * What a shard must know of the log so far in order to go on: partitions with log start and next offset, producers,
 * epochs. Rebuilt from a state frame and the frames behind it. Owned by the engine thread.
 *
 * <p>Recovery, follower appends and truncation feed it here; a leading writer changes the same object on its own way.
 */
public interface LogState {
    /** Takes each partition. */
    @FunctionalInterface
    interface PartitionConsumer {
        /**
         * One partition.
         *
         * @param partitionId    id within the shard
         * @param logStartOffset first offset kept
         * @param nextOffset     offset after the last record
         */
        void accept(int partitionId, long logStartOffset, long nextOffset);
    }

    /** Forgets everything: an empty log. */
    void clear();

    /**
     * Replaces everything by what a state frame says. (Which partitions are deleted here may be kept.)
     *
     * @param buffer holds the payload of the state frame
     * @param index  of its first byte
     * @param length of the payload
     * @return false when it cannot be read; then nothing changed
     */
    boolean load(DirectBuffer buffer, int index, int length);

    /**
     * Takes note of the first frame of a larger epoch than any before: an epoch starts where its first frame does,
     * be it the epoch start frame or the state frame that a roll had to put before it.
     *
     * @param epoch    larger than {@link #lastEpoch()}
     * @param position of that frame
     */
    void onEpoch(int epoch, long position);

    /**
     * Takes in a batch that is in the log and checked: next offset, producer state.
     *
     * @param partitionId id within the shard
     * @param buffer      holds at least the batch's header (61 bytes), nothing more is read
     * @param batchIndex  of the batch's first byte
     * @param endPosition aligned end of its frame
     */
    void onBatch(int partitionId, DirectBuffer buffer, int batchIndex, long endPosition);

    /** {@return the leader epochs of the log; any thread} */
    default EpochSnapshot epochs() {
        return EpochSnapshot.EMPTY;
    }

    /**
     * {@return offset that the next batch must begin with, 0 for a partition not seen so far}
     *
     * @param partitionId id within the shard
     */
    long nextOffset(int partitionId);

    /**
     * {@return first offset kept, 0 for a partition not seen so far}
     *
     * @param partitionId id within the shard
     */
    long logStartOffset(int partitionId);

    /**
     * Moves a partition's log start; never back, never beyond the next offset, and not of a partition not seen so far.
     *
     * @param partitionId id within the shard
     * @param offset      first offset kept
     */
    void logStartOffset(int partitionId, long offset);

    /**
     * Forgets a partition: produce to it is refused from now on. State frames name it as deleted, so that a frame of it
     * from a leader that has not heard of the deletion still fits.
     *
     * @param partitionId id within the shard
     */
    void deletePartition(int partitionId);

    /**
     * Visits the partitions that were deleted and are remembered.
     *
     * @param consumer takes each id
     */
    void forEachDeletedPartition(IntConsumer consumer);

    /**
     * Drops what is remembered of a deleted partition, once no frame of it can be in the log.
     *
     * @param partitionId id within the shard; ignored unless it is deleted
     */
    void forgetPartition(int partitionId);

    /**
     * {@return whether a partition was deleted}
     *
     * @param partitionId id within the shard
     */
    boolean isDeleted(int partitionId);

    /**
     * Visits every partition that is not deleted.
     *
     * @param consumer takes each, in any order that depends on nothing but the log
     */
    void forEachPartition(PartitionConsumer consumer);

    /** {@return the largest epoch seen, -1 in an empty log} */
    int lastEpoch();

    /** {@return how many epochs are known; index 0 is the oldest} */
    int epochCount();

    /**
     * {@return an epoch}
     *
     * @param epochIndex from 0 to {@link #epochCount()} - 1
     */
    int epochAt(int epochIndex);

    /**
     * {@return where an epoch starts}
     *
     * @param epochIndex from 0 to {@link #epochCount()} - 1
     */
    long epochStartAt(int epochIndex);

    /**
     * {@return what in this state, as a state frame told it, does not follow from the frames before that frame; null
     * when all does} Log starts and deletions come from elsewhere, they may differ.
     *
     * @param before what those frames add up to
     */
    String difference(LogState before);

    /**
     * Takes for granted that a partition goes on at an offset: what led there cannot be read.
     *
     * @param partitionId id within the shard
     * @param nextOffset  of the next batch
     * @return false, with nothing changed, when that would go backward
     */
    boolean skipTo(int partitionId, long nextOffset);
}
