package io.millrace.broker.scrub;

/** Lets through so many bytes per second, with a burst of at most a tenth of a second's worth. Owned by one thread. */
final class RateLimit {
    private static final long NS_PER_SECOND = 1_000_000_000L;
    private static final int BURSTS_PER_SECOND = 10;

    private final long bytesPerSecond;
    private final long burstLength;
    private long availableLength;
    private long seenNs;
    private boolean isSeen;

    /** The burst is never less than what is used at once, or nothing would ever be let through. */
    RateLimit(final long bytesPerSecond, final long leastBurstLength) {
        this.bytesPerSecond = bytesPerSecond;
        burstLength = Math.max(leastBurstLength, bytesPerSecond / BURSTS_PER_SECOND);
        availableLength = burstLength;
    }

    /** {@return bytes that may be used now} */
    long availableLength(final long nowNs) {
        if (!isSeen) {
            isSeen = true;
            seenNs = nowNs;
        }
        final long elapsedNs = Math.min(nowNs - seenNs, NS_PER_SECOND);
        final long gained = (long) ((double) elapsedNs * bytesPerSecond / NS_PER_SECOND);
        if (gained > 0) { // else the fraction is kept for next time
            availableLength = Math.min(burstLength, availableLength + gained);
            seenNs = nowNs;
        }
        return availableLength;
    }

    void use(final long length) {
        availableLength -= length;
    }
}
