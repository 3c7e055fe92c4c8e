package io.millrace.engine.log;

import io.millrace.engine.index.MemoryIndex;
import io.millrace.engine.index.SealedIndex;
import io.millrace.engine.segment.Segment;
import io.millrace.engine.segment.SegmentNames;
import java.io.IOException;
import java.util.function.Supplier;

/**
 * Checks one sealed segment of an open log, step by step, and acts on what it finds: a damaged segment goes into
 * quarantine, a wrong index is built again. Owned by maintenance.
 *
 * <p>The segment is pinned meanwhile, so it is neither recycled nor closed. A cut of the log may make it the one that
 * is written to: then nothing that was found counts.
 */
final class SegmentCheck {
    private final SegmentedLog log;
    private final Supplier<? extends LogState> states;
    private final LogScrub.Listener listener;
    private final VerifyTotals totals = new VerifyTotals();
    private SegmentVerifier verifier;
    private Segment segment;
    private SealedIndex fileIndex;
    private long endPosition;
    private long stamp;
    private Finding damage;
    private Finding indexDamage;

    SegmentCheck(
        final SegmentedLog log, final Supplier<? extends LogState> states, final LogScrub.Listener listener) {
        this.log = log;
        this.states = states;
        this.listener = listener;
    }

    /** {@return the segment that is being checked, null when there is none} */
    Segment segment() {
        return segment;
    }

    /** {@return its end position} */
    long endPosition() {
        return endPosition;
    }

    /** {@return whether the check now begun; false when the segment is not sealed, not synced or was given back} */
    boolean begin(final Segment[] segments, final int i) {
        stamp = log.cutStamp();
        final Segment next = segments[i];
        if ((stamp & 1) != 0 || !isSettled(segments, i) || !next.tryPin()) {
            return false;
        }
        segment = next;
        endPosition = segments[i + 1].basePosition();
        damage = null;
        indexDamage = null;
        if (verifier == null) {
            verifier = new SegmentVerifier(states, totals, this::onFinding);
        }
        verifier.forgetBefore();
        if (i > 0) {
            verifier.before(segments[i - 1].lastFrameCrc());
        }
        fileIndex = openIndex(next.basePosition());
        verifier.beginSealed(next.file(), next.basePosition(), endPosition, fileIndex);
        return true;
    }

    /** Anew from its file: what the log holds of it in memory says nothing about the file. */
    private SealedIndex openIndex(final long base) {
        final String name = SegmentNames.index(base);
        String problem = "wrong magic, version, base, length or CRC";
        SealedIndex index = null;
        try {
            index = SealedIndex.open(log.storage(), name, base);
        } catch (final IOException ex) {
            problem = "cannot be read: " + ex;
        }
        if (index == null) {
            indexDamage = new Finding(Finding.Kind.INDEX, name, -1, problem, "", "");
        }
        return index;
    }

    private void closeIndex() {
        try {
            if (fileIndex != null) {
                fileIndex.close();
            }
        } catch (final IOException ex) {
            log.health().report(ex);
        }
        fileIndex = null;
    }

    private boolean isSettled(final Segment[] segments, final int i) {
        return i + 1 < segments.length && segments[i].index() instanceof SealedIndex
            && segments[i + 1].basePosition() <= log.marks().syncedAcquire();
    }

    private void onFinding(final Finding finding) {
        if (finding.kind() == Finding.Kind.SEGMENT) {
            damage = damage == null ? finding : damage;
        } else {
            indexDamage = finding;
        }
    }

    /** {@return bytes read; {@link #isDone()} tells whether the segment is through} */
    int step(final int maxLength) {
        int length = 0;
        try {
            length = verifier.step(maxLength);
        } catch (final IOException ex) {
            damage = new Finding(Finding.Kind.SEGMENT, SegmentNames.log(segment.basePosition()),
                verifier.endPosition(), "cannot be read: " + ex, "", "");
        } catch (final IndexOutOfBoundsException ex) {
            // an index that was whole when it was opened and is not now
            indexDamage = new Finding(Finding.Kind.INDEX, SegmentNames.index(segment.basePosition()), -1,
                "cannot be read: " + ex, "", "");
        }
        return length;
    }

    boolean isDone() {
        return verifier.isDone() || damage != null || indexDamage != null;
    }

    /** Ends the check; true when the segment is sound, or was not what it seemed. */
    boolean finish() throws IOException {
        final Segment checked = segment;
        segment = null;
        closeIndex();
        verifier = null; // with its window and its states: a node may have many shards and scrubs one at a time
        try {
            if (damage == null && indexDamage == null) {
                return true;
            }
            log.housekeepingLock().lock();
            try {
                return !isStill(checked) || act(checked);
            } finally {
                log.housekeepingLock().unlock();
            }
        } finally {
            checked.unpin();
        }
    }

    /** Lets go of the segment without a verdict. */
    void abandon() {
        if (segment != null) {
            segment.unpin();
            segment = null;
            closeIndex();
            verifier = null;
        }
    }

    private boolean isStill(final Segment checked) {
        final Segment[] segments = log.segments().snapshot();
        for (int i = 0; i + 1 < segments.length; i++) {
            if (segments[i] == checked) {
                return log.cutStamp() == stamp && segments[i + 1].basePosition() == endPosition;
            }
        }
        return false;
    }

    private boolean act(final Segment checked) throws IOException {
        if (damage == null) {
            damage = rebuildIndex(checked);
            listener.onFinding(indexDamage);
            if (damage == null) {
                return true;
            }
        }
        listener.onFinding(damage);
        checked.quarantined(true); // first: from here on nobody is served
        listener.onQuarantined(checked.basePosition(), endPosition, damage);
        // a mark says that the log was synced behind the segment, or a start would take it for a torn tail
        new Checkpoint(log.marks().syncedAcquire(), log.startPosition()).store(log.storage());
        new QuarantineMark(checked.basePosition(), damage.position()).store(log.storage());
        return false;
    }

    /** {@return null when the index is right again, else what is wrong with the segment} */
    private Finding rebuildIndex(final Segment checked) throws IOException {
        final MemoryIndex rebuilt = new MemoryIndex();
        final FrameScanner scanner = new FrameScanner(states.get());
        final long base = checked.basePosition();
        final long end = scanner.scan(checked.file(), base, endPosition, rebuilt);
        if (end != endPosition || scanner.lastFrameCrc() != checked.lastFrameCrc()) {
            return new Finding(Finding.Kind.SEGMENT, SegmentNames.log(base), end,
                end == endPosition ? "the last frame is not the one that the next segment follows"
                    : FrameChecker.describe(scanner.result()), "", "");
        }
        final SealedIndex sealed = SealedIndex.seal(
            log.storage(), SegmentNames.index(base), rebuilt, base, endPosition, checked.lastFrameCrc());
        log.spares().replaced.add(new SpareFiles.ReplacedIndex(checked, checked.index()));
        checked.index(sealed);
        return null;
    }
}
