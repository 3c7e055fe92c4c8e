package io.millrace.broker.sim;

/** Brokers that are wrong on purpose: a simulation that lets one of these pass is worth nothing. */
enum Mutant {
    /** None: the code as it is. */
    NONE,
    /** A follower acks what its leader has, received or not. */
    ACK_BEFORE_APPEND,
    /** A follower that starts cuts its log at its own committed mark, as old brokers cut at the high watermark. */
    TRUNCATE_TO_COMMITTED,
    /** A leader counts the farthest ack a follower ever gave, in whatever session and epoch. */
    ACCEPT_OLD_SESSION_ACKS,
    /** A leader commits with itself alone in the ISR. */
    COMMIT_BELOW_MIN_ISR,
    /** A leader takes a smaller ISR for granted before the quorum has accepted it. */
    SHRINK_BEFORE_ACCEPTED,
    /** A follower of a durable shard acks as synced what it has only written. */
    DURABLE_ACK_BEFORE_SYNC
}
