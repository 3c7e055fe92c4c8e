package io.millrace.meter;

/** What is timed inside a process; each has a histogram of its own. */
public enum Timing {
    /** How late an idle thread woke. */
    HICCUP,
    /** Syncs of log files that somebody may wait for. */
    SYNC
}
