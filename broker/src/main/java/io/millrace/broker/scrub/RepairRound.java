package io.millrace.broker.scrub;

import io.millrace.broker.replication.RepairFetch;
import io.millrace.broker.replication.RepairRange;
import io.millrace.engine.log.SegmentRepair;
import io.millrace.engine.segment.SegmentNames;
import java.io.IOException;
import java.util.List;

/**
 * Replaces segments in quarantine, one at a time: fetches all of it from one replica, checks it, installs it; else the
 * next replica. Owned by the maintenance thread.
 */
final class RepairRound {
    private static final int VERIFY_LENGTH = 4 * 1024 * 1024;

    private final List<ShardScrub> shards;
    private final RepairFetch fetch;
    private final ScrubConfiguration configuration;
    private final ScrubEvents events;
    private final ScrubTotals totals;
    private final RateLimit rate;
    private ShardScrub shard;
    private SegmentRepair repair;
    private int attempt;
    private long nextRoundNs;
    private boolean hasNextRoundNs;
    private int nextShard;
    private long nextPosition;
    private String failures = "";
    private String saidFailures = "";

    RepairRound(final List<ShardScrub> shards, final RepairFetch fetch, final ScrubConfiguration configuration,
        final ScrubEvents events, final ScrubTotals totals) {
        this.shards = shards;
        this.fetch = fetch;
        this.configuration = configuration;
        this.events = events;
        this.totals = totals;
        rate = new RateLimit(configuration.repairBytesPerSecond(), RepairRange.MAX_LENGTH);
    }

    int doWork(final long nowNs) {
        try {
            if (repair == null) {
                return hasNextRoundNs && nowNs - nextRoundNs < 0 ? 0 : begin(nowNs);
            }
            return repair.nextPosition() < repair.endPosition() ? fetch(nowNs) : verify();
        } catch (final IOException ex) {
            giveUp("this node's disk fails: " + ex);
            return 1;
        }
    }

    /** A new segment went into quarantine: look at once. */
    void hurry() {
        hasNextRoundNs = false;
    }

    void close() {
        try {
            end();
        } catch (final IOException ex) {
            events.warn("a temporary file of a repair cannot be deleted; the next start does it: " + ex);
        }
    }

    private int begin(final long nowNs) throws IOException {
        hasNextRoundNs = false;
        while (nextShard < shards.size()) {
            shard = shards.get(nextShard);
            final long base = shard.scrub.quarantinedBase(nextPosition);
            if (base < 0) {
                nextShard++;
                nextPosition = 0;
                continue;
            }
            nextPosition = base + 1;
            attempt = 0;
            failures = "";
            repair = shard.scrub.beginRepair(base);
            if (repair != null) {
                return 1;
            }
        }
        nextShard = 0;
        nextPosition = 0;
        hasNextRoundNs = true;
        nextRoundNs = nowNs + configuration.retryNs();
        return 0;
    }

    private int fetch(final long nowNs) throws IOException {
        switch (fetch.state()) {
            case IDLE -> {
                final int length =
                    (int) Math.min(RepairRange.MAX_LENGTH, repair.endPosition() - repair.nextPosition());
                if (rate.availableLength(nowNs) < length) {
                    return 0;
                }
                rate.use(length);
                fetch.want(new RepairRange(shard.shardId, repair.basePosition(), repair.endPosition(),
                    repair.nextPosition(), length), attempt);
            }
            case ARRIVED -> {
                shard.source(fetch.brokerId());
                totals.fetchedLength += fetch.bytes().remaining();
                try {
                    repair.write(fetch.bytes());
                } finally {
                    fetch.release();
                }
            }
            case FAILED -> {
                final boolean hasOthers = fetch.hasOthers();
                note(fetch.brokerId(), fetch.failure());
                fetch.release();
                tryNext(hasOthers);
            }
            default -> {
                return 0;
            }
        }
        return 1;
    }

    private int verify() throws IOException {
        if (!repair.verify(VERIFY_LENGTH)) {
            return 1;
        }
        if (repair.finding() != null) {
            note(fetch.brokerId(), "what it sent does not fit: " + repair.finding());
            tryNext(true);
        } else {
            repair.install();
            end();
        }
        return 1;
    }

    private void note(final int brokerId, final String why) {
        totals.failedFetchCount++;
        failures += (failures.isEmpty() ? "" : ", ") + (brokerId < 0 ? "" : "node " + brokerId + ": ") + why;
    }

    /** All of a segment comes from one replica, so that a wrong one is known. */
    private void tryNext(final boolean hasOthers) throws IOException {
        final long base = repair.basePosition();
        repair.close();
        repair = hasOthers ? shard.scrub.beginRepair(base) : null;
        attempt++;
        if (repair == null && !hasOthers) {
            sayFailed(base);
        }
    }

    private void sayFailed(final long base) {
        final String text = "shard " + shard.shardId + ": no replica gave segment " + SegmentNames.log(base)
            + ", which stays in quarantine and is asked for again: " + failures;
        if (shard.hasOtherReplicas() && !text.equals(saidFailures)) {
            saidFailures = text;
            events.warn(text);
        }
    }

    private void giveUp(final String why) {
        failures = why;
        if (repair != null) {
            sayFailed(repair.basePosition());
        }
        try {
            end();
        } catch (final IOException ex) {
            events.warn("shard " + shard.shardId + ": a temporary file of a repair cannot be deleted: " + ex);
        }
        nextPosition = Long.MAX_VALUE; // on to the next shard, and back to this one in the next round
    }

    private void end() throws IOException {
        final SegmentRepair ended = repair;
        repair = null;
        if (ended != null) {
            ended.close();
        }
        if (fetch.state() == RepairFetch.State.ARRIVED || fetch.state() == RepairFetch.State.FAILED) {
            fetch.release();
        }
    }
}
