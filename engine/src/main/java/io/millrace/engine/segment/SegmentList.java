package io.millrace.engine.segment;

import java.util.Arrays;

/**
 * The segments of a shard, oldest first. The engine thread changes it, any thread reads a snapshot.
 */
public final class SegmentList {
    private static final Segment[] NONE = {};

    private volatile Segment[] segments = NONE;

    /** {@return the segments now; not to be changed} */
    public Segment[] snapshot() {
        return segments;
    }

    /** {@return the newest segment, null in an empty log} */
    public Segment last() {
        final Segment[] now = segments;
        return now.length == 0 ? null : now[now.length - 1];
    }

    /**
     * Adds the newest segment.
     *
     * @param segment begins where the one before ends
     */
    public void add(final Segment segment) {
        final Segment[] now = segments;
        final Segment[] grown = Arrays.copyOf(now, now.length + 1);
        grown[now.length] = segment;
        segments = grown;
    }

    /** {@return the oldest segment, now removed} */
    public Segment removeFirst() {
        final Segment[] now = segments;
        segments = Arrays.copyOfRange(now, 1, now.length);
        return now[0];
    }

    /** {@return the newest segment, now removed} */
    public Segment removeLast() {
        final Segment[] now = segments;
        segments = Arrays.copyOf(now, now.length - 1);
        return now[now.length - 1];
    }

    /**
     * {@return index of the segment that holds a position (the last whose base is at or below it), -1 when it lies
     * before the first}
     *
     * @param segments a snapshot
     * @param position in the log
     */
    public static int indexOf(final Segment[] segments, final long position) {
        int low = 0;
        int high = segments.length;
        while (low < high) {
            final int middle = (low + high) >>> 1;
            if (segments[middle].basePosition() <= position) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low - 1;
    }
}
