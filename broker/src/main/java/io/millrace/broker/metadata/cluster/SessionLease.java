package io.millrace.broker.metadata.cluster;

/**
 * Until when the quorum cannot have closed this broker's session. Owned by the metadata thread; {@link #endNs} is for
 * any thread.
 *
 * <p>The quorum's leader closes a session that it has not heard of for the session time-out. So the lease runs from the
 * time at which something was <em>sent</em> that the leader is known to have taken in, on this broker's clock alone: an
 * answer or a heartbeat that lay in a socket buffer while this process was stopped proves no more than it did when it
 * was due, and no clock of another machine matters.
 *
 * <p>Two things prove that something was taken in. A command that was answered went through the quorum's log, where the
 * end of a session stands too: its session was open then. Keep-alives leave no trace in the log; the leader tells with
 * its heartbeats how far it has read this broker's stream, and that extends a lease which has not ended yet. After it
 * has ended the session may have been closed before the leader read on, so only an answered command begins a new one.
 *
 * <p>A leader that was deposed goes on reading until it misses its followers, for the leaders' heartbeat time-out at
 * most; the new one counts from the beginning of its own term. That time is taken off, and a twentieth of the session
 * time-out, for clocks that run apart.
 */
final class SessionLease {
    private static final int DRIFT_DIVISOR = 20;
    private static final int CAPACITY = 64;
    /** Sends closer to each other than this are one. */
    private static final long RESOLUTION_NS = 20_000_000L;

    private final long lengthNs;
    private final long[] positions = new long[CAPACITY];
    private final long[] sentNs = new long[CAPACITY];
    private int streamId;
    private int first;
    private int count;
    private boolean begun;
    private volatile long endNs;

    SessionLease(final ClusterMetadataConfiguration configuration, final long nowNs) {
        final long timeoutNs = configuration.sessionTimeoutNs();
        final long deposedNs = configuration.members().size() == 1 ? 0 : configuration.leaderHeartbeatTimeoutNs();
        lengthNs = timeoutNs - timeoutNs / DRIFT_DIVISOR - deposedNs;
        if (lengthNs < timeoutNs / DRIFT_DIVISOR) {
            throw new IllegalArgumentException("session time-out is too short for the quorum's own: sessionTimeoutNs="
                + timeoutNs + " leaderHeartbeatTimeoutNs=" + deposedNs + ": raise the first");
        }
        endNs = nowNs;
    }

    long lengthNs() {
        return lengthNs;
    }

    long endNs() {
        return endNs;
    }

    /** {@return whether no lease runs} */
    boolean hasEnded(final long nowNs) {
        return !begun || endNs - nowNs <= 0;
    }

    /** Something was sent on the stream to the quorum's leader and ends at this position. */
    void onSent(final int newStreamId, final long position, final long nowNs) {
        if (streamId != newStreamId) {
            streamId = newStreamId;
            count = 0;
        }
        if (count > 0 && nowNs - sentNs[index(count - 1)] < RESOLUTION_NS) {
            return;
        }
        if (count == CAPACITY) {
            first = index(1);
            count--;
        }
        positions[index(count)] = position;
        sentNs[index(count)] = nowNs;
        count++;
    }

    /**
     * The leader says how far it has read that stream.
     *
     * @return false when it means another stream than the one that is sent on now
     */
    boolean onConsumed(final int consumedStreamId, final long position, final long nowNs) {
        if (consumedStreamId != streamId) {
            return false;
        }
        boolean confirmed = false;
        long confirmedNs = 0;
        while (count > 0 && positions[first] <= position) {
            confirmed = true;
            confirmedNs = sentNs[first];
            first = index(1);
            count--;
        }
        if (confirmed && !hasEnded(nowNs)) {
            extend(confirmedNs);
        }
        return true;
    }

    /** A command that was sent at this time has been decided in the present session. */
    void onAnswered(final long commandSentNs) {
        if (!begun || commandSentNs + lengthNs - endNs > 0) {
            begun = true;
            endNs = commandSentNs + lengthNs;
        }
    }

    /** The session is gone, or is about to go. */
    void end(final long nowNs) {
        count = 0;
        begun = false;
        endNs = nowNs;
    }

    private void extend(final long confirmedNs) {
        if (confirmedNs + lengthNs - endNs > 0) {
            endNs = confirmedNs + lengthNs;
        }
    }

    private int index(final int i) {
        return (first + i) % CAPACITY;
    }
}
