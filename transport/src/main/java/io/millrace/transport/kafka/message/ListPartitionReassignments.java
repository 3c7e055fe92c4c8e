package io.millrace.transport.kafka.message;

/** ListPartitionReassignments, version 0; replicas never move, so there is never any. */
public final class ListPartitionReassignments {
    /** What a client asks; nothing of it matters. */
    public record Request() {
    }

    /** The answer: none. */
    public record Response() {
    }

    private ListPartitionReassignments() {
    }
}
