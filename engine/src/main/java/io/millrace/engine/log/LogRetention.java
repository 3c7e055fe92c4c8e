package io.millrace.engine.log;

import io.millrace.engine.index.IndexEntry;
import io.millrace.engine.index.MemoryIndex;
import io.millrace.engine.index.SegmentIndex;
import io.millrace.engine.segment.Segment;
import io.millrace.engine.segment.SegmentList;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Moves the log starts of partitions, and knows which moves the log itself does not tell yet. Owned by the engine
 * thread; cold.
 *
 * <p>Each partition remembers how far it was looked through, so a look costs what has expired since the last one and no
 * walk over the segments. A segment goes as a whole, by its largest timestamp or by the partition's length; in the
 * segments whose index is still in memory single batches go by their time as well, or a slow topic would keep what is
 * old for as long as its shard takes to fill a segment.
 */
public final class LogRetention {
    /** Keeps batches however old they are. */
    public static final long NO_HORIZON = Long.MIN_VALUE;
    private static final int ENTRIES_PER_LOOK = 4096;

    private final SegmentedLog log;
    private final Set<Integer> untold = new LinkedHashSet<>();
    private final IndexEntry entry = new IndexEntry();

    /**
     * The retention of one log.
     *
     * @param log whose partitions' log starts move
     */
    public LogRetention(final SegmentedLog log) {
        this.log = log;
    }

    /**
     * Moves a partition's log start behind what need not be kept and is committed, and gives back segments that hold
     * nothing live.
     *
     * @param partitionId     id within the shard
     * @param retentionLength bytes of batches to keep at least, -1 for all
     * @param horizonMs       batches whose largest timestamp lies before it go, {@link #NO_HORIZON} for none
     */
    public void retain(final int partitionId, final long retentionLength, final long horizonMs) {
        final PartitionView view = log.view(partitionId);
        if (view != null && (retentionLength >= 0 || horizonMs != NO_HORIZON)) {
            final long offset = expiredBefore(view, retentionLength, horizonMs);
            if (offset > view.logStartOffset()) {
                move(partitionId, offset);
            }
        }
        log.freeDeadSegments();
    }

    /**
     * Moves a partition's log start; never back and never beyond its end.
     *
     * @param partitionId id within the shard
     * @param offset      first offset kept
     */
    public void move(final int partitionId, final long offset) {
        final PartitionView view = log.view(partitionId);
        if (view != null && offset > view.logStartOffset()) {
            log.state().logStartOffset(partitionId, offset);
            view.logStartOffset(log.state().logStartOffset(partitionId));
            untold.add(partitionId);
        }
    }

    /**
     * Tells a partition's log start once more, if it has ever moved.
     *
     * @param partitionId id within the shard
     */
    public void tellAgain(final int partitionId) {
        final PartitionView view = log.view(partitionId);
        if (view != null && view.logStartOffset() > 0) {
            untold.add(partitionId);
        }
    }

    /** {@return partitions whose log starts moved here and are not told in the log yet; to be removed once told} */
    public Set<Integer> untold() {
        return untold;
    }

    /** The log begins anew: what was moved is gone. */
    public void clear() {
        untold.clear();
    }

    private long expiredBefore(final PartitionView view, final long retentionLength, final long horizonMs) {
        final Segment[] now = log.segments().snapshot();
        final long committed = log.marks().committedAcquire();
        int i = Math.max(0, SegmentList.indexOf(now, view.lookedPosition()));
        if (i < now.length && now[i].basePosition() != view.lookedPosition()) {
            view.look(now[i].basePosition()); // what it had looked at was given back, or it is new
        }
        if (retentionLength >= 0 && view.keptLength() < 0) {
            view.keptLength(lengthFrom(now, i, view));
        }
        long offset = view.logStartOffset();
        for (; i < now.length; i++) {
            final boolean isSettled = i + 1 < now.length && now[i + 1].basePosition() <= committed;
            final SegmentIndex index = SegmentedLog.pinIndex(now[i]);
            try {
                final int partitionId = view.partitionId();
                final long length = index.batchesLength(partitionId) - view.passedLength();
                if (index.entryCount(partitionId) > 0 && !(isSettled
                    && (index.nextOffset(partitionId) <= offset
                    || isBefore(index.maxTimestampMs(partitionId), horizonMs)
                    || retentionLength >= 0 && view.keptLength() - length >= retentionLength))) {
                    return index instanceof MemoryIndex && horizonMs != NO_HORIZON
                        ? expiredBefore(view, index, horizonMs, committed, offset) : offset;
                }
                offset = Math.max(offset, index.nextOffset(partitionId));
                if (i + 1 < now.length) {
                    view.passed(length);
                    view.look(now[i + 1].basePosition());
                }
            } finally {
                now[i].unpin();
            }
        }
        return offset;
    }

    /** Single batches of the segment that was come to. */
    private long expiredBefore(
        final PartitionView view, final SegmentIndex index, final long horizonMs, final long committed,
        final long from) {
        final int partitionId = view.partitionId();
        final int count = Math.min(index.entryCount(partitionId), view.passedCount() + ENTRIES_PER_LOOK);
        long offset = from;
        try {
            for (int i = view.passedCount(); i < count; i++) {
                index.load(partitionId, i, entry);
                final boolean isExpired = isBefore(entry.maxTimestampMs(), horizonMs)
                    && SegmentedLog.frameEnd(entry.position(), entry.batchLength()) <= committed;
                if (!isExpired && entry.nextOffset() > offset) {
                    break;
                }
                offset = Math.max(offset, entry.nextOffset());
                view.passedBatch(entry.batchLength());
            }
        } catch (final IOException ex) {
            throw new IllegalStateException("an index in memory reads no file", ex);
        }
        return offset;
    }

    /** A batch without a timestamp (-1) has no age. */
    private static boolean isBefore(final long timestampMs, final long horizonMs) {
        return timestampMs >= 0 && timestampMs < horizonMs;
    }

    /** Once for each partition, and again after a cut. */
    private static long lengthFrom(final Segment[] segments, final int first, final PartitionView view) {
        long length = -view.passedLength();
        for (int i = first; i < segments.length; i++) {
            length += SegmentedLog.pinIndex(segments[i]).batchesLength(view.partitionId());
            segments[i].unpin();
        }
        return length;
    }
}
