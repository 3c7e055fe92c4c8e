package io.millrace.engine.log;

import io.millrace.engine.index.SealedIndex;
import io.millrace.engine.io.LogFile;
import io.millrace.engine.io.LogStorage;
import io.millrace.engine.segment.SegmentNames;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * Checks all files of one shard's directory and changes none: checkpoint, segments from the first to the last, indexes,
 * marks of quarantine. Owned by one thread.
 */
public final class ShardVerifier {
    /** Hears of what is found, as it is found. */
    public interface Listener {
        /**
         * Something is wrong.
         *
         * @param finding what
         */
        void onFinding(Finding finding);

        /**
         * Something worth knowing is not wrong.
         *
         * @param note one sentence
         */
        void onNote(String note);

        /**
         * The verification moves on.
         *
         * @param doneLength  bytes of segments gone through
         * @param totalLength bytes of segments in all
         * @return false to stop
         */
        boolean onProgress(long doneLength, long totalLength);
    }

    private static final int STEP_LENGTH = 4 * 1024 * 1024;

    private final LogStorage storage;
    private final Listener listener;
    private final boolean isLive;
    private final VerifyTotals totals = new VerifyTotals();
    private final SegmentVerifier verifier;
    /** Beside a running node: findings of the present segment, until it is sure that it was not given back or cut. */
    private final List<Finding> unsettled = new ArrayList<>();
    private List<String> names;
    private TreeSet<Long> bases;
    private Checkpoint checkpoint;
    private long doneLength;
    private boolean isStopped;

    /**
     * A verifier of one directory.
     *
     * @param storage  the shard's directory, opened for reading
     * @param states   gives empty states
     * @param listener hears of what is found
     * @param isLive   whether a node may be writing there: then only segments that are followed by another one count,
     *                 and what vanished meanwhile was given back
     */
    public ShardVerifier(
        final LogStorage storage,
        final Supplier<? extends LogState> states,
        final Listener listener,
        final boolean isLive) {
        this.storage = storage;
        this.listener = listener;
        this.isLive = isLive;
        verifier = new SegmentVerifier(states, totals, isLive ? unsettled::add : listener::onFinding);
    }

    /**
     * Verifies the shard.
     *
     * @return what was seen
     * @throws IOException when a file cannot be read
     */
    public VerifyTotals run() throws IOException {
        names = storage.list();
        bases = new TreeSet<>();
        for (final String name : names) {
            final long base = SegmentNames.basePosition(name, SegmentNames.LOG_SUFFIX);
            if (base >= 0) {
                bases.add(base);
            }
        }
        checkpoint = checkCheckpoint();
        checkOtherFiles();
        long end = -1;
        for (final long base : bases) {
            if (isStopped) {
                break;
            }
            if (end >= 0 && base != end) {
                find(new Finding(Finding.Kind.SEGMENT, SegmentNames.log(base), base,
                    "segments do not adjoin", "a segment at " + end, "one at " + base));
                verifier.forgetBefore();
            }
            final Long next = bases.higher(base);
            end = next == null ? verifyLast(base) : verifySealed(base, next);
        }
        if (!isStopped && !isLive) {
            checkEnds(end);
        }
        return totals;
    }

    /** {@return whether the listener stopped it} */
    public boolean isStopped() {
        return isStopped;
    }

    private void find(final Finding finding) {
        totals.findingCount++;
        listener.onFinding(finding);
    }

    private Checkpoint checkCheckpoint() throws IOException {
        if (!names.contains(SegmentNames.CHECKPOINT)) {
            if (!bases.isEmpty()) {
                listener.onNote("no checkpoint file: damage cannot be told from a torn tail in the last segment");
            }
            return new Checkpoint(0, -1);
        }
        final Checkpoint loaded = Checkpoint.load(storage);
        if (loaded == null) {
            find(new Finding(Finding.Kind.FILE, SegmentNames.CHECKPOINT, 0,
                "wrong magic, version, length or CRC; recovery ignores it", "", ""));
            return new Checkpoint(0, -1);
        }
        return loaded;
    }

    private void checkOtherFiles() throws IOException {
        for (final String name : names) {
            if (name.equals(SegmentNames.SCRUB)) {
                if (ScrubCursor.load(storage) == null) {
                    find(new Finding(Finding.Kind.FILE, name, 0,
                        "wrong magic, version, length or CRC; the scrub begins anew", "", ""));
                }
            } else if (name.endsWith(SegmentNames.QUARANTINED_SUFFIX)) {
                listener.onNote(name + " was set aside because of damage; delete it once you need it no more");
            } else if (name.endsWith(SegmentNames.QUARANTINE_SUFFIX)) {
                final QuarantineMark mark = QuarantineMark.load(storage, name);
                if (mark == null) {
                    find(new Finding(Finding.Kind.FILE, name, 0, "wrong magic, version, length or CRC", "", ""));
                } else {
                    listener.onNote(SegmentNames.log(mark.basePosition()) + " is in quarantine since a check failed at "
                        + "position " + mark.damagedPosition());
                }
            } else if (SegmentNames.basePosition(name, SegmentNames.INDEX_SUFFIX) >= 0
                && !bases.contains(SegmentNames.basePosition(name, SegmentNames.INDEX_SUFFIX))) {
                listener.onNote(name + " has no segment; the next start deletes it");
            }
        }
    }

    private long verifySealed(final long base, final long end) throws IOException {
        final LogFile file = open(base);
        if (file == null) {
            return end;
        }
        try (file; SealedIndex index = openIndex(base, end)) {
            verifier.beginSealed(file, base, end, index);
            run(base, end);
        }
        settle(base, end);
        return end;
    }

    private void settle(final long base, final long end) throws IOException {
        if (!unsettled.isEmpty()) {
            final List<String> now = storage.list();
            if (now.contains(SegmentNames.log(base)) && now.contains(SegmentNames.log(end))) {
                unsettled.forEach(listener::onFinding);
            } else {
                totals.findingCount -= unsettled.size();
            }
            unsettled.clear();
        }
    }

    private long verifyLast(final long base) throws IOException {
        if (isLive) {
            listener.onNote("the last segment may still be written to and is left out: " + SegmentNames.log(base));
            return base;
        }
        try (LogFile file = storage.open(SegmentNames.log(base), false)) {
            final long synced = checkpoint.syncedPosition();
            verifier.beginLast(file, SegmentNames.log(base), base, synced);
            run(base, base + file.length());
        }
        if (verifier.tail() != null) {
            listener.onNote("torn tail behind the synced mark, the next start cuts it: file=" + SegmentNames.log(base)
                + " position=" + verifier.endPosition() + " reason=" + verifier.tail());
        }
        return verifier.endPosition();
    }

    private void run(final long base, final long end) throws IOException {
        final long totalLength = Math.max(0, end - bases.first());
        while (!verifier.isDone() && !isStopped) {
            doneLength += verifier.step(STEP_LENGTH);
            isStopped = !listener.onProgress(doneLength, Math.max(totalLength, bases.last() - bases.first()));
        }
        if (verifier.isDamaged() && verifier.endPosition() < end) {
            verifier.forgetBefore();
        }
    }

    /** The file, null when it was given back meanwhile. */
    private LogFile open(final long base) throws IOException {
        try {
            return storage.open(SegmentNames.log(base), false);
        } catch (final IOException ex) {
            if (isLive && !storage.list().contains(SegmentNames.log(base))) {
                verifier.forgetBefore();
                return null;
            }
            throw ex;
        }
    }

    private SealedIndex openIndex(final long base, final long end) throws IOException {
        final String name = SegmentNames.index(base);
        if (!names.contains(name)) {
            if (!isLive) {
                listener.onNote(name + " is missing; the next start builds it again");
            }
            return null;
        }
        final SealedIndex index = SealedIndex.open(storage, name, base);
        if (index == null) {
            find(new Finding(Finding.Kind.INDEX, name, 0,
                "wrong magic, version, base, length or CRC; the next start builds it again", "", ""));
        }
        return index;
    }

    private void checkEnds(final long end) {
        final long start = checkpoint.startPosition();
        final long synced = checkpoint.syncedPosition();
        if (!bases.isEmpty() && start >= 0 && !bases.contains(start)) {
            find(new Finding(Finding.Kind.SEGMENT, SegmentNames.log(start), start,
                "the first segment is missing", "a segment at " + start, "first one at " + bases.first()));
        }
        if (synced > Math.max(end, Math.max(0, start))) {
            find(new Finding(Finding.Kind.SEGMENT, SegmentNames.log(bases.isEmpty() ? start : bases.last()),
                Math.max(end, 0), "the log ends before its synced mark", "synced=" + synced, "end=" + end));
        }
    }
}
