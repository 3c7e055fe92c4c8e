package io.millrace.broker.node;

import io.millrace.broker.metadata.BrokerInfo;
import io.millrace.broker.metadata.MetadataCommand;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.MetadataProxy;
import io.millrace.broker.metadata.MetadataResult;
import io.millrace.broker.metadata.ShardInfo;
import io.millrace.broker.shard.LocalShard;
import io.millrace.broker.shard.LocalShards;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.agrona.concurrent.NanoClock;

/**
 * Gives what this node leads to others before it stops. Run once, by the closing thread; every other agent still works.
 *
 * <p>Producers wait outside until the followers have all there is, so that a change of leaders costs no record that was
 * acknowledged by the leader alone. Then the quorum is asked. What nobody takes is led until the end.
 */
final class HandOver {
    /** How long all of it may take. */
    static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(5);
    /** How long followers may take to get the rest. */
    static final long CATCH_UP_NS = TimeUnit.MILLISECONDS.toNanos(150);
    /** How long producers may wait outside. */
    static final long HOLD_NS = TimeUnit.SECONDS.toNanos(1);
    /** How long the others may take to hear of the new leaders before clients are sent to them. */
    static final long SETTLE_NS = TimeUnit.MILLISECONDS.toNanos(30);
    /** How long clients may still ask this node, which tells them of the new leaders. */
    static final long FAREWELL_NS = TimeUnit.MILLISECONDS.toNanos(150);
    /** A quorum that is silent for so long, while others stop too, will not answer. */
    private static final long SILENCE_NS = TimeUnit.MILLISECONDS.toNanos(1_500);
    private static final long ASK_INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(1);

    private final int nodeId;
    private final NanoClock clock;
    private final LocalShards shards;
    private final Supplier<MetadataImage> images;
    private final MetadataProxy proxy;
    private final LongSupplier lastHeardNs;
    private final Consumer<Boolean> holdBack;
    private final BooleanSupplier isHurried;
    private final AtomicReference<MetadataResult> answer = new AtomicReference<>();

    /**
     * Of one node.
     *
     * @param lastHeardNs when the quorum was last heard of
     * @param holdBack    lets producers wait outside, or no longer
     * @param isHurried   whether to go on without waiting
     */
    HandOver(final int nodeId, final NanoClock clock, final LocalShards shards, final Supplier<MetadataImage> images,
        final MetadataProxy proxy, final LongSupplier lastHeardNs, final Consumer<Boolean> holdBack,
        final BooleanSupplier isHurried) {
        this.nodeId = nodeId;
        this.clock = clock;
        this.shards = shards;
        this.images = images;
        this.proxy = proxy;
        this.lastHeardNs = lastHeardNs;
        this.holdBack = holdBack;
        this.isHurried = isHurried;
    }

    /** {@return how many shards this node still leads} */
    int run() {
        final BrokerInfo self = images.get().broker(nodeId);
        if (self == null || !self.isRegistered()) {
            return ledCount();
        }
        final long startNs = clock.nanoTime();
        final boolean isLeading = ledCount() > 0;
        if (isLeading && isAnybodyElse(images.get())) {
            holdBack.accept(true);
            await(startNs + CATCH_UP_NS, this::isAllCommitted);
        }
        ask(self.epoch());
        long nextAskNs = clock.nanoTime() + ASK_INTERVAL_NS;
        boolean isAnswered = false;
        boolean isHolding = true;
        while (clock.nanoTime() - startNs < PATIENCE_NS && !isHurried.getAsBoolean()) {
            final MetadataResult result = answer.getAndSet(null);
            isAnswered |= result != null && result.isOk();
            final MetadataImage image = images.get();
            final boolean isDone = ledCount() == 0 || isAssigned(image) && !isAnybodyElse(image);
            if (isAnswered && isDone || clock.nanoTime() - lastHeardNs.getAsLong() > SILENCE_NS) {
                break;
            }
            if (isHolding && clock.nanoTime() - startNs > HOLD_NS) {
                isHolding = false;
                holdBack.accept(false); // it takes long: rather lose what only this node acknowledges than stand still
            }
            if (clock.nanoTime() - nextAskNs >= 0) {
                ask(self.epoch());
                nextAskNs = clock.nanoTime() + ASK_INTERVAL_NS;
            }
            LockSupport.parkNanos(POLL_NS);
        }
        if (isLeading && ledCount() == 0) {
            await(clock.nanoTime() + SETTLE_NS, () -> false);
        }
        holdBack.accept(false);
        if (isLeading) {
            await(clock.nanoTime() + FAREWELL_NS, () -> false);
        }
        return ledCount();
    }

    private void ask(final long brokerEpoch) {
        proxy.offer(new MetadataCommand.ControlledShutdown(nodeId, brokerEpoch), answer::set);
    }

    private void await(final long deadlineNs, final BooleanSupplier condition) {
        while (!condition.getAsBoolean() && clock.nanoTime() - deadlineNs < 0 && !isHurried.getAsBoolean()) {
            LockSupport.parkNanos(POLL_NS);
        }
    }

    private boolean isAllCommitted() {
        for (final LocalShard shard : shards.all()) {
            if (shard.leadingEpoch() >= 0 && (shard.ingress().occupiedLength() > 0
                || shard.marks().committedAcquire() < shard.marks().writtenAcquire())) {
                return false;
            }
        }
        return true;
    }

    /** Counts what the engine thread leads and what the metadata says: both have to be over. */
    private int ledCount() {
        final MetadataImage image = images.get();
        int count = 0;
        for (final LocalShard shard : shards.all()) {
            final ShardInfo info = image.shard(shard.shardId());
            count += shard.leadingEpoch() >= 0 || info != null && info.leader() == nodeId ? 1 : 0;
        }
        return count;
    }

    private boolean isAssigned(final MetadataImage image) {
        for (final LocalShard shard : shards.all()) {
            final ShardInfo info = image.shard(shard.shardId());
            if (info != null && info.leader() == nodeId) {
                return true;
            }
        }
        return false;
    }

    /** Whether another replica of a shard led here could still take it. */
    private boolean isAnybodyElse(final MetadataImage image) {
        for (final LocalShard shard : shards.all()) {
            final ShardInfo info = image.shard(shard.shardId());
            if (info != null && info.leader() == nodeId) {
                for (final int member : info.isr()) {
                    final BrokerInfo other = image.broker(member);
                    if (member != nodeId && other != null && other.isAssignable()) {
                        return true;
                    }
                }
            }
        }
        return false;
    }
}
