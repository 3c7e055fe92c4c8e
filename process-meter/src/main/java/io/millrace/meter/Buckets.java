package io.millrace.meter;

/**
 * The ranges in which times are counted: 64 to each doubling, so that a range's highest value is at most 1.6 % above
 * any time in it. No state.
 */
public final class Buckets {
    /** How many there are. */
    public static final int COUNT;

    private static final int SHORTEST_SHIFT = 8; // times are told apart by 256 ns at best
    private static final int RANGE_SHIFT = 6;
    private static final int RANGES_PER_DOUBLING = 1 << RANGE_SHIFT;
    private static final int LINEAR_SHIFT = SHORTEST_SHIFT + RANGE_SHIFT;
    private static final int LONGEST_SHIFT = 37;
    private static final long LONGEST_NS = (1L << LONGEST_SHIFT) - 1; // more than two minutes

    static {
        COUNT = (LONGEST_SHIFT - LINEAR_SHIFT + 1) * RANGES_PER_DOUBLING;
    }

    private Buckets() {
    }

    /**
     * {@return where a time is counted}
     *
     * @param ns of any length; what is below 0 or too long is counted at the end
     */
    public static int indexOf(final long ns) {
        final long bounded = Math.max(0, Math.min(LONGEST_NS, ns));
        if (bounded < 1L << LINEAR_SHIFT) {
            return (int) (bounded >> SHORTEST_SHIFT);
        }
        final int highestBit = Long.SIZE - 1 - Long.numberOfLeadingZeros(bounded);
        final int doubling = highestBit - LINEAR_SHIFT + 1;
        return doubling * RANGES_PER_DOUBLING
            + (int) (bounded >> highestBit - RANGE_SHIFT & RANGES_PER_DOUBLING - 1);
    }

    /**
     * {@return the highest time that is counted there}
     *
     * @param index from 0 to {@link #COUNT} - 1
     */
    public static long highestNs(final int index) {
        final int doubling = index / RANGES_PER_DOUBLING;
        final long range = index % RANGES_PER_DOUBLING;
        if (doubling == 0) {
            return (range + 1 << SHORTEST_SHIFT) - 1;
        }
        final int shift = SHORTEST_SHIFT + doubling - 1;
        return (RANGES_PER_DOUBLING + range + 1 << shift) - 1;
    }
}
