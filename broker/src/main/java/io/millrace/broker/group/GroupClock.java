package io.millrace.broker.group;

/** Time as groups see it: sessions by a clock that only goes forward, what is kept for days by the calendar. */
public interface GroupClock {
    /** {@return monotonic time, milliseconds} */
    long nowMs();

    /** {@return milliseconds since the epoch} */
    long wallMs();
}
