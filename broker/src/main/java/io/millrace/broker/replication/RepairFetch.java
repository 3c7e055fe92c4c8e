package io.millrace.broker.replication;

import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One range of bytes that maintenance wants from another replica and the engine thread fetches. Whose turn it is says
 * the state: maintenance's in IDLE, ARRIVED and FAILED, the engine thread's in WANTED.
 */
public final class RepairFetch {
    /** Whose turn it is, and what came of it. */
    public enum State {
        /** Nothing is wanted. */
        IDLE,
        /** The engine thread is at it. */
        WANTED,
        /** The bytes are here. */
        ARRIVED,
        /** This replica does not give them. */
        FAILED
    }

    private final Runnable engineWakeUp;
    private final Runnable maintenanceWakeUp;
    private final ByteBuffer memory = ByteBuffer.allocateDirect(RepairRange.MAX_LENGTH);
    private final UnsafeBuffer buffer = new UnsafeBuffer(memory);
    private RepairRange range;
    private int attempt;
    private int brokerId;
    private String failure;
    private boolean hasOthers;
    private volatile State state = State.IDLE;

    RepairFetch(final Runnable engineWakeUp, final Runnable maintenanceWakeUp) {
        this.engineWakeUp = engineWakeUp;
        this.maintenanceWakeUp = maintenanceWakeUp;
    }

    /** {@return whose turn it is} */
    public State state() {
        return state;
    }

    // --- maintenance

    /**
     * Asks for bytes; only in state IDLE.
     *
     * @param newRange   wanted
     * @param newAttempt which of the other replicas to ask: 0 is the leader, or the first in sync
     */
    public void want(final RepairRange newRange, final int newAttempt) {
        if (state != State.IDLE || !newRange.isValid()) {
            throw new IllegalStateException("cannot ask: state=" + state + " range=" + newRange);
        }
        range = newRange;
        attempt = newAttempt;
        state = State.WANTED; // volatile: publishes what is wanted
        engineWakeUp.run();
    }

    /** {@return the bytes that arrived, from the buffer's position to its limit; until {@link #release()}} */
    public ByteBuffer bytes() {
        return memory.clear().limit(range.length());
    }

    /** {@return the broker that was asked} */
    public int brokerId() {
        return brokerId;
    }

    /** {@return why this replica did not give them} */
    public String failure() {
        return failure;
    }

    /** {@return after a failure: whether there is another replica to ask} */
    public boolean hasOthers() {
        return hasOthers;
    }

    /** Ends the turn of maintenance: back to IDLE. */
    public void release() {
        state = State.IDLE;
    }

    // --- engine thread

    RepairRange range() {
        return range;
    }

    int attempt() {
        return attempt;
    }

    UnsafeBuffer buffer() {
        return buffer;
    }

    void arrived(final int fromBrokerId) {
        brokerId = fromBrokerId;
        state = State.ARRIVED; // volatile: publishes the bytes
        maintenanceWakeUp.run();
    }

    void failed(final int fromBrokerId, final String why, final boolean others) {
        brokerId = fromBrokerId;
        failure = why;
        hasOthers = others;
        state = State.FAILED;
        maintenanceWakeUp.run();
    }
}
