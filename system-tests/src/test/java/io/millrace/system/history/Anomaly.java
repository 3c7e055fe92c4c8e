package io.millrace.system.history;

/** What may not be. */
public enum Anomaly {
    /** Acknowledged by acks=all, and not there, although what lies behind it is. */
    LOST_WRITE,
    /** Acknowledged by acks=all, and never seen by the final reader, which saw nothing behind it either. */
    UNSEEN,
    /** A consumer has read it, and the final reader does not find it. */
    LOST_AFTER_READ,
    /** Acknowledged by acks=1 and lost, although the same leader's later records are there. */
    LOST_NOT_A_SUFFIX,
    /** Refused for certain, and there. */
    ABORTED_READ,
    /** Two records were seen at one offset. */
    INCONSISTENT_OFFSETS,
    /** A record of an idempotent producer was seen at two offsets. */
    DUPLICATE,
    /** A consumer that did not seek got an offset again, or an earlier one. */
    NONMONOTONIC_POLL,
    /** A consumer that did not seek got no record for an offset. */
    SKIPPED_POLL,
    /** Records of a lane stand in another order than they were sent. */
    NONMONOTONIC_SEND,
    /** Other bytes than were sent. */
    CORRUPT,
    /** A record of another partition. */
    MISROUTED,
    /** A record that nobody sent. */
    NEVER_SENT,
    /** The high watermark was behind what was known before the question. */
    WATERMARK_REGRESSED,
    /** The first offset went back. */
    LOG_START_REGRESSED,
    /** The final reader found no record for an offset. */
    NOT_DENSE,
    /** A record of an older leader behind one of a newer leader. */
    EPOCH_REGRESSED,
    /** Two nodes led in one epoch. */
    TWO_LEADERS
}
