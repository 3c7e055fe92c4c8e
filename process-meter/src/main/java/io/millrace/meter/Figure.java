package io.millrace.meter;

/** A number that a process keeps up to date about once a second; all but the first only grow. */
public enum Figure {
    /** When the others were brought up to date, milliseconds since the start. */
    SAMPLED_AT_MS,
    /** Heap bytes that all threads have allocated. */
    ALLOCATED_LENGTH,
    /** Pauses for garbage collection. */
    GC_COUNT,
    /** Their length in all. */
    GC_PAUSE_NS
}
