package io.millrace.broker.scrub;

import io.millrace.engine.log.Finding;
import io.millrace.engine.log.LogScrub;
import io.millrace.engine.segment.SegmentNames;
import io.millrace.engine.shard.SegmentedShardLog;
import java.io.IOException;

/** One shard's scrub, with what is to be said about it. Owned by the maintenance thread. */
final class ShardScrub implements LogScrub.Listener {
    final int shardId;
    final LogScrub scrub;
    private final boolean hasOtherReplicas;
    private final ScrubEvents events;
    private final ScrubTotals totals;
    private long passLength;
    private long passCheckedCount;
    private long passFindingCount;
    private int sourceId;

    ShardScrub(final int shardId, final boolean hasOtherReplicas, final SegmentedShardLog log,
        final ScrubEvents events, final ScrubTotals totals) throws IOException {
        this.shardId = shardId;
        this.hasOtherReplicas = hasOtherReplicas;
        this.events = events;
        this.totals = totals;
        scrub = log.newScrub(this);
    }

    /** Names the broker whose bytes are about to be installed. */
    void source(final int brokerId) {
        sourceId = brokerId;
    }

    boolean hasOtherReplicas() {
        return hasOtherReplicas;
    }

    void read(final int length) {
        passLength += length;
        totals.scrubbedLength += length;
    }

    void onPassDone(final long tookMs) {
        totals.passCount++;
        if (passCheckedCount > 0) {
            events.info("scrub of shard " + shardId + " done: segments=" + passCheckedCount + " bytes=" + passLength
                + " findings=" + passFindingCount + " in " + tookMs + " ms");
        }
        passCheckedCount = 0;
        passLength = 0;
        passFindingCount = 0;
    }

    @Override
    public void onFinding(final Finding finding) {
        totals.findingCount++;
        passFindingCount++;
        if (finding.kind() == Finding.Kind.INDEX) {
            events.warn("shard " + shardId + ": an index was damaged and is built again from its segment: " + finding);
        }
    }

    @Override
    public void onChecked(final long basePosition, final long endPosition) {
        totals.checkedCount++;
        passCheckedCount++;
    }

    @Override
    public void onQuarantined(final long basePosition, final long endPosition, final Finding finding) {
        totals.quarantinedCount++;
        events.warn("shard " + shardId + ": a segment is damaged and put into quarantine, reads of it answer "
            + "KAFKA_STORAGE_ERROR: " + finding + (hasOtherReplicas ? "; it is fetched from another replica"
            : "; there is no other replica: stop this node, put a backup of that file in its place, start again"));
    }

    @Override
    public void onMended(final long basePosition, final boolean isReplaced) {
        final String name = SegmentNames.log(basePosition);
        if (isReplaced) {
            totals.repairedCount++;
            events.info("shard " + shardId + ": segment " + name + " is repaired with the bytes of node " + sourceId
                + " and served again; the damaged file is kept as " + name + SegmentNames.QUARANTINED_SUFFIX
                + ", delete it once you need it no more");
        } else {
            totals.liftedCount++;
            events.info("shard " + shardId + ": segment " + name + " was in quarantine and is whole now, it is served "
                + "again");
        }
    }
}
