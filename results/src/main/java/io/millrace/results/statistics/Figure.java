package io.millrace.results.statistics;

/** A figure two sides are compared by. */
public interface Figure {
    /** What a value stands for, so that it can be written with the right unit. */
    enum Unit {
        /** Records a second. */
        PER_S,
        /** Nanoseconds. */
        NS,
        /** Processor seconds per 10^9 payload bytes. */
        CPU_S_PER_GB,
        /** Bytes. */
        BYTES,
        /** A bare number. */
        NUMBER,
    }

    /** {@return the word for command lines and files: "rt.p99"} */
    String key();

    /** {@return its name in tables} */
    String label();

    /** {@return true for times and costs, false for rates} */
    boolean isLowerBetter();

    /** {@return what its values stand for} */
    Unit unit();
}
