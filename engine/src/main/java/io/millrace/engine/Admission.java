package io.millrace.engine;

/** What a led shard does with batches that come in. */
public enum Admission {
    /** Takes them. */
    OPEN,
    /** Lets them wait outside: claims find the ring full. What was claimed before is written. */
    HELD,
    /** Refuses them, and what is in the ring, with NOT_LEADER_OR_FOLLOWER. What waits for an ack goes on waiting. */
    REFUSED
}
