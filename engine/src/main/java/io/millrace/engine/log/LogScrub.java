package io.millrace.engine.log;

import io.millrace.engine.index.SealedIndex;
import io.millrace.engine.segment.Segment;
import io.millrace.engine.segment.SegmentList;
import io.millrace.engine.segment.SegmentNames;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Finds damage in the sealed segments of one open log, keeps it from being served, and takes in what another replica
 * sends in its place. Owned by maintenance.
 *
 * <p>A pass goes through the segments from the oldest on; those in which a reader met damage come first. The pace is
 * the caller's.
 */
public final class LogScrub {
    /** Hears of what happens to segments. Called on the maintenance thread, sometimes with the log's lock held. */
    public interface Listener {
        /**
         * A check found something wrong.
         *
         * @param finding what
         */
        void onFinding(Finding finding);

        /**
         * A pass has gone through a segment.
         *
         * @param basePosition of the segment
         * @param endPosition  of the segment
         */
        void onChecked(long basePosition, long endPosition);

        /**
         * A segment is not served from now on.
         *
         * @param basePosition of the segment
         * @param endPosition  of the segment
         * @param finding      why
         */
        void onQuarantined(long basePosition, long endPosition, Finding finding);

        /**
         * A segment is whole and served again.
         *
         * @param basePosition of the segment
         * @param isReplaced   whether by bytes from another replica, rather than found whole after all
         */
        void onMended(long basePosition, boolean isReplaced);
    }

    /** {@link #openCopy}: the segment is sound. */
    public static final int COPY_READY = 1;
    /** {@link #openCopy}: it is being checked, ask again. */
    public static final int COPY_PENDING = 0;
    /** {@link #openCopy}: not a sealed and synced segment here. */
    public static final int COPY_UNKNOWN = -1;
    /** {@link #openCopy}: damaged here as well. */
    public static final int COPY_DAMAGED = -2;

    private final SegmentedLog log;
    private final Supplier<? extends LogState> states;
    private final Listener listener;
    private final SegmentCheck passCheck;
    private final SegmentCheck copyCheck;
    /** Segments in quarantine that were looked at since the start: an operator may have put them right meanwhile. */
    private final Set<Long> lookedAt = new HashSet<>();
    private ScrubCursor cursor;
    private boolean isSuspectChecked;
    private Segment copy;
    private long copyEnd;

    /**
     * The scrub of one log; goes on where the last one stopped.
     *
     * @param log      open
     * @param states   gives empty states
     * @param listener hears of findings
     * @throws IOException when the disk fails
     */
    public LogScrub(final SegmentedLog log, final Supplier<? extends LogState> states, final Listener listener)
        throws IOException {
        this.log = log;
        this.states = states;
        this.listener = listener;
        passCheck = new SegmentCheck(log, states, listener);
        copyCheck = new SegmentCheck(log, states, listener);
        cursor = ScrubCursor.load(log.storage());
    }

    /** {@return the log's name in messages} */
    public String name() {
        return log.health().name();
    }

    // --- passes

    /** {@return when the present or last pass began, milliseconds since the epoch; 0 when there was none} */
    public long passStartedMs() {
        return cursor == null ? 0 : cursor.passStartedMs();
    }

    /** {@return whether a pass is under way} */
    public boolean isPassing() {
        return cursor != null && cursor.nextPosition() != ScrubCursor.DONE;
    }

    /** {@return whether a reader met damage in a segment that was not checked since} */
    public boolean hasSuspect() {
        return isSuspectChecked || suspectIndex(log.segments().snapshot()) >= 0;
    }

    /**
     * Begins a pass.
     *
     * @param nowMs milliseconds since the epoch
     * @throws IOException when the disk fails
     */
    public void beginPass(final long nowMs) throws IOException {
        moveTo(new ScrubCursor(log.startPosition(), nowMs));
    }

    private void moveTo(final ScrubCursor next) throws IOException {
        cursor = next;
        next.store(log.storage());
    }

    /**
     * Goes on with the pass, or with a segment in which a reader met damage.
     *
     * @param maxLength bytes to read, about
     * @return bytes read; 0 when there is nothing to do now
     * @throws IOException when the disk fails, other than reading segments
     */
    public int step(final int maxLength) throws IOException {
        if (log.isOffline()) {
            passCheck.abandon();
            return 0;
        }
        if (passCheck.segment() == null && !beginNext()) {
            return 0;
        }
        final int length = passCheck.step(maxLength);
        if (passCheck.isDone()) {
            final long base = passCheck.segment().basePosition();
            final long end = passCheck.endPosition();
            passCheck.segment().suspect(false);
            passCheck.finish();
            listener.onChecked(base, end);
            if (!isSuspectChecked) {
                moveTo(new ScrubCursor(end, cursor.passStartedMs()));
            }
            isSuspectChecked = false;
        }
        return Math.max(1, length);
    }

    private boolean beginNext() throws IOException {
        final Segment[] segments = log.segments().snapshot();
        final int suspect = suspectIndex(segments);
        if (suspect >= 0) {
            isSuspectChecked = passCheck.begin(segments, suspect);
            if (!isSuspectChecked) {
                segments[suspect].suspect(false); // damage where it is still written to is found at the next start
            }
            return isSuspectChecked;
        }
        if (!isPassing()) {
            return false;
        }
        for (int i = Math.max(0, SegmentList.indexOf(segments, cursor.nextPosition())); i + 1 < segments.length; i++) {
            if (segments[i].basePosition() >= cursor.nextPosition() && !segments[i].isQuarantined()) {
                return passCheck.begin(segments, i); // if not now, then when it is sealed and synced
            }
        }
        moveTo(new ScrubCursor(ScrubCursor.DONE, cursor.passStartedMs()));
        return false;
    }

    private static int suspectIndex(final Segment[] segments) {
        for (int i = 0; i < segments.length; i++) {
            if (segments[i].isSuspect() && !segments[i].isQuarantined()) {
                return i;
            }
        }
        return -1;
    }

    // --- repairs

    /**
     * {@return base position of the first segment in quarantine at or behind a position, -1 when there is none}
     *
     * @param fromPosition where to begin to look
     */
    public long quarantinedBase(final long fromPosition) {
        final Segment[] segments = log.segments().snapshot();
        for (int i = 0; i + 1 < segments.length; i++) {
            if (segments[i].isQuarantined() && segments[i].basePosition() >= fromPosition) {
                return segments[i].basePosition();
            }
        }
        return -1;
    }

    /**
     * Begins to replace a segment in quarantine. The first time after a start the segment itself is checked again.
     *
     * @param basePosition of the segment
     * @return what takes the bytes in; null when there is nothing to replace
     * @throws IOException when the disk fails
     */
    public SegmentRepair beginRepair(final long basePosition) throws IOException {
        final Segment[] segments = log.segments().snapshot();
        final int i = SegmentList.indexOf(segments, basePosition);
        if (log.isOffline() || i < 0 || i + 1 >= segments.length || !segments[i].isQuarantined()
            || segments[i].basePosition() != basePosition || !(segments[i].index() instanceof SealedIndex)) {
            return null;
        }
        if (lookedAt.add(basePosition) && isWholeAfterAll(segments, i)) {
            lift(segments[i]);
            listener.onMended(basePosition, false);
            return null;
        }
        return new SegmentRepair(log, states, segments, i, replaced -> {
            lift(replaced);
            listener.onMended(replaced.basePosition(), true);
        });
    }

    private boolean isWholeAfterAll(final Segment[] segments, final int i) {
        final VerifyTotals totals = new VerifyTotals();
        final SegmentVerifier verifier = new SegmentVerifier(states, totals, finding -> { });
        if (i > 0) {
            verifier.before(segments[i - 1].lastFrameCrc());
        }
        verifier.beginSealed(segments[i].file(), segments[i].basePosition(), segments[i + 1].basePosition(),
            (SealedIndex) segments[i].index());
        try {
            while (!verifier.isDone() && totals.findingCount() == 0) {
                verifier.step(Integer.MAX_VALUE);
            }
            return totals.findingCount() == 0;
        } catch (final IOException | IndexOutOfBoundsException ex) {
            return false; // as before
        }
    }

    private void lift(final Segment segment) throws IOException {
        log.storage().delete(SegmentNames.quarantine(segment.basePosition()));
        log.storage().syncDirectory();
        segment.quarantined(false);
    }

    // --- copies for other replicas

    /**
     * Makes a segment ready to be read for another replica: checks all of it first, a bit with each call.
     *
     * @param basePosition of the segment
     * @param endPosition  of the segment
     * @param maxLength    bytes to check in this call, about
     * @return {@link #COPY_READY}, {@link #COPY_PENDING}, {@link #COPY_UNKNOWN} or {@link #COPY_DAMAGED}
     * @throws IOException when the disk fails, other than reading segments
     */
    public int openCopy(final long basePosition, final long endPosition, final int maxLength) throws IOException {
        if (copy != null && copy.basePosition() == basePosition && copyEnd == endPosition && !copy.isQuarantined()) {
            return COPY_READY;
        }
        closeCopy();
        final Segment[] segments = log.segments().snapshot();
        final int i = SegmentList.indexOf(segments, basePosition);
        if (log.isOffline() || i < 0 || i + 1 >= segments.length || segments[i].basePosition() != basePosition
            || segments[i + 1].basePosition() != endPosition) {
            copyCheck.abandon();
            return COPY_UNKNOWN;
        }
        if (segments[i].isQuarantined()) {
            copyCheck.abandon();
            return COPY_DAMAGED;
        }
        if (copyCheck.segment() != segments[i]) {
            copyCheck.abandon();
            if (!copyCheck.begin(segments, i)) {
                return COPY_UNKNOWN;
            }
        }
        copyCheck.step(maxLength);
        if (!copyCheck.isDone()) {
            return COPY_PENDING;
        }
        if (!copyCheck.finish()) {
            return COPY_DAMAGED;
        }
        if (!segments[i].tryPin()) {
            return COPY_UNKNOWN;
        }
        copy = segments[i];
        copyEnd = endPosition;
        return COPY_READY;
    }

    /**
     * Reads bytes of the segment that {@link #openCopy} made ready.
     *
     * @param position in the log
     * @param target   filled from its position to its limit
     * @return false when the segment ends before that
     * @throws IOException when it cannot be read
     */
    public boolean readCopy(final long position, final ByteBuffer target) throws IOException {
        if (copy == null || position < copy.basePosition() || position + target.remaining() > copyEnd) {
            return false;
        }
        final int start = target.position();
        while (target.hasRemaining()) {
            final long at = position - copy.basePosition() + target.position() - start;
            if (copy.file().read(target, at) < 0) {
                throw new IOException("file is shorter than the log: file=" + copy.file());
            }
        }
        return true;
    }

    /** Lets go of the segment that was being copied or checked for it. */
    public void closeCopy() {
        if (copy != null) {
            copy.unpin();
            copy = null;
        }
    }
}
