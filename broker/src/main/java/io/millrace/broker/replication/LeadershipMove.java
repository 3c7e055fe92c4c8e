package io.millrace.broker.replication;

import java.util.concurrent.TimeUnit;

/**
 * The handing over of one shard's leadership to another in-sync replica, on this leader's side: producers are held back
 * until the other one has everything, so that nothing is lost that only this leader has acknowledged. Owned by the
 * engine thread.
 */
final class LeadershipMove {
    /** How long the other one may take to get the rest. */
    static final long CATCH_UP_NS = TimeUnit.MILLISECONDS.toNanos(150);
    /** How long producers wait at most, the quorum's decision included. */
    static final long HOLD_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long TELL_INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(200);

    private final int toBrokerId;
    private final long startNs;
    private boolean isReady;
    private boolean isGivenUp;
    private boolean isTold;
    private long toldNs;

    LeadershipMove(final int toBrokerId, final long nowNs) {
        this.toBrokerId = toBrokerId;
        startNs = nowNs;
    }

    int toBrokerId() {
        return toBrokerId;
    }

    /** {@return whether producers wait} */
    boolean isHolding() {
        return !isGivenUp;
    }

    /**
     * Goes on.
     *
     * @param hasEverything whether the other one has all that is in the log, and nothing is left in the ring
     * @param nowNs         monotonic time
     * @return whether the quorum is to be told now of {@link #outcome()}
     */
    boolean doWork(final boolean hasEverything, final long nowNs) {
        final long elapsedNs = nowNs - startNs;
        if (!isGivenUp) {
            final boolean wasReady = isReady;
            isReady |= hasEverything;
            isGivenUp = elapsedNs >= HOLD_NS || !isReady && elapsedNs >= CATCH_UP_NS;
            isTold &= wasReady == isReady && !isGivenUp;
        }
        if (!isReady && !isGivenUp || isTold && nowNs - toldNs < TELL_INTERVAL_NS) {
            return false;
        }
        isTold = true;
        toldNs = nowNs;
        return true;
    }

    /** {@return who may lead now, {@link ShardAssignment#NO_LEADER} when this leader goes on} */
    int outcome() {
        return isGivenUp ? ShardAssignment.NO_LEADER : toBrokerId;
    }
}
