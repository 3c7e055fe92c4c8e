package io.millrace.engine.log;

import io.millrace.engine.PartitionReader;
import io.millrace.engine.format.BatchDescriptor;
import io.millrace.engine.format.FrameDescriptor;
import io.millrace.engine.index.IndexEntry;
import io.millrace.engine.index.SegmentIndex;
import io.millrace.engine.io.LogFile;
import io.millrace.engine.segment.Segment;
import io.millrace.engine.segment.SegmentList;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads batches by partition and offset. Owned by one network thread; safe against the writer, a roll, a cut and
 * retention.
 *
 * <p>It never looks at entries at or behind the committed mark, and it drops what it found when the log was cut
 * meanwhile. It reads the header of each frame whose batch it hands over, and hands over none whose header is damaged
 * or that the index places wrongly.
 */
public final class SegmentPartitionReader implements PartitionReader {
    private final SegmentedLog log;
    private final IndexEntry entry = new IndexEntry();
    private final HeaderGuard guard = new HeaderGuard();
    private final List<Segment> pinned = new ArrayList<>();

    // of one read
    private PartitionView wantedView;
    private long wantedOffset;
    private boolean isFirst;
    private boolean isEnough;
    private boolean isDamaged;

    /**
     * A reader that pins nothing yet.
     *
     * @param log to read
     */
    public SegmentPartitionReader(final SegmentedLog log) {
        this.log = log;
    }

    @Override
    public long logStartOffset(final int partitionId) {
        final PartitionView view = log.view(partitionId);
        return view == null ? -1 : view.logStartOffset();
    }

    @Override
    public long logEndOffset(final int partitionId) {
        final PartitionView view = log.view(partitionId);
        return view == null ? -1 : view.logEndOffset();
    }

    @Override
    public long highWatermark(final int partitionId) {
        final PartitionView view = log.view(partitionId);
        if (view == null) {
            return -1;
        }
        final long committed = log.marks().committedAcquire();
        final long logEndOffset = view.logEndOffset(); // before the position, which is then large enough
        return view.lastEndPosition() <= committed
            ? logEndOffset : Math.max(view.logStartOffset(), endOffsetAt(partitionId, committed));
    }

    @Override
    public long batchesLength(final int partitionId) {
        long length = 0;
        for (final Segment segment : log.segments().snapshot()) {
            if (segment.tryPin()) { // else it was just given back
                length += segment.index().batchesLength(partitionId);
                segment.unpin();
            }
        }
        return length;
    }

    /** Offset after the last record that begins before a frame end, looking backward from there; -1 without any. */
    private long endOffsetAt(final int partitionId, final long committed) {
        final long stamp = log.cutStamp();
        final Segment[] segments = log.segments().snapshot();
        for (int i = SegmentList.indexOf(segments, committed); i >= 0; i--) {
            if (!segments[i].tryPin()) {
                break;
            }
            try {
                final SegmentIndex index = segments[i].index();
                final int behind = index.firstEntryFromPosition(partitionId, committed, entry);
                if (behind > 0) {
                    index.load(partitionId, behind - 1, entry);
                    return isUncut(stamp) ? entry.nextOffset() : -1;
                }
            } catch (final IOException ex) {
                throw new UncheckedIOException(ex);
            } finally {
                segments[i].unpin();
            }
        }
        return -1;
    }

    @Override
    public int epochUpTo(final int epoch) {
        return log.state().epochs().upTo(epoch);
    }

    @Override
    public long epochEndOffset(final int partitionId, final int epoch) {
        final PartitionView view = log.view(partitionId);
        if (view == null) {
            return -1;
        }
        final long end = log.state().epochs().endOf(epoch);
        final long logEndOffset = view.logEndOffset(); // before the position, which is then large enough
        return view.lastEndPosition() <= end
            ? logEndOffset : Math.max(view.logStartOffset(), endOffsetAt(partitionId, end));
    }

    @Override
    public int read(final int partitionId, final long offset, final int maxLength, final BatchHandler handler) {
        final PartitionView view = log.view(partitionId);
        if (view == null || offset >= view.logEndOffset()) {
            return 0;
        }
        final long stamp = log.cutStamp();
        final long committed = log.marks().committedAcquire();
        final Segment[] segments = log.segments().snapshot();
        wantedView = view;
        wantedOffset = offset;
        isFirst = true;
        isEnough = false;
        isDamaged = false;
        guard.reset();
        int length = 0;
        try {
            for (int i = firstSegment(segments, partitionId, offset); i < segments.length && !isEnough; i++) {
                final long end = i + 1 < segments.length ? segments[i + 1].basePosition() : Long.MAX_VALUE;
                length += read(segments[i], end, partitionId, committed, stamp, maxLength - length, handler);
                isEnough |= segments[i].basePosition() >= committed;
            }
        } catch (final IOException ex) {
            isDamaged = true;
            log.health().reportDamage(entry.position(), "reading failed: cause=" + ex);
        }
        return isDamaged && length == 0 ? DAMAGED : length;
    }

    /**
     * The newest segment whose first batch of the partition begins at or before the offset, else the oldest with any.
     */
    private int firstSegment(final Segment[] segments, final int partitionId, final long offset) {
        int oldest = segments.length;
        for (int i = segments.length - 1; i >= 0; i--) {
            if (!segments[i].tryPin()) {
                break;
            }
            final long firstOffset = segments[i].index().firstOffset(partitionId);
            segments[i].unpin();
            if (firstOffset >= 0) {
                oldest = i;
                if (firstOffset <= offset) {
                    break;
                }
            }
        }
        return oldest;
    }

    /** Hands over batches of one segment; says in {@link #isEnough} when no later segment is wanted. */
    @SuppressWarnings("checkstyle:ParameterNumber") // the state of one read, and an object would be garbage
    private int read(
        final Segment segment,
        final long segmentEnd,
        final int partitionId,
        final long committed,
        final long stamp,
        final int maxLength,
        final BatchHandler handler) throws IOException {
        if (!pin(segment)) {
            return 0;
        }
        final SegmentIndex index = segment.index();
        final int count = index.entryCount(partitionId);
        // before the file: maintenance puts a sound one in its place first and lifts the quarantine then
        final boolean isQuarantined = segment.isQuarantined();
        final LogFile file = segment.file(); // one for all
        final long settled = Math.min(committed, segmentEnd);
        int length = 0;
        for (int i = index.firstEntryEndingAfterOffset(partitionId, wantedOffset, entry); i < count; i++) {
            index.load(partitionId, i, entry);
            final int batchLength = entry.batchLength();
            final boolean isPlausible = isPlausible(segment, segmentEnd) && isNext();
            if (!isUncut(stamp)
                || isPlausible && (frameEnd() > committed || !isFirst && length + batchLength > maxLength)) {
                isEnough = true;
                break;
            }
            if (isQuarantined || segment.isQuarantined() || !isPlausible
                || !guard.isIntact(file, segment.basePosition(), settled, partitionId, entry)) {
                isEnough = true;
                onDamage(segment, isQuarantined, stamp);
                break;
            }
            isFirst = false;
            wantedOffset = entry.nextOffset();
            length += batchLength;
            final long fileOffset = entry.position() - segment.basePosition() + FrameDescriptor.HEADER_LENGTH;
            if (!handler.onBatch(file, fileOffset, batchLength, entry.baseOffset(), wantedOffset)
                || length >= maxLength) {
                isEnough = true;
                break;
            }
        }
        return length;
    }

    private long frameEnd() {
        return SegmentedLog.frameEnd(entry.position(), entry.batchLength());
    }

    /** An index is checked when it is opened, not each time that it is read. */
    private boolean isPlausible(final Segment segment, final long segmentEnd) {
        return entry.position() >= segment.basePosition() && entry.position() < segmentEnd
            && entry.batchLength() >= BatchDescriptor.HEADER_LENGTH
            && entry.batchLength() <= FrameDescriptor.MAX_FRAME_LENGTH && frameEnd() <= segmentEnd;
    }

    /** Offsets are dense: the first batch holds the wanted offset, unless that was given back; the others follow. */
    private boolean isNext() {
        return entry.nextOffset() > wantedOffset && (entry.baseOffset() == wantedOffset
            || isFirst && (entry.baseOffset() < wantedOffset || wantedOffset < wantedView.logStartOffset()));
    }

    private void onDamage(final Segment segment, final boolean isQuarantined, final long stamp) {
        // else it may just have been cut or given back; a log start moves before its segments go
        if (isUncut(stamp) && !wantedView.isDeleted() && wantedOffset >= wantedView.logStartOffset()) {
            isDamaged = true;
            if (isQuarantined || segment.isQuarantined()) {
                return; // known since it was put there
            }
            segment.suspect(true);
            log.health().reportDamage(entry.position(), "frame header or index is damaged: file=" + segment.file());
        }
    }

    @Override
    public long maxTimestampMs(final int partitionId) {
        final long stamp = log.cutStamp();
        final long committed = log.marks().committedAcquire();
        final long logStartOffset = logStartOffset(partitionId);
        final Segment[] segments = log.segments().snapshot();
        long max = Long.MIN_VALUE;
        for (int i = 0; i < segments.length && segments[i].basePosition() < committed; i++) {
            final SegmentIndex index = segments[i].index();
            if (index.maxTimestampMs(partitionId) <= max || !pin(segments[i])) {
                continue;
            }
            final boolean isWhole = i + 1 < segments.length && segments[i + 1].basePosition() <= committed
                && segments[i].index().firstOffset(partitionId) >= logStartOffset;
            try {
                max = Math.max(max, isWhole ? segments[i].index().maxTimestampMs(partitionId)
                    : maxTimestampMs(segments[i], partitionId, logStartOffset, committed));
            } catch (final IOException ex) {
                throw new UncheckedIOException(ex);
            }
        }
        return isUncut(stamp) ? max : Long.MIN_VALUE;
    }

    private long maxTimestampMs(
        final Segment segment, final int partitionId, final long logStartOffset, final long committed)
        throws IOException {
        final SegmentIndex index = segment.index();
        long max = Long.MIN_VALUE;
        for (int i = 0, count = index.entryCount(partitionId); i < count; i++) {
            index.load(partitionId, i, entry);
            if (frameEnd() > committed) {
                break;
            }
            if (entry.nextOffset() > logStartOffset) {
                max = Math.max(max, entry.maxTimestampMs());
            }
        }
        return max;
    }

    @Override
    public boolean findByTimestamp(
        final int partitionId, final long timestampMs, final long fromOffset, final BatchHandler handler) {
        if (log.view(partitionId) == null) {
            return false;
        }
        final long stamp = log.cutStamp();
        final long committed = log.marks().committedAcquire();
        final long logStartOffset = Math.max(fromOffset, logStartOffset(partitionId));
        guard.reset();
        final Segment[] segments = log.segments().snapshot();
        for (int i = 0; i < segments.length; i++) {
            final Segment segment = segments[i];
            final long end = i + 1 < segments.length ? segments[i + 1].basePosition() : Long.MAX_VALUE;
            if (segment.basePosition() >= committed) {
                break;
            }
            try {
                if (pin(segment) && segment.index().maxTimestampMs(partitionId) >= timestampMs
                    && find(segment, partitionId, timestampMs, logStartOffset, committed)) {
                    if (!isUncut(stamp)) {
                        return false;
                    }
                    if (segment.isQuarantined() || !isPlausible(segment, end) || !guard.isIntact(
                        segment.file(), segment.basePosition(), Math.min(committed, end), partitionId, entry)) {
                        throw new IOException("frame header or index is damaged: file=" + segment.file() + " position="
                            + entry.position());
                    }
                    handler.onBatch(segment.file(),
                        entry.position() - segment.basePosition() + FrameDescriptor.HEADER_LENGTH,
                        entry.batchLength(), entry.baseOffset(), entry.nextOffset());
                    return true;
                }
            } catch (final IOException ex) {
                throw new UncheckedIOException(ex);
            }
        }
        return false;
    }

    private boolean find(
        final Segment segment,
        final int partitionId,
        final long timestampMs,
        final long logStartOffset,
        final long committed) throws IOException {
        final SegmentIndex index = segment.index();
        for (int i = 0, count = index.entryCount(partitionId); i < count; i++) {
            index.load(partitionId, i, entry);
            if (frameEnd() > committed) {
                return false;
            }
            if (entry.maxTimestampMs() >= timestampMs && entry.nextOffset() > logStartOffset) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void release() {
        for (int i = pinned.size() - 1; i >= 0; i--) {
            pinned.remove(i).unpin();
        }
    }

    private boolean pin(final Segment segment) {
        for (int i = pinned.size() - 1; i >= 0; i--) {
            if (pinned.get(i) == segment) {
                return true;
            }
        }
        final boolean isPinned = segment.tryPin();
        if (isPinned) {
            pinned.add(segment);
        }
        return isPinned;
    }

    private boolean isUncut(final long stamp) {
        return (stamp & 1) == 0 && log.cutStamp() == stamp;
    }
}
