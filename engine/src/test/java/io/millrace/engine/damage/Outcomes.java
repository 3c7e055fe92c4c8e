package io.millrace.engine.damage;

import io.millrace.engine.log.CorruptLogException;
import io.millrace.engine.segment.SegmentNames;
import io.millrace.engine.sim.SimDisk;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/** The right outcome of damage where a log was synced. */
final class Outcomes {
    private Outcomes() {
    }

    /**
     * Opens a log that is damaged in a segment that recovery reads, below the synced mark.
     *
     * @param disk      damaged copy of the sample's
     * @param sample    as it was
     * @param segment   which one is damaged
     * @param position  first frame that is damaged
     * @param isRefused whether damage is refused, or set aside
     * @return what came of it
     */
    static String checkDamageBelowSynced(
        final SimDisk disk,
        final SampleLog sample,
        final int segment,
        final int position,
        final boolean isRefused) throws IOException {
        if (isRefused) {
            final List<String> before = disk.list();
            try {
                OpenedLog.open(disk, sample.shape, true);
            } catch (final CorruptLogException refusal) {
                Check.that(refusal.getMessage().contains(sample.file(segment))
                    && refusal.getMessage().contains("position=" + position + " "), refusal.getMessage());
                Check.equal(before, disk.list(), "files after a refusal");
                return "refused";
            }
            throw new AssertionError("damage at position=" + position + " was not noticed");
        }
        final OpenedLog opened = OpenedLog.open(disk, sample.shape, false);
        final List<String> expected = Arrays.stream(sample.bases).skip(segment).mapToObj(SegmentNames::log).toList();
        Check.that(opened.report.quarantinedFiles().contains(sample.file(segment))
            && expected.containsAll(opened.report.quarantinedFiles()),
            "set aside: " + opened.report.quarantinedFiles() + " damaged=" + sample.file(segment));
        Check.that(disk.list().contains(sample.file(segment) + SegmentNames.QUARANTINED_SUFFIX), "kept for inspection");
        Check.equal(segment == 0 ? 0 : sample.bases[segment], opened.end(), "end before the damaged segment");
        if (opened.end() > 0) {
            opened.requireBytesOf(sample.bytes);
            Check.equal(0, opened.readAll(sample.batches).refusedCount(), "refused batches");
        }
        return "set aside";
    }
}
