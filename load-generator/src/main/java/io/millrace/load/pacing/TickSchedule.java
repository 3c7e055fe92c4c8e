package io.millrace.load.pacing;

/**
 * Intended send times of one producer in one phase; owned by the thread that sends. A due time is a function of seed
 * and tick, never moved, however late the sender is.
 */
public interface TickSchedule {
    /** {@return when the next tick is due, {@link Schedule#NEVER} after the last} */
    long dueNs();

    /** Goes on to the next tick; the one before has been sent. */
    void advance();

    /** {@return ticks of this producer sent so far} */
    long sentCount();

    /** {@return ticks of this producer not yet sent; may take as long as walking over them} */
    long remainingCount();
}
