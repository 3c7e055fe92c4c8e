package io.millrace.engine.log;

import io.millrace.engine.io.LogStorage;
import io.millrace.engine.segment.SegmentNames;
import java.io.IOException;

/**
 * How far a scrub has come, so that a restart does not begin it again. Immutable; stored as a {@link PairFile}, in the
 * order of the components, and not synced: what a crash takes away is checked once more.
 *
 * @param nextPosition  segments from there on are still to be checked in this pass; {@link #DONE} when it is through
 * @param passStartedMs when the pass began, milliseconds since the epoch
 */
record ScrubCursor(long nextPosition, long passStartedMs) {
    /** The pass is through. */
    static final long DONE = Long.MAX_VALUE;

    private static final int MAGIC = 0x4353524d; // "MRSC"

    /** {@return the stored cursor, null when there is none that can be read} */
    static ScrubCursor load(final LogStorage storage) throws IOException {
        if (!storage.list().contains(SegmentNames.SCRUB)) {
            return null;
        }
        final PairFile pair = PairFile.load(storage, SegmentNames.SCRUB, MAGIC);
        return pair == null ? null : new ScrubCursor(pair.first(), pair.second());
    }

    void store(final LogStorage storage) throws IOException {
        new PairFile(nextPosition, passStartedMs).store(storage, SegmentNames.SCRUB, MAGIC);
    }
}
