package io.millrace.load.worker;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.DataFormatException;
import org.HdrHistogram.Histogram;

/**
 * Adds up what several workers recorded in the same second of the run: bucket by bucket, so nothing is lost. Owned by
 * the coordinator's thread.
 */
final class MergedIntervals {
    private static final int MAX_HDR_LENGTH = 4 << 20;

    private final long startMs;
    private final Map<Long, Map<String, Histogram>> bySecond = new TreeMap<>();

    /**
     * @param startMs of the run, on the coordinator's clock
     */
    MergedIntervals(final long startMs) {
        this.startMs = startMs;
    }

    /** A second of all workers. */
    record Second(long startMs, Map<String, Histogram> byTag) {
    }

    /**
     * Adds one interval.
     *
     * @param interval of a worker
     * @param offsetMs of the worker's clock
     */
    void add(final WorkerMessages.Interval interval, final long offsetMs) {
        if (interval.hdr() == null || interval.hdr().length() > MAX_HDR_LENGTH || interval.tag() == null) {
            throw new IllegalArgumentException("an interval without histogram, or with one too long");
        }
        final Histogram histogram;
        try {
            histogram = Histogram.decodeFromCompressedByteBuffer(
                ByteBuffer.wrap(Base64.getDecoder().decode(interval.hdr())), 0);
        } catch (final DataFormatException ex) {
            throw new IllegalArgumentException("a histogram that cannot be read: " + ex.getMessage(), ex);
        }
        final long second = Math.max(0, (interval.endMs() - offsetMs - startMs - 1) / 1000);
        bySecond.computeIfAbsent(second, key -> new TreeMap<>()).computeIfAbsent(interval.tag(), key -> {
            final Histogram sum = new Histogram(3);
            sum.setAutoResize(true);
            return sum;
        }).add(histogram);
    }

    /**
     * {@return the seconds that have ended so long ago that nothing more will come, and forgets them}
     *
     * @param nowMs on the coordinator's clock; {@link Long#MAX_VALUE} for all
     */
    List<Second> takeBefore(final long nowMs) {
        final List<Second> done = new ArrayList<>();
        final var each = bySecond.entrySet().iterator();
        while (each.hasNext()) {
            final Map.Entry<Long, Map<String, Histogram>> entry = each.next();
            final long second = startMs + entry.getKey() * 1000;
            if (second + 4000 <= nowMs) {
                done.add(new Second(second, entry.getValue()));
                each.remove();
            }
        }
        return done;
    }
}
