package io.millrace.engine.log;

import io.millrace.engine.LogMarks;
import io.millrace.engine.index.MemoryIndex;
import io.millrace.engine.segment.Segment;
import io.millrace.engine.segment.SegmentList;
import io.millrace.engine.segment.SegmentNames;
import java.io.IOException;

/**
 * Takes away the end of a log, or all of it. Owned by the engine thread; waits for the disk, because a cut that a crash
 * undoes could bring back frames that another leader has replaced.
 */
public final class LogCutter {
    private final SegmentedLog log;

    /**
     * A cutter of one log.
     *
     * @param log to cut
     */
    public LogCutter(final SegmentedLog log) {
        this.log = log;
    }

    /**
     * Cuts the log and rebuilds its state from the state frame of the segment in which it ends now. When that segment
     * is in quarantine, the log ends before it.
     *
     * @param position end of a whole frame
     * @throws IOException when the disk fails or no frame ends there; the log is offline then
     */
    public void truncate(final long position) throws IOException {
        if (position < log.startPosition() || position > log.endPosition()) {
            throw new IllegalArgumentException("cannot truncate beyond what is kept: position=" + position + " start="
                + log.startPosition() + " end=" + log.endPosition());
        }
        final long end = cutPosition(position);
        if (end == log.startPosition()) {
            reset(end);
            return;
        }
        run("truncation", () -> cut(end));
    }

    /**
     * {@return where the log ends when it is cut at a position} It cannot go on in a segment in quarantine: what that
     * adds up to cannot be read.
     *
     * @param position end of a whole frame
     */
    public long cutPosition(final long position) {
        final Segment[] segments = log.segments().snapshot();
        int last = SegmentList.indexOf(segments, position);
        long end = position;
        while (last >= 0 && (segments[last].basePosition() == end || segments[last].isQuarantined())) {
            end = segments[last--].basePosition();
        }
        return end;
    }

    /**
     * Throws everything away.
     *
     * @param basePosition where the next state frame goes
     * @throws IOException when the disk fails; the log is offline then
     */
    public void reset(final long basePosition) throws IOException {
        run("reset", () -> clear(basePosition));
    }

    private interface Cut {
        void run() throws IOException;
    }

    private void run(final String what, final Cut cut) throws IOException {
        log.health().checkOnline();
        log.housekeepingLock().lock();
        log.syncLock().lock();
        log.beginCut();
        try {
            cut.run();
        } catch (final IOException ex) {
            throw log.health().fail(what, ex);
        } finally {
            log.endCut();
            log.syncLock().unlock();
            log.housekeepingLock().unlock();
        }
    }

    private void cut(final long position) throws IOException {
        final LogMarks marks = log.marks();
        final long synced = Math.min(marks.syncedAcquire(), position);
        new Checkpoint(synced, log.startPosition()).store(log.storage());
        int last = SegmentList.indexOf(log.segments().snapshot(), position);
        if (log.segments().snapshot()[last].basePosition() == position) {
            last--;
        }
        while (log.segments().snapshot().length > last + 1) {
            unlink(log.segments().removeLast()); // newest first: a crash in between leaves no gap
        }
        final Segment segment = log.segments().last();
        LogRecovery.cut(segment.file(), position - segment.basePosition());
        segment.file().sync();
        log.storage().delete(SegmentNames.index(segment.basePosition()));
        log.storage().syncDirectory();

        final MemoryIndex index = log.spares().takeIndex();
        final FrameScanner scanner = new FrameScanner(log.state());
        final long end = scanner.scan(segment.file(), segment.basePosition(), position, index);
        if (end != position) {
            throw new IOException("no frame ends there: position=" + position + " lastFrameEnd=" + end + " reason="
                + FrameChecker.describe(scanner.result()));
        }
        log.replaceActiveIndex(index);
        log.resume(log.startPosition(), position, scanner.lastFrameCrc(), synced,
            Math.min(marks.committedAcquire(), position));
    }

    private void clear(final long basePosition) throws IOException {
        new Checkpoint(basePosition, basePosition).store(log.storage());
        while (log.segments().last() != null) {
            unlink(log.segments().removeLast());
        }
        for (final Segment segment : log.spares().retired) {
            unlinkFiles(segment);
        }
        log.storage().syncDirectory();
        log.state().clear();
        log.resume(basePosition, basePosition, 0, basePosition, basePosition);
    }

    /** Readers that hold the segment keep the open file; the name may be needed again at once. */
    private void unlink(final Segment segment) throws IOException {
        unlinkFiles(segment);
        log.spares().retired.add(segment);
    }

    private void unlinkFiles(final Segment segment) throws IOException {
        if (!segment.isUnlinked()) {
            log.storage().delete(SegmentNames.log(segment.basePosition()));
            log.storage().delete(SegmentNames.index(segment.basePosition()));
            if (segment.isQuarantined()) {
                log.storage().delete(SegmentNames.quarantine(segment.basePosition()));
            }
            segment.unlinked();
        }
    }
}
