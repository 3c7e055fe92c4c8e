package io.millrace.system.history;

/** How a send ended for its client. */
public enum Outcome {
    /** Acknowledged. */
    OK,
    /** Refused for certain: nothing was appended. */
    FAIL,
    /** Unknown: it may be there or not. */
    INFO
}
