package io.millrace.system.history;

import java.util.Map;
import java.util.TreeMap;

/** What is known of one partition. Owned by the checking thread. */
final class PartitionState {
    private static final int LANE_SHIFT = 36;
    private static final long SEQUENCE_MASK = (1L << LANE_SHIFT) - 1;

    /** Lane + 1 and sequence of the record at each offset, 0 where none was seen. */
    final Pages values = new Pages();
    final Map<Integer, Integer> leaders = new TreeMap<>();
    final KnownMark highWatermark = new KnownMark();
    final KnownMark logStart = new KnownMark();
    long drainedEnd = HistoryEvent.NO_OFFSET;
    boolean isDrained;

    static long value(final int lane, final long sequence) {
        return (long) (lane + 1) << LANE_SHIFT | sequence & SEQUENCE_MASK;
    }

    static String name(final long value) {
        return "lane=" + ((value >>> LANE_SHIFT) - 1) + " sequence=" + (value & SEQUENCE_MASK);
    }

    /**
     * The largest value of a mark that was known before a time. Exact to a bucket of time; what is older than the
     * horizon counts as known before everything.
     */
    static final class KnownMark {
        private static final int BUCKET_SHIFT = 22; // 4 ms
        private static final long HORIZON_BUCKETS = 1 << 15; // 2 minutes, longer than any question takes

        private final TreeMap<Long, Long> byBucket = new TreeMap<>();
        private long older = Long.MIN_VALUE;

        /** Each bucket holds the largest mark up to its end. */
        void onKnown(final long timeNs, final long mark) {
            final long bucket = timeNs >> BUCKET_SHIFT;
            final Map.Entry<Long, Long> floor = byBucket.floorEntry(bucket);
            if (floor == null || floor.getValue() < mark) {
                byBucket.put(bucket, mark);
            }
            Map.Entry<Long, Long> later = byBucket.higherEntry(bucket);
            while (later != null && later.getValue() <= mark) {
                byBucket.remove(later.getKey());
                later = byBucket.higherEntry(bucket);
            }
            while (byBucket.firstKey() < byBucket.lastKey() - HORIZON_BUCKETS) {
                older = Math.max(older, byBucket.pollFirstEntry().getValue());
            }
        }

        long knownBefore(final long timeNs) {
            final Map.Entry<Long, Long> known = byBucket.lowerEntry(timeNs >> BUCKET_SHIFT);
            return known == null ? older : Math.max(older, known.getValue());
        }
    }
}
