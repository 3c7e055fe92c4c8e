package io.millrace.broker.replication;

import java.util.concurrent.TimeUnit;

/**
 * Times and bounds of replication, plain values.
 *
 * @param lagTimeMaxNs           a follower that has not caught up with the leader's end for this long leaves the ISR
 * @param heartbeatIntervalNs    a leader says it is there, and a follower acks, at least this often
 * @param sessionTimeoutNs       a follower that hears nothing, or misses bytes, for this long starts a new handshake
 * @param handshakeRetryMinNs    first wait between two handshakes
 * @param handshakeRetryMaxNs    longest wait between two handshakes
 * @param proposalRetryNs        an ISR proposal without an answer is made again after this long
 * @param maxFrameLength         longest frame of a log; a longer one counts as damage
 * @param maxInFlightLength      bytes of a shard sent to one follower and not acked, at most
 * @param dutyCycleSendLength    bytes of a shard sent to one follower in one duty cycle, about
 * @param liveLagLength          a follower at most this far behind is served on the live stream
 * @param catchUpLagLength       a follower further behind than this is moved to the catch-up stream
 * @param pollMessageCount       messages taken from the link in one duty cycle
 */
public record ReplicationConfiguration(
    long lagTimeMaxNs,
    long heartbeatIntervalNs,
    long sessionTimeoutNs,
    long handshakeRetryMinNs,
    long handshakeRetryMaxNs,
    long proposalRetryNs,
    int maxFrameLength,
    int maxInFlightLength,
    int dutyCycleSendLength,
    int liveLagLength,
    int catchUpLagLength,
    int pollMessageCount) {

    /** {@code replica.lag.time.max.ms} unless set: a killed follower stops acks=all for less than 3 s. */
    public static final long LAG_TIME_MAX_DEFAULT_MS = 1_500;

    /** Checks how the values relate. */
    public ReplicationConfiguration {
        atLeast("lagTimeMaxNs", lagTimeMaxNs, 4 * heartbeatIntervalNs);
        atLeast("sessionTimeoutNs", sessionTimeoutNs, 2 * heartbeatIntervalNs);
        atLeast("handshakeRetryMaxNs", handshakeRetryMaxNs, handshakeRetryMinNs);
        // A follower acks whole frames only: with less room than a frame and a chunk the stream would stand still.
        atLeast("maxInFlightLength", maxInFlightLength, 2L * maxFrameLength);
        atLeast("catchUpLagLength", catchUpLagLength, liveLagLength);
        atLeast("pollMessageCount", pollMessageCount, 1);
        atLeast("dutyCycleSendLength", dutyCycleSendLength, 1);
    }

    /**
     * {@return the defaults}
     *
     * @param maxFrameLength longest frame of a log, bytes
     * @param lagTimeMaxMs   {@code replica.lag.time.max.ms}
     */
    public static ReplicationConfiguration defaults(final int maxFrameLength, final long lagTimeMaxMs) {
        return new ReplicationConfiguration(
            TimeUnit.MILLISECONDS.toNanos(lagTimeMaxMs),
            TimeUnit.MILLISECONDS.toNanos(Math.max(1, Math.min(50, lagTimeMaxMs / 4))),
            TimeUnit.MILLISECONDS.toNanos(500),
            TimeUnit.MILLISECONDS.toNanos(10),
            TimeUnit.MILLISECONDS.toNanos(250),
            TimeUnit.MILLISECONDS.toNanos(300),
            maxFrameLength,
            Math.max(4 << 20, Math.multiplyExact(2, maxFrameLength)),
            256 << 10,
            4 << 20,
            32 << 20,
            256);
    }

    private static void atLeast(final String name, final long value, final long limit) {
        if (value < limit) {
            throw new IllegalArgumentException("too small: " + name + "=" + value + ", at least " + limit);
        }
    }
}
