package io.millrace.system.history;

/** What was asked of the cluster for the records of one lane. */
public enum Guarantee {
    /** acks=all with idempotence: nothing acknowledged is lost, nothing is there twice, order holds. */
    IDEMPOTENT,
    /** acks=all without idempotence: nothing acknowledged is lost; a retry may put a record there twice. */
    COMMITTED,
    /** acks=1: an end that was not replicated may be lost with the leader. */
    LEADER;

    boolean isCommitted() {
        return this != LEADER;
    }
}
