package io.millrace.engine.log;

import io.millrace.engine.index.SealedIndex;
import io.millrace.engine.io.LogFile;
import io.millrace.engine.segment.Segment;
import io.millrace.engine.segment.SegmentNames;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Supplier;

/**
 * Takes in another replica's bytes of one segment in quarantine and, if they are right, puts them in its place. Owned
 * by maintenance.
 *
 * <p>They are right when every check of a scrub holds, the first frame continues the segment before, the last one is
 * the frame that the next segment follows, and the index, which was whole, describes them. Then the file is synced and
 * renamed twice: damaged file aside, new one in its place. A start finishes what a crash leaves in between.
 */
public final class SegmentRepair {
    /** Does what follows when the segment is replaced. */
    interface Completion {
        void onReplaced(Segment segment) throws IOException;
    }

    private final SegmentedLog log;
    private final Segment segment;
    private final long endPosition;
    private final String name;
    private final String temporaryName;
    private final VerifyTotals totals = new VerifyTotals();
    private final SegmentVerifier verifier;
    private final Completion completion;
    private final LogFile file;
    private Finding finding;
    private long nextPosition;
    private boolean isVerifying;
    private boolean isClosed;

    SegmentRepair(
        final SegmentedLog log,
        final Supplier<? extends LogState> states,
        final Segment[] segments,
        final int i,
        final Completion completion) throws IOException {
        this.log = log;
        this.completion = completion;
        segment = segments[i];
        endPosition = segments[i + 1].basePosition();
        nextPosition = segment.basePosition();
        name = SegmentNames.log(segment.basePosition());
        temporaryName = name + ".repair" + SegmentNames.TEMPORARY_SUFFIX;
        verifier = new SegmentVerifier(states, totals, problem -> finding = finding == null ? problem : finding);
        if (i > 0) {
            verifier.before(segments[i - 1].lastFrameCrc());
        }
        log.storage().delete(temporaryName);
        file = log.storage().open(temporaryName, true);
    }

    /** {@return base position of the segment} */
    public long basePosition() {
        return segment.basePosition();
    }

    /** {@return end position of the segment} */
    public long endPosition() {
        return endPosition;
    }

    /** {@return position of the first byte that is still wanted; the end position when all are here} */
    public long nextPosition() {
        return nextPosition;
    }

    /**
     * Takes bytes in.
     *
     * @param bytes from {@link #nextPosition()} on, at most to the end position
     * @throws IOException when the disk fails
     */
    public void write(final ByteBuffer bytes) throws IOException {
        if (bytes.remaining() > endPosition - nextPosition) {
            throw new IllegalArgumentException("more bytes than the segment has: nextPosition=" + nextPosition
                + " length=" + bytes.remaining() + " endPosition=" + endPosition);
        }
        while (bytes.hasRemaining()) {
            nextPosition += file.write(bytes, nextPosition - segment.basePosition());
        }
    }

    /**
     * Goes on with the check of what came.
     *
     * @param maxLength bytes to read, about
     * @return whether it is through; then {@link #finding()} tells
     * @throws IOException when the disk fails
     */
    public boolean verify(final int maxLength) throws IOException {
        if (!isVerifying) {
            isVerifying = true;
            verifier.beginSealed(file, segment.basePosition(), endPosition, (SealedIndex) segment.index());
        }
        verifier.step(maxLength);
        return verifier.isDone() || finding != null;
    }

    /** {@return what is wrong with the bytes that came, null when nothing is} */
    public Finding finding() {
        return finding;
    }

    /**
     * Puts the checked bytes in the place of the damaged ones.
     *
     * @return false when the segment is gone meanwhile, or was replaced otherwise
     * @throws IOException when the disk fails
     */
    public boolean install() throws IOException {
        if (!verifier.isDone() || finding != null) {
            throw new IllegalStateException("not checked: nextPosition=" + nextPosition + " finding=" + finding);
        }
        file.sync();
        log.housekeepingLock().lock();
        try {
            if (log.isOffline() || !segment.isQuarantined() || !isStill()) {
                return false;
            }
            final String repairedName = name + SegmentNames.REPAIRED_SUFFIX;
            log.storage().rename(temporaryName, repairedName);
            log.storage().syncDirectory();
            log.storage().rename(name, name + SegmentNames.QUARANTINED_SUFFIX);
            log.storage().rename(repairedName, name);
            log.storage().syncDirectory();
            log.spares().replaced.add(new SpareFiles.ReplacedIndex(segment, segment.file()));
            segment.file(log.storage().open(name, false));
            completion.onReplaced(segment);
            return true;
        } finally {
            log.housekeepingLock().unlock();
        }
    }

    private boolean isStill() {
        final Segment[] segments = log.segments().snapshot();
        for (int i = 0; i + 1 < segments.length; i++) {
            if (segments[i] == segment) {
                return segments[i + 1].basePosition() == endPosition;
            }
        }
        return false;
    }

    /**
     * Lets go of the temporary file; to be called whatever came of it.
     *
     * @throws IOException when the disk fails
     */
    public void close() throws IOException {
        if (!isClosed) {
            isClosed = true;
            file.close();
            log.storage().delete(temporaryName);
        }
    }
}
