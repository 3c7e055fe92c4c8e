package io.millrace.system.history;

/** What is known of the records of one lane: one word each. Owned by the checking thread. */
final class LaneState {
    static final long SENT = 1L << 32;
    static final long OK = 1L << 33;
    static final long FAIL = 1L << 34;
    static final long CRC_KNOWN = 1L << 35;
    /** It stands at an offset that somebody saw. */
    static final long PLACED = 1L << 36;
    static final long POLLED = 1L << 37;
    static final long DRAINED = 1L << 38;
    /** Found at two offsets. */
    static final long TWICE = 1L << 39;

    private static final long CRC_MASK = 0xffff_ffffL;
    /** A payload may come before the outcome of its send is known, but not by so much. */
    private static final long LARGEST_LEAD = 1 << 20;

    final int lane;
    final int partition;
    final Guarantee guarantee;
    final Pages words = new Pages();
    /** One behind the largest sequence of any event. */
    long end;
    long lastAckedSequence = -1;
    long lastAckedOffset = -1;
    long lastDrainedSequence = -1;
    int lastDrainedEpoch = -1;

    LaneState(final HistoryEvent.Lane lane) {
        this.lane = lane.lane();
        partition = lane.partition();
        guarantee = lane.guarantee();
    }

    boolean has(final long sequence, final long flag) {
        return (words.get(sequence) & flag) != 0;
    }

    void add(final long sequence, final long flags) {
        words.set(sequence, words.get(sequence) | flags);
        end = Math.max(end, sequence + 1);
    }

    boolean isPossible(final long sequence) {
        return sequence >= 0 && sequence < end + LARGEST_LEAD;
    }

    /** {@return whether this CRC is the one that is known; the first one makes it known} */
    boolean isSameCrc(final long sequence, final int crc) {
        if (has(sequence, CRC_KNOWN)) {
            return (int) (words.get(sequence) & CRC_MASK) == crc;
        }
        add(sequence, CRC_KNOWN | crc & CRC_MASK);
        return true;
    }

    boolean isLost(final long sequence) {
        return (words.get(sequence) & (OK | DRAINED)) == OK;
    }

    String name(final long sequence) {
        return "partition=" + partition + " lane=" + lane + " (" + guarantee + ") sequence=" + sequence;
    }
}
