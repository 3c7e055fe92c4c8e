package io.millrace.engine.log;

import io.millrace.engine.io.LogStorage;
import io.millrace.engine.segment.SegmentNames;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What a start finds of segments in quarantine. Stateless; used by the thread that opens. */
final class QuarantineFiles {
    private QuarantineFiles() {
    }

    /**
     * Finishes repairs that a crash interrupted between two renames, drops marks without a segment.
     *
     * @param storage of the shard
     * @return base positions of the segments that carry a mark, whatever is in it
     * @throws IOException when the disk fails
     */
    static Set<Long> restore(final LogStorage storage) throws IOException {
        for (final String name : storage.list()) {
            if (name.endsWith(SegmentNames.REPAIRED_SUFFIX)) {
                final String segment = name.substring(0, name.length() - SegmentNames.REPAIRED_SUFFIX.length());
                if (storage.list().contains(segment)) {
                    storage.delete(name); // the damaged one was not yet set aside: it is fetched again
                } else {
                    storage.rename(name, segment);
                    storage.syncDirectory();
                }
            }
        }
        final List<String> names = storage.list();
        final Set<Long> bases = new HashSet<>();
        for (final String name : names) {
            final long base = SegmentNames.basePosition(name, SegmentNames.QUARANTINE_SUFFIX);
            if (base >= 0 && names.contains(SegmentNames.log(base))) {
                bases.add(base);
            } else if (base >= 0) {
                storage.delete(name);
            }
        }
        return bases;
    }
}
