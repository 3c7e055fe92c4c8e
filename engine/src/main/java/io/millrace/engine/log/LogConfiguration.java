package io.millrace.engine.log;

import io.millrace.engine.DurabilityProfile;
import io.millrace.engine.format.FrameDescriptor;

/**
 * Plain values a log is opened with.
 *
 * @param name            for messages
 * @param profile         when to sync
 * @param segmentLength   bytes after which a segment is full
 * @param capacity        most bytes of segments, at least two of them
 * @param spareLength     most bytes of files kept for coming segments, within the capacity
 * @param isDamageRefused whether damage below the synced mark is refused, with no file touched, and not set aside:
 *                        this is the sole replica, or the one that the others follow
 * @param syncLength      profile REPLICATED: written bytes after which to sync
 * @param syncIntervalNs  profile REPLICATED: time after which to sync what is there
 */
public record LogConfiguration(
    String name,
    DurabilityProfile profile,
    int segmentLength,
    long capacity,
    long spareLength,
    boolean isDamageRefused,
    long syncLength,
    long syncIntervalNs) {

    /** Default length of a segment. */
    public static final int DEFAULT_SEGMENT_LENGTH = 64 * 1024 * 1024;
    /** Default of bytes of files kept for coming segments. */
    public static final long DEFAULT_SPARE_LENGTH = 1024L * 1024 * 1024;
    /** Default of written bytes after which profile REPLICATED syncs. */
    public static final long DEFAULT_SYNC_LENGTH = 32L * 1024 * 1024;
    /** Default of time after which profile REPLICATED syncs. */
    public static final long DEFAULT_SYNC_INTERVAL_NS = 1_000_000_000L;
    /** Shorter segments are refused. */
    public static final int MIN_SEGMENT_LENGTH = 4 * 1024;
    /** Longer segments are refused: index entries and reads of a segment count in ints. */
    public static final int MAX_SEGMENT_LENGTH = 1024 * 1024 * 1024;

    /** Checks the values. */
    public LogConfiguration {
        if (segmentLength < MIN_SEGMENT_LENGTH || segmentLength > MAX_SEGMENT_LENGTH
            || segmentLength % FrameDescriptor.ALIGNMENT != 0) {
            throw new IllegalArgumentException("segment length must be a multiple of " + FrameDescriptor.ALIGNMENT
                + " from " + MIN_SEGMENT_LENGTH + " to " + MAX_SEGMENT_LENGTH + ": segmentLength=" + segmentLength);
        }
        if (capacity < 2L * segmentLength) {
            throw new IllegalArgumentException("a shard needs room for two segments: capacity=" + capacity
                + " segmentLength=" + segmentLength + "; raise the capacity or lower the segment length");
        }
    }

    /** {@return how many files may be kept for coming segments beside so many that are in use} */
    int maxSpareCount(final int segmentCount) {
        return (int) Math.max(0, Math.min(spareLength / segmentLength, (long) maxSegmentCount() - segmentCount));
    }

    /** {@return how many segments fit into the capacity} */
    int maxSegmentCount() {
        return (int) Math.min(Integer.MAX_VALUE, capacity / segmentLength);
    }
}
