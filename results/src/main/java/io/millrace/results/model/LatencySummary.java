package io.millrace.results.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.HdrHistogram.AbstractHistogram;
import org.HdrHistogram.Histogram;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;

/**
 * One distribution in figures, with the whole of it beside them.
 *
 * @param count  samples
 * @param p50Ns  null, like every quantile, with fewer than {@link Quantiles#MIN_SAMPLES_BEYOND} samples beyond it
 * @param p90Ns  as above
 * @param p99Ns  as above
 * @param p999Ns as above
 * @param p9999Ns as above
 * @param maxNs  longest, null without samples
 * @param ci95   95 % intervals within this run
 * @param hdr    the compressed histogram in base64
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record LatencySummary(
    long count,
    @JsonProperty("p50_ns") Long p50Ns,
    @JsonProperty("p90_ns") Long p90Ns,
    @JsonProperty("p99_ns") Long p99Ns,
    @JsonProperty("p99.9_ns") Long p999Ns,
    @JsonProperty("p99.99_ns") Long p9999Ns,
    @JsonProperty("max_ns") Long maxNs,
    Ci95 ci95,
    String hdr) {
    /**
     * Intervals from binomial order statistics; [low, high], null where the quantile is null.
     *
     * @param p50Ns  of the median
     * @param p99Ns  of the 99th percentile
     * @param p999Ns of the 99.9th percentile
     */
    public record Ci95(
        @JsonProperty("p50_ns") long[] p50Ns,
        @JsonProperty("p99_ns") long[] p99Ns,
        @JsonProperty("p99.9_ns") long[] p999Ns) {
    }

    /**
     * Sums up a histogram of nanoseconds.
     *
     * @param histogram any number of samples
     * @return the summary
     */
    public static LatencySummary of(final AbstractHistogram histogram) {
        return new LatencySummary(
            histogram.getTotalCount(),
            Quantiles.value(histogram, 0.5),
            Quantiles.value(histogram, 0.9),
            Quantiles.value(histogram, 0.99),
            Quantiles.value(histogram, 0.999),
            Quantiles.value(histogram, 0.9999),
            histogram.getTotalCount() == 0 ? null : histogram.getMaxValue(),
            new Ci95(
                Quantiles.interval95(histogram, 0.5),
                Quantiles.interval95(histogram, 0.99),
                Quantiles.interval95(histogram, 0.999)),
            encode(histogram));
    }

    /** {@return the whole distribution} */
    public Histogram histogram() {
        try {
            final byte[] bytes = Base64.getDecoder().decode(hdr);
            return Histogram.decodeFromCompressedByteBuffer(ByteBuffer.wrap(bytes), 0);
        } catch (final java.util.zip.DataFormatException | RuntimeException ex) {
            throw new ResultsException("the histogram in run.json is damaged; latency.hlog has the same samples", ex);
        }
    }

    private static String encode(final AbstractHistogram histogram) {
        final ByteBuffer buffer = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
        final int length = histogram.encodeIntoCompressedByteBuffer(buffer);
        return Base64.getEncoder().encodeToString(Arrays.copyOf(buffer.array(), length));
    }
}
