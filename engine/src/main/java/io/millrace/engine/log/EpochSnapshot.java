package io.millrace.engine.log;

import java.util.Arrays;

/** The leader epochs of a log at one time, oldest first, and where each starts. Immutable; any thread. */
public final class EpochSnapshot {
    /** Of a log that knows of no epoch. */
    public static final EpochSnapshot EMPTY = new EpochSnapshot(new int[0], new long[0], 0);

    private final int[] epochs;
    private final long[] startPositions;

    /**
     * Takes copies.
     *
     * @param epochs         ascending
     * @param startPositions of the epochs
     * @param count          how many of them there are
     */
    public EpochSnapshot(final int[] epochs, final long[] startPositions, final int count) {
        this.epochs = Arrays.copyOf(epochs, count);
        this.startPositions = Arrays.copyOf(startPositions, count);
    }

    /** {@return the largest epoch up to this one, -1 when all are larger} */
    int upTo(final int epoch) {
        final int index = indexUpTo(epoch);
        return index < 0 ? -1 : epochs[index];
    }

    /** {@return where the next larger epoch starts, Long.MAX_VALUE when there is none} */
    long endOf(final int epoch) {
        final int next = indexUpTo(epoch) + 1;
        return next == epochs.length ? Long.MAX_VALUE : startPositions[next];
    }

    private int indexUpTo(final int epoch) {
        final int found = Arrays.binarySearch(epochs, epoch);
        return found >= 0 ? found : -found - 2;
    }
}
