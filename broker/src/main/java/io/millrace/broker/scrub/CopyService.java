package io.millrace.broker.scrub;

import io.millrace.broker.replication.RepairRange;
import io.millrace.broker.replication.RepairServe;
import io.millrace.engine.log.LogScrub;
import java.io.IOException;
import java.util.List;

/**
 * Reads segments for replicas whose own copy is damaged, after checking all of the segment. Owned by the maintenance
 * thread.
 */
final class CopyService {
    private static final int CHECK_LENGTH = 4 * 1024 * 1024;
    private static final long IDLE_NS = 5_000_000_000L;

    private final List<ShardScrub> shards;
    private final RepairServe serve;
    private final ScrubEvents events;
    private final ScrubTotals totals;
    private ShardScrub open;
    private long usedNs;

    CopyService(final List<ShardScrub> shards, final RepairServe serve, final ScrubEvents events,
        final ScrubTotals totals) {
        this.shards = shards;
        this.serve = serve;
        this.events = events;
        this.totals = totals;
    }

    int doWork(final long nowNs) {
        if (serve.state() == RepairServe.State.ASKED) {
            usedNs = nowNs;
            answer(serve.range());
            return 1;
        }
        if (open != null && nowNs - usedNs > IDLE_NS) {
            close();
        }
        return 0;
    }

    private void answer(final RepairRange range) {
        final ShardScrub shard = shards.stream().filter(one -> one.shardId == range.shardId()).findFirst().orElse(null);
        if (shard != open) {
            close();
        }
        if (shard == null) {
            refuse(RepairServe.REASON_UNKNOWN);
            return;
        }
        open = shard;
        try {
            switch (shard.scrub.openCopy(range.basePosition(), range.endPosition(), CHECK_LENGTH)) {
                case LogScrub.COPY_READY -> read(shard, range);
                case LogScrub.COPY_PENDING -> { } // asked again in the next duty cycle
                case LogScrub.COPY_DAMAGED -> refuse(RepairServe.REASON_DAMAGED);
                default -> refuse(RepairServe.REASON_UNKNOWN);
            }
        } catch (final IOException ex) {
            events.warn("shard " + range.shardId() + ": a segment cannot be read for another replica: " + ex);
            refuse(RepairServe.REASON_DISK);
        }
    }

    private void read(final ShardScrub shard, final RepairRange range) throws IOException {
        if (shard.scrub.readCopy(range.position(), serve.target())) {
            totals.servedLength += range.length();
            serve.ready();
        } else {
            refuse(RepairServe.REASON_UNKNOWN);
        }
    }

    private void refuse(final int reason) {
        totals.refusedCount++;
        serve.refuse(reason);
    }

    private void close() {
        if (open != null) {
            open.scrub.closeCopy();
            open = null;
        }
    }
}
