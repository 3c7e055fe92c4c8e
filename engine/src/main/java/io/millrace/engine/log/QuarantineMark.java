package io.millrace.engine.log;

import io.millrace.engine.io.LogStorage;
import io.millrace.engine.segment.SegmentNames;
import java.io.IOException;

/**
 * Says that a segment is in quarantine, beside the segment, so that a restart does not serve it. Immutable; stored as a
 * {@link PairFile}, in the order of the components.
 *
 * @param basePosition    of the segment
 * @param damagedPosition where its check failed
 */
record QuarantineMark(long basePosition, long damagedPosition) {
    private static final int MAGIC = 0x4e51524d; // "MRQN"

    /** {@return the mark, null when the file is damaged or belongs to another segment than its name says} */
    static QuarantineMark load(final LogStorage storage, final String name) throws IOException {
        final PairFile pair = PairFile.load(storage, name, MAGIC);
        return pair != null && pair.first() == SegmentNames.basePosition(name, SegmentNames.QUARANTINE_SUFFIX)
            ? new QuarantineMark(pair.first(), pair.second()) : null;
    }

    /** Durable when it returns. */
    void store(final LogStorage storage) throws IOException {
        new PairFile(basePosition, damagedPosition)
            .storeDurably(storage, SegmentNames.quarantine(basePosition), MAGIC);
    }
}
