package io.millrace.broker.scrub;

/**
 * Plain values of a node's scrub.
 *
 * @param scrubBytesPerSecond  rate at which segments are read; 0 for no passes
 * @param intervalMs           time from the beginning of a shard's pass to that of the next one, milliseconds
 * @param repairBytesPerSecond rate at which a damaged segment is fetched
 * @param retryNs              time after which a segment that no replica gave is asked for again
 */
public record ScrubConfiguration(
    long scrubBytesPerSecond, long intervalMs, long repairBytesPerSecond, long retryNs) {
    /** Default of {@link #retryNs()}. */
    public static final long DEFAULT_RETRY_NS = 30_000_000_000L;

    /** Checks the values. */
    public ScrubConfiguration {
        if (scrubBytesPerSecond < 0 || intervalMs < 1 || repairBytesPerSecond < 1 || retryNs < 1) {
            throw new IllegalArgumentException("out of bounds: scrubBytesPerSecond=" + scrubBytesPerSecond
                + " intervalMs=" + intervalMs + " repairBytesPerSecond=" + repairBytesPerSecond + " retryNs="
                + retryNs);
        }
    }
}
