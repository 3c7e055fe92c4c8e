package io.millrace.broker.metadata;

/** The door to the quorum for other threads. Any thread; never blocks. */
@FunctionalInterface
public interface MetadataProxy {
    /**
     * Hands a command over to the metadata thread.
     *
     * @param command to be decided by the quorum
     * @param handler called on the metadata thread, exactly once, if this returns true
     * @return false when the queue is full: try again later
     */
    boolean offer(MetadataCommand command, MetadataResult.Handler handler);
}
