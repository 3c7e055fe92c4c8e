package io.millrace.engine.log;

import io.millrace.engine.io.LogStorage;
import io.millrace.engine.segment.SegmentNames;
import java.io.IOException;

/**
 * What is certain about a shard's files: up to where they were synced and from where on they are kept. Immutable;
 * stored as a {@link PairFile}, in the order of the components.
 *
 * @param syncedPosition damage below it is corruption, behind it the torn end of the log
 * @param startPosition  segments that end at or below it were given back
 */
record Checkpoint(long syncedPosition, long startPosition) {
    private static final int MAGIC = 0x5043524d; // "MRCP"

    /** {@return the stored checkpoint, null when it is damaged} A missing one is that of an empty log. */
    static Checkpoint load(final LogStorage storage) throws IOException {
        if (!storage.list().contains(SegmentNames.CHECKPOINT)) {
            return null;
        }
        final PairFile pair = PairFile.load(storage, SegmentNames.CHECKPOINT, MAGIC);
        return pair == null ? null : new Checkpoint(pair.first(), pair.second());
    }

    /** Durable when it returns. */
    void store(final LogStorage storage) throws IOException {
        new PairFile(syncedPosition, startPosition).storeDurably(storage, SegmentNames.CHECKPOINT, MAGIC);
    }
}
