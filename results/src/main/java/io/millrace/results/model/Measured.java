package io.millrace.results.model;

import com.fasterxml.jackson.annotation.JsonProperty;

import java.util.Map;

/**
 * Counts and rates of the measured phase.
 *
 * @param durationNs    length of the phase
 * @param sent          records handed to the client
 * @param acked         records acknowledged
 * @param consumed      records that consumers received while the phase ran
 * @param errors        count per kind of error
 * @param achievedPerS  acknowledged records per second
 * @param bytesPerS     acknowledged payload bytes per second
 * @param latency       per tag; filled in by the store from the histograms it was given
 * @param cost          null if not measured
 * @param unsent        records that were due and never sent; null in older results
 * @param unreceived    records that were acknowledged and that consumers had not received by the end; null in older
 *                      results
 * @param achieved      acknowledged of what was due, over the time it took, 1 without a schedule; null in older results
 */
public record Measured(
    @JsonProperty("duration_ns") long durationNs,
    long sent,
    long acked,
    long consumed,
    Map<String, Long> errors,
    @JsonProperty("achieved_per_s") double achievedPerS,
    @JsonProperty("bytes_per_s") double bytesPerS,
    Map<String, LatencySummary> latency,
    Cost cost,
    Long unsent,
    Long unreceived,
    Double achieved) {
    /** A part of the records within which rounding makes no difference. */
    private static final double ROUNDING = 1e-9;

    /**
     * Figures of a run that does not tell of which records nothing was measured.
     *
     * @param durationNs   see above
     * @param sent         see above
     * @param acked        see above
     * @param consumed     see above
     * @param errors       see above
     * @param achievedPerS see above
     * @param bytesPerS    see above
     * @param latency      see above
     * @param cost         see above
     */
    public Measured(final long durationNs, final long sent, final long acked, final long consumed,
        final Map<String, Long> errors, final double achievedPerS, final double bytesPerS,
        final Map<String, LatencySummary> latency, final Cost cost) {
        this(durationNs, sent, acked, consumed, errors, achievedPerS, bytesPerS, latency, cost, null, null, null);
    }

    /**
     * A copy that tells what was not measured.
     *
     * @param unsentCount     see above
     * @param unreceivedCount see above
     * @param achievedPart    see above
     * @return the copy
     */
    public Measured withMissing(final long unsentCount, final long unreceivedCount, final double achievedPart) {
        return new Measured(durationNs, sent, acked, consumed, errors, achievedPerS, bytesPerS, latency, cost,
            unsentCount, unreceivedCount, achievedPart);
    }

    /** {@return records that were refused or given up} */
    public long failedCount() {
        return errors == null ? 0 : errors.values().stream().mapToLong(Long::longValue).sum();
    }

    /**
     * Tells whether a quantile is proven. Of a record that failed only the least time is known, of one that was never
     * sent none at all, and one that no consumer received has no end-to-end time: they may have been the slowest of
     * all. A quantile that reaches into that part of the records that were due is not known, however many others
     * support it. Results that do not tell what was never sent or received are taken as having none such.
     *
     * @param tag      of the times, see {@link Tags}
     * @param quantile 0.99; 1 for the longest
     * @return false if failures, unsent or never received records may have moved it
     */
    public boolean isProven(final String tag, final double quantile) {
        final long unanswered = failedCount() + (unsent == null ? 0 : unsent);
        final long unknown = switch (tag) {
            case Tags.ACK_RT, Tags.ACK_SERVICE -> unanswered;
            case Tags.E2E_RT -> unanswered + (unreceived == null ? 0 : unreceived);
            default -> 0;
        };
        final long due = acked + unanswered;
        return unknown <= (1 - quantile + ROUNDING) * due && (quantile < 1 || unknown == 0);
    }

    /**
     * A copy with the latencies set.
     *
     * @param latencyByTag summaries by tag
     * @return the copy
     */
    public Measured withLatency(final Map<String, LatencySummary> latencyByTag) {
        return new Measured(durationNs, sent, acked, consumed, errors, achievedPerS, bytesPerS, latencyByTag, cost,
            unsent, unreceived, achieved);
    }
}
