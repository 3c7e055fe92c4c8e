package io.millrace.broker.node;

import io.millrace.broker.metadata.BrokerInfo;
import io.millrace.broker.metadata.MetadataCommand;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.MetadataProxy;
import io.millrace.broker.metadata.MetadataResult;
import io.millrace.broker.metadata.ShardInfo;
import io.millrace.broker.metadata.ShardReport;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/**
 * Tells the quorum after each registration what is in the logs of this node, and then that it is ready. Owned by the
 * engine thread.
 *
 * <p>A log that lacks what it once held stays marked as damaged until a leader has brought it up to date, which shows
 * in the ISR.
 */
final class BrokerReadiness {
    private static final int REPORTS_PER_COMMAND = 128;
    private static final long RETRY_NS = TimeUnit.MILLISECONDS.toNanos(300);
    private static final long NO_EPOCH = -1;

    private final int nodeId;
    private final MetadataProxy proxy;
    private final Consumer<Runnable> engine;
    private final Consumer<String> events;
    private final Set<Integer> damaged = new HashSet<>();
    private final List<ShardReport> late = new ArrayList<>();
    private long brokerEpoch = NO_EPOCH;
    private List<ShardReport> reports;
    private boolean isDue;
    private boolean isAsking;
    private boolean isReady;
    private long retryNs;

    /**
     * Of one node.
     *
     * @param nodeId its id
     * @param proxy  to the quorum
     * @param engine runs something on the engine thread
     * @param events hears what an operator should know
     */
    BrokerReadiness(final int nodeId, final MetadataProxy proxy, final Consumer<Runnable> engine,
        final Consumer<String> events) {
        this.nodeId = nodeId;
        this.proxy = proxy;
        this.engine = engine;
        this.events = events;
    }

    /** A log was found to lack what it once held. */
    void damaged(final int shardId) {
        damaged.add(shardId);
    }

    /** {@return whether a shard's log lacks what it once held} */
    boolean isDamaged(final int shardId) {
        return damaged.contains(shardId);
    }

    /** A log opened late, when the quorum had been told that this node could not lead the shard. */
    void openedLate(final ShardReport report) {
        late.add(report);
    }

    /** Nobody leads a shard any more: what this node said of its log when it started is out of date. */
    void askedAnew(final ShardReport report) {
        if (isReady) { // else what it is about to report is as of now
            late.removeIf((earlier) -> earlier.shardId() == report.shardId());
            late.add(report);
        }
    }

    /**
     * Looks who this node is in a newer image.
     *
     * @param onWhole takes each shard whose log lacks nothing any more
     */
    void onImage(final MetadataImage image, final long nowNs, final IntConsumer onWhole) {
        final BrokerInfo self = image.broker(nodeId);
        final long newEpoch = self == null || !self.isRegistered() ? NO_EPOCH : self.epoch();
        if (newEpoch != brokerEpoch) {
            brokerEpoch = newEpoch;
            reports = null;
            isAsking = false;
            retryNs = nowNs;
        }
        // as the image says, not as the answer does: that may get lost, or none be needed after a change of sessions
        isReady = newEpoch != NO_EPOCH && !self.fenced();
        isDue = newEpoch != NO_EPOCH && self.fenced();
        if (isReady && !damaged.isEmpty()) {
            damaged.removeIf((shardId) -> {
                final boolean isWhole = isWholeAgain(image.shard(shardId));
                if (isWhole) {
                    onWhole.accept(shardId);
                }
                return isWhole;
            });
        }
    }

    /** The last holder stays in the ISR of a shard that waits; that says nothing of its log. */
    private boolean isWholeAgain(final ShardInfo shard) {
        return shard.isr().contains(nodeId) && shard.hasLeader() && !shard.waiting();
    }

    /**
     * The duty cycle.
     *
     * @param allOpen whether every log that can be opened is open
     * @param logs    what is in the logs now
     */
    int doWork(final long nowNs, final boolean allOpen, final Supplier<List<ShardReport>> logs) {
        if (isAsking || nowNs - retryNs < 0) {
            return 0;
        }
        if (isDue && allOpen) {
            if (reports == null) {
                reports = new ArrayList<>(logs.get());
            }
            ask(reports, nowNs);
            return 1;
        }
        if (isReady && !late.isEmpty()) {
            ask(late, nowNs);
            return 1;
        }
        return 0;
    }

    /** Sends the next of these reports; when none is left, says that this node is ready. */
    private void ask(final List<ShardReport> from, final long nowNs) {
        final List<ShardReport> next = List.copyOf(from.subList(0, Math.min(REPORTS_PER_COMMAND, from.size())));
        final MetadataCommand command = next.isEmpty() ? new MetadataCommand.BrokerReady(nodeId, brokerEpoch)
            : new MetadataCommand.ReportShards(nodeId, brokerEpoch, next);
        final long askedEpoch = brokerEpoch;
        isAsking = proxy.offer(command,
            (result) -> engine.accept(() -> onAnswer(askedEpoch, from, next.size(), result)));
        retryNs = nowNs + RETRY_NS;
    }

    private void onAnswer(
        final long askedEpoch, final List<ShardReport> from, final int reportCount, final MetadataResult result) {
        if (askedEpoch != brokerEpoch) {
            return;
        }
        isAsking = false;
        if (result.isOk()) {
            retryNs -= RETRY_NS; // go on at once
            if (reportCount > 0) {
                from.subList(0, reportCount).clear();
            } else {
                isReady = true;
                isDue = false;
                events.accept("ready: node.id=" + nodeId + " epoch=" + brokerEpoch
                    + (damaged.isEmpty() ? "" : ", not to lead before they are whole again: shards " + damaged));
            }
        } else if (!result.isUndecided()) {
            events.accept("the quorum refused this node's report (error " + result.errorCode() + "): "
                + result.message());
        }
    }
}
