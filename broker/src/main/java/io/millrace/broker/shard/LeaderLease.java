package io.millrace.broker.shard;

import java.util.function.LongSupplier;

/**
 * Until when this broker may answer as a leader. Any thread.
 *
 * <p>A process that was stopped for a while learns only by the clock that others may have elected a leader meanwhile.
 * So the clock is read after whatever may have been the last stop: before a batch is taken, and once more before what
 * was written is answered. An answer that was decided while the lease held stays true however late it is sent: it could
 * as well have been sent in time and been late on its way.
 */
public final class LeaderLease {
    /** The end of a lease that does not end: nobody else could lead. */
    public static final long ENDLESS_NS = Long.MAX_VALUE;
    /** A lease that does not end. */
    public static final LeaderLease ENDLESS = new LeaderLease(() -> ENDLESS_NS);

    private final LongSupplier endNs;

    /**
     * A lease.
     *
     * @param endNs when it ends, monotonic time of the same clock as is asked for; any thread
     */
    public LeaderLease(final LongSupplier endNs) {
        this.endNs = endNs;
    }

    /**
     * {@return whether it has not ended}
     *
     * @param nowNs monotonic time
     */
    public boolean isHeld(final long nowNs) {
        final long end = endNs.getAsLong();
        return end == ENDLESS_NS || nowNs - end < 0;
    }
}
