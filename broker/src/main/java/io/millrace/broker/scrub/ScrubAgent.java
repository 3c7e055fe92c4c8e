package io.millrace.broker.scrub;

import io.millrace.broker.replication.RepairPort;
import io.millrace.engine.shard.SegmentedShardLog;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.EpochClock;

/**
 * A node's scrub: passes through the sealed segments of all its logs at a bounded rate, one shard at a time; repairs of
 * what they find; and copies for other nodes' repairs. Owned by the maintenance thread, a duty cycle among others.
 */
public final class ScrubAgent implements AutoCloseable {
    private static final int STEP_LENGTH = 1024 * 1024;
    private static final int STEPS_PER_CYCLE = 4;
    private static final long TROUBLE_PAUSE_NS = 10_000_000_000L;

    private final ScrubConfiguration configuration;
    private final EpochClock epochClock;
    private final ScrubEvents events;
    private final ScrubTotals totals = new ScrubTotals();
    private final List<ShardScrub> shards = new ArrayList<>();
    private final RateLimit rate;
    private final RepairRound repairs;
    private final CopyService copies;
    private int present;
    private long seenQuarantinedCount;
    private long troubledNs;
    private boolean isTroubled;

    /**
     * A scrub without logs.
     *
     * @param configuration rates and times
     * @param epochClock    tells when a pass is due, also across restarts
     * @param port          shared with the engine thread
     * @param events        hears what is found and done
     */
    public ScrubAgent(final ScrubConfiguration configuration, final EpochClock epochClock, final RepairPort port,
        final ScrubEvents events) {
        this.configuration = configuration;
        this.epochClock = epochClock;
        this.events = events;
        rate = new RateLimit(Math.max(1, configuration.scrubBytesPerSecond()), STEP_LENGTH);
        repairs = new RepairRound(shards, port.fetch(), configuration, events, totals);
        copies = new CopyService(shards, port.serve(), events, totals);
    }

    /**
     * Looks after a log from now on.
     *
     * @param shardId          its shard
     * @param hasOtherReplicas whether there is anybody to fetch from
     * @param log              open
     * @throws IOException when the disk fails
     */
    public void add(final int shardId, final boolean hasOtherReplicas, final SegmentedShardLog log)
        throws IOException {
        shards.add(new ShardScrub(shardId, hasOtherReplicas, log, events, totals));
        repairs.hurry();
    }

    /** {@return what was done since the start} */
    public ScrubTotals totals() {
        return totals;
    }

    /**
     * The duty cycle.
     *
     * @param nowNs monotonic time
     * @return work count; a pass alone is no reason to stay awake
     */
    public int doWork(final long nowNs) {
        final int workCount = copies.doWork(nowNs) + repairs.doWork(nowNs);
        scrub(nowNs);
        if (totals.quarantinedCount != seenQuarantinedCount) {
            seenQuarantinedCount = totals.quarantinedCount;
            repairs.hurry();
        }
        return workCount;
    }

    /** Lets go of a repair that was under way; when the agents have stopped, before the logs are closed. */
    @Override
    public void close() {
        repairs.close();
    }

    private void scrub(final long nowNs) {
        if (shards.isEmpty() || isTroubled && nowNs - troubledNs < TROUBLE_PAUSE_NS) {
            return;
        }
        isTroubled = false;
        try {
            for (int i = 0; i < STEPS_PER_CYCLE && rate.availableLength(nowNs) >= STEP_LENGTH; i++) {
                final int length = step();
                if (length == 0) {
                    return;
                }
                rate.use(length);
            }
        } catch (final IOException ex) {
            isTroubled = true;
            troubledNs = nowNs;
            events.warn("the scrub of " + shards.get(present).scrub.name() + " failed and is tried again: " + ex);
        }
    }

    /** One step of the shard whose turn it is, or of the next one that has something to do; 0 when none has. */
    private int step() throws IOException {
        final long nowMs = epochClock.time();
        for (int i = 0; i < shards.size(); i++) {
            final ShardScrub shard = shards.get(present);
            if (!shard.scrub.isPassing() && configuration.scrubBytesPerSecond() > 0
                && nowMs - shard.scrub.passStartedMs() >= configuration.intervalMs()) {
                shard.scrub.beginPass(nowMs);
            }
            final boolean wasPassing = shard.scrub.isPassing() && configuration.scrubBytesPerSecond() > 0;
            if (wasPassing || shard.scrub.hasSuspect()) {
                final int length = shard.scrub.step(STEP_LENGTH);
                if (length > 0) {
                    shard.read(length);
                    return length;
                }
                if (wasPassing && !shard.scrub.isPassing()) {
                    shard.onPassDone(nowMs - shard.scrub.passStartedMs());
                }
            }
            present = (present + 1) % shards.size();
        }
        return 0;
    }
}
