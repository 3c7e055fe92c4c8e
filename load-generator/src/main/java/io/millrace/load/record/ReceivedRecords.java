package io.millrace.load.record;

import org.agrona.collections.Long2ObjectHashMap;

/**
 * Which records one consumer has received, so that each is counted once: one that comes twice must not stand in for
 * another that never comes. Owned by the consumer's thread.
 *
 * <p>By producer and partition sequences come in order, but for those sent again and those that failed and never come:
 * a window of bits follows them, of 64 records as long as nothing is missing, of {@value #MAX_WINDOW} at most. What is
 * still missing that far back is given up; should it come after all, it is not counted, so that the count is never too
 * high.
 */
public final class ReceivedRecords {
    /** Records that a gap is remembered for: more than are in flight on the way to one partition. */
    static final int MAX_WINDOW = 1 << 17;
    private static final int MAX_WORDS = MAX_WINDOW / Long.SIZE;

    private final Long2ObjectHashMap<Lane> lanes = new Long2ObjectHashMap<>();
    private long lastKey = -1;
    private Lane last;

    /** Nothing has been received. */
    public ReceivedRecords() {
    }

    /**
     * {@return true if nothing is known against this record: it is the one behind the last that came. Another one may
     * be damaged, and must be looked at before {@link #isFirst} takes it: a sequence far ahead would make all between
     * look as if they came too late}
     *
     * @param producerId of the run, not negative
     * @param partition  of all topics, not negative
     * @param sequence   of the record, not negative
     */
    public boolean isNext(final int producerId, final int partition, final int sequence) {
        return lane(producerId, partition).next == sequence;
    }

    /**
     * {@return true if this record came for the first time}
     *
     * @param producerId of the run, not negative
     * @param partition  of all topics, not negative
     * @param sequence   of the record, not negative
     */
    public boolean isFirst(final int producerId, final int partition, final int sequence) {
        return lane(producerId, partition).isFirst(sequence);
    }

    private Lane lane(final int producerId, final int partition) {
        final long key = (long) producerId << Integer.SIZE | partition;
        if (key != lastKey) {
            last = lanes.get(key);
            if (last == null) {
                last = new Lane();
                lanes.put(key, last);
            }
            lastKey = key;
        }
        return last;
    }

    /** One producer's records in one partition. */
    private static final class Lane {
        /** Behind the highest that came. */
        private int next;
        /** Word of 64 records: all before it are settled. */
        private int firstWord;
        /** A ring from the first word on. */
        private long[] words = new long[1];

        boolean isFirst(final int sequence) {
            final int word = sequence >>> 6;
            if (word < firstWord) {
                return false;
            }
            makeRoomFor(word);
            final int at = word & words.length - 1;
            final long bit = 1L << sequence;
            if ((words[at] & bit) != 0) {
                return false;
            }
            words[at] |= bit;
            next = Math.max(next, sequence + 1);
            while (words[firstWord & words.length - 1] == -1L) {
                words[firstWord++ & words.length - 1] = 0;
            }
            return true;
        }

        private void makeRoomFor(final int word) {
            while (word - firstWord >= words.length && words.length < MAX_WORDS) {
                final long[] larger = new long[words.length * 2];
                for (int i = firstWord; i < firstWord + words.length; i++) {
                    larger[i & larger.length - 1] = words[i & words.length - 1];
                }
                words = larger;
            }
            final int newFirst = word - words.length + 1;
            if (newFirst - firstWord >= words.length) {
                java.util.Arrays.fill(words, 0);
                firstWord = newFirst;
            }
            while (firstWord < newFirst) {
                words[firstWord++ & words.length - 1] = 0;
            }
        }
    }
}
