package io.millrace.broker.shard;

/**
 * Whether this node is giving what it leads to others just now. Written by the closing thread, read by the network
 * thread.
 *
 * <p>Meanwhile a producer that asks for what is no longer led here waits for a moment before it is refused. One that
 * was refused at once would ask somebody who has not heard of the new leader yet, come back, and wait twice.
 */
public final class HandingOver {
    private volatile boolean underWay;

    /**
     * Begins or ends it.
     *
     * @param isUnderWay true while producers are to wait
     */
    public void set(final boolean isUnderWay) {
        underWay = isUnderWay;
    }

    /** {@return whether it is under way} */
    public boolean isUnderWay() {
        return underWay;
    }
}
