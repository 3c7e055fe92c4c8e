package io.millrace.engine;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.IntPredicate;
import org.agrona.DirectBuffer;

/**
 * One shard's log on one broker: the same bytes on each replica. Owned by the engine thread; what any thread may call
 * says so.
 *
 * <p>I/O errors take the log offline ({@link #isOffline()}); a failed sync is never retried.
 */
public interface ShardLog extends AutoCloseable {
    /** {@link #append} found bytes that do not continue this log; nothing of them was written. */
    long NOT_CONTINUING = -1;
    /** {@link #append} found a damaged frame; nothing of it was written. */
    long CORRUPT = -2;
    /** The disk is full or failing; nothing counts as written. */
    long STORAGE_ERROR = -3;
    /** All rings that this broker may have are in use; nothing was written. */
    long NO_RING = -4;

    /** {@return the marks; any thread} */
    LogMarks marks();

    /** {@return first position kept, the base of the first segment; any thread} */
    long startPosition();

    /** {@return position after the last whole frame, the same as the written mark} */
    long endPosition();

    /** {@return leader epoch of the last frame, -1 in an empty log} */
    int lastEpoch();

    /**
     * {@return how many epochs the kept log knows of; index 0 is the oldest}
     */
    int epochCount();

    /**
     * {@return an epoch}
     *
     * @param index from 0 to {@link #epochCount()} - 1
     */
    int epochAt(int index);

    /**
     * {@return position at which an epoch starts}
     *
     * @param index from 0 to {@link #epochCount()} - 1
     */
    long epochStartAt(int index);

    /**
     * {@return end of an epoch in this log: the start of the next larger epoch or the log's end; -1 when the epoch is
     * older than all that is kept}
     *
     * @param epoch a leader epoch, known here or not (then the largest smaller one counts)
     */
    long epochEnd(int epoch);

    /**
     * Begins to lead: appends the epoch start frame and opens the ring.
     *
     * @param epoch larger than {@link #lastEpoch()}
     * @return end position of the epoch start frame, {@link #STORAGE_ERROR} or {@link #NO_RING}
     */
    long startLeading(int epoch);

    /** Stops leading: waiting acks and whatever is in the ring are answered NOT_LEADER_OR_FOLLOWER. */
    void stopLeading();

    /**
     * Sets what happens to batches while this broker leads; {@link Admission#OPEN} again with each
     * {@link #startLeading}. While they are refused, nobody is answered but by {@link #commit}.
     *
     * @param admission from now on
     */
    void admission(Admission admission);

    /** Answers whoever waits for an ack NOT_LEADER_OR_FOLLOWER; the batches stay in the log. */
    void refuseWaiting();

    /** {@return the ring's entrance; any thread} */
    ShardIngress ingress();

    /**
     * The writer's duty cycle: writes at most one block from the ring, answers what is due.
     *
     * @return work count
     */
    int drain();

    /**
     * Advances the committed mark (leader and follower) and answers waiting acks=all.
     *
     * @param position end of a whole frame, between the present committed and written marks
     */
    void commit(long position);

    /**
     * Sets whether acks=all is admitted now: with fewer in-sync replicas than the class asks, new batches with acks=all
     * are refused with NOT_ENOUGH_REPLICAS before they are written.
     *
     * @param admitted true while enough replicas are in sync
     */
    void admitAcksAll(boolean admitted);

    /**
     * Appends frames from the leader after checking each: header CRC, chain, position, epoch, offsets, batch CRC.
     *
     * @param buffer whole frames, as on disk
     * @param index  of the first
     * @param length of all, bytes
     * @return new end position, or {@link #NOT_CONTINUING}, {@link #CORRUPT}, {@link #STORAGE_ERROR}
     */
    long append(DirectBuffer buffer, int index, int length);

    /**
     * Cuts the log at {@link #cutPosition}.
     *
     * @param position end of a whole frame (or start of a segment), not below the committed mark unless forced by the
     *                 leader's epoch history
     */
    void truncate(long position);

    /**
     * {@return where the log would end if it were to be cut at a position} That is the position itself, or less where
     * the segment that would become the last one is in quarantine: a log cannot go on in it.
     *
     * @param position end of a whole frame
     */
    default long cutPosition(final long position) {
        return position;
    }

    /**
     * Throws everything away; the next append must be a state frame at this position.
     *
     * @param basePosition base of one of the leader's segments
     */
    void reset(long basePosition);

    /**
     * Reads log bytes (page cache); may end inside a frame; never crosses a segment's end.
     *
     * @param position  from where
     * @param target    filled from its position on, at most to its limit
     * @return bytes read, 0 when the position is the end, {@link #NOT_CONTINUING} when it is not kept,
     *     {@link #STORAGE_ERROR} when the disk fails
     */
    int read(long position, ByteBuffer target);

    /**
     * {@return a reader by partition and offset, to be used by one thread}
     */
    PartitionReader newPartitionReader();

    /**
     * {@return what is written to watched partitions; for one network thread}
     */
    default PartitionNews news() {
        return PartitionNews.NONE;
    }

    /**
     * Forgets a partition: its frames no longer keep segments alive, produce to it is refused.
     *
     * @param partitionId id within the shard
     */
    void deletePartition(int partitionId);

    /**
     * Forgets every partition that the log knows and the cluster does not: deleted while this node was away.
     *
     * @param isLive whether a partition id of this shard still belongs to a topic
     */
    void deletePartitionsExcept(IntPredicate isLive);

    /** As {@link #retain(int, long, long)}, whatever the age of the batches. */
    default void retain(final int partitionId, final long retentionLength) {
        retain(partitionId, retentionLength, Long.MIN_VALUE);
    }

    /**
     * Moves a partition's log start (retention) here; segments with nothing live are given back, oldest first. The
     * other replicas hear of it by {@link #tellLogStarts}.
     *
     * @param partitionId     id within the shard
     * @param retentionLength bytes of batches to keep, -1 for no limit
     * @param horizonMs       batches whose largest timestamp lies before it go, Long.MIN_VALUE for no limit
     */
    void retain(int partitionId, long retentionLength, long horizonMs);

    /**
     * Writes into the log which log starts have moved, so that they hold on every replica, for each later leader and
     * after a restart. Without effect unless this broker leads.
     *
     * @return false when the disk did not take it; then it is tried again with the next call
     */
    boolean tellLogStarts();

    /**
     * Moves a partition's log start to an offset and tells it in the log. It holds for good once what is returned is
     * committed.
     *
     * @param partitionId id within the shard
     * @param offset      first offset to keep, at most the high watermark
     * @return position to be committed, {@link #NOT_CONTINUING} when this broker does not lead, or
     *     {@link #STORAGE_ERROR}
     */
    long deleteRecords(int partitionId, long offset);

    /** {@return whether the last write was refused for want of room; any thread} */
    default boolean isShort() {
        return false;
    }

    /**
     * {@return the partitions that keep most dead records from being given back, those in the oldest segments first;
     * any thread, cold}
     *
     * @param maxCount how many at most
     */
    default List<LogPin> pins(final int maxCount) {
        return List.of();
    }

    /**
     * Gives back the oldest segments that hold nothing live and are committed and synced. To be called now and then:
     * what a deletion made dead may not yet be synced at that time.
     */
    void giveBackSegments();

    /**
     * Asks for a check of the sealed segment that holds a position: somebody could not use its bytes.
     *
     * @param position in the log; without effect where the log is still written to
     */
    default void suspect(final long position) {
        // a log without a scrub has nothing to do
    }

    /** {@return whether a failed write or sync took this log offline; any thread} */
    boolean isOffline();

    /**
     * {@return whether the syncer has work that should not wait for its own next look; any thread} What is written but
     * not yet due by the profile's interval does not count.
     */
    default boolean isSyncDue() {
        return marks().writtenAcquire() > marks().syncedAcquire();
    }

    @Override
    void close();
}
