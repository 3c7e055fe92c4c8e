package io.millrace.load.worker;

import io.millrace.load.record.MeasuredStalls;
import io.millrace.load.run.Crew;
import io.millrace.load.run.ShareLink;
import io.millrace.results.model.Tags;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.DataFormatException;
import org.HdrHistogram.Histogram;

/**
 * Adds up what several workers recorded in the same second of the same phase: bucket by bucket, so nothing is lost.
 * Owned by the coordinator's thread.
 */
final class MergedSeconds {
    private static final int MAX_HDR_LENGTH = 4 << 20;
    private static final int MAX_TAGS = 64;
    /** A phase has fewer seconds than that. */
    private static final long PHASE = 1L << 32;

    private final long[] lastKeys;
    private final TreeMap<Long, Sum> byKey = new TreeMap<>();
    private final MeasuredStalls stalls = new MeasuredStalls();
    private final List<String> names;
    private long startEpochMs;

    /**
     * @param names of the workers that take part
     */
    MergedSeconds(final List<String> names) {
        this.names = List.copyOf(names);
        lastKeys = new long[names.size()];
        Arrays.fill(lastKeys, -1);
    }

    void startAt(final long epochMs) {
        startEpochMs = epochMs;
    }

    /**
     * Adds a worker's interval.
     *
     * @param worker place of the worker
     * @param sample what it told
     */
    void add(final int worker, final ShareLink.Sample sample) {
        if (sample.hdr() == null || sample.hdr().size() > MAX_TAGS) {
            throw new IllegalArgumentException("an interval without histograms, or with too many");
        }
        final long key = sample.phase() * PHASE + sample.tick();
        lastKeys[worker] = Math.max(lastKeys[worker], key);
        final Sum sum = byKey.computeIfAbsent(key, k -> new Sum(sample.phaseName()));
        sum.startMs = Math.min(sum.startMs, sample.startMs());
        sum.endMs = Math.max(sum.endMs, sample.endMs());
        sum.sent += sample.sent();
        sum.acked += sample.acked();
        sum.failed += sample.failed();
        sample.hdr().forEach((tag, hdr) -> {
            final Histogram own = decode(hdr);
            sum.byTag.computeIfAbsent(tag, t -> {
                final Histogram all = new Histogram(3);
                all.setAutoResize(true);
                return all;
            }).add(own);
            if (Tags.HICCUP_CLIENT.equals(tag)) {
                stalls.add(sample.phaseName(), names.get(worker), own);
            }
        });
    }

    /** {@return how each worker was stalled within the measured phase, by its name} */
    Map<String, Histogram> stalls() {
        return stalls.byProcess();
    }

    /**
     * {@return the intervals of which every worker that still tells has told, in order; and forgets them}
     *
     * @param isTelling by worker; false for one that has ended or is lost
     */
    List<Crew.Second> take(final boolean[] isTelling) {
        long upTo = Long.MAX_VALUE;
        for (int i = 0; i < lastKeys.length; i++) {
            if (isTelling[i]) {
                upTo = Math.min(upTo, lastKeys[i]);
            }
        }
        final List<Crew.Second> done = new ArrayList<>();
        while (!byKey.isEmpty() && byKey.firstKey() <= upTo) {
            final Sum sum = byKey.pollFirstEntry().getValue();
            done.add(new Crew.Second(sum.phase, startEpochMs + sum.startMs, startEpochMs + sum.endMs, sum.sent,
                sum.acked, sum.failed, sum.byTag));
        }
        return done;
    }

    private static Histogram decode(final String hdr) {
        if (hdr == null || hdr.length() > MAX_HDR_LENGTH) {
            throw new IllegalArgumentException("a histogram that is missing, or longer than " + MAX_HDR_LENGTH);
        }
        try {
            return Histogram.decodeFromCompressedByteBuffer(ByteBuffer.wrap(Base64.getDecoder().decode(hdr)), 0);
        } catch (final DataFormatException ex) {
            throw new IllegalArgumentException("a histogram that cannot be read: " + ex.getMessage(), ex);
        }
    }

    /** Of one interval. */
    private static final class Sum {
        private final String phase;
        private final Map<String, Histogram> byTag = new TreeMap<>();
        private long startMs = Long.MAX_VALUE;
        private long endMs = Long.MIN_VALUE;
        private long sent;
        private long acked;
        private long failed;

        Sum(final String phase) {
            this.phase = phase;
        }
    }
}
