package io.millrace.engine.log;

import java.util.Arrays;

/** Batches of a block that is not written yet. Owned by the engine thread. */
final class StagedBatches {
    private static final int LONGS = 5;
    private static final int INITIAL_COUNT = 256;

    private long[] words = new long[INITIAL_COUNT * LONGS];
    private int count;

    void add(
        final int partitionId,
        final long baseOffset,
        final long nextOffset,
        final long position,
        final int batchLength,
        final long maxTimestampMs) {
        final int at = count * LONGS;
        if (at == words.length) {
            words = Arrays.copyOf(words, at * 2);
        }
        words[at] = (long) partitionId << Integer.SIZE | batchLength;
        words[at + 1] = baseOffset;
        words[at + 2] = nextOffset;
        words[at + 3] = position;
        words[at + 4] = maxTimestampMs;
        count++;
    }

    int count() {
        return count;
    }

    void clear() {
        count = 0;
    }

    int partitionId(final int i) {
        return (int) (words[i * LONGS] >>> Integer.SIZE);
    }

    int batchLength(final int i) {
        return (int) words[i * LONGS];
    }

    long baseOffset(final int i) {
        return words[i * LONGS + 1];
    }

    long nextOffset(final int i) {
        return words[i * LONGS + 2];
    }

    long position(final int i) {
        return words[i * LONGS + 3];
    }

    long maxTimestampMs(final int i) {
        return words[i * LONGS + 4];
    }
}
