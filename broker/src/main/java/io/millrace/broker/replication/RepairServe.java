package io.millrace.broker.replication;

import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One range of bytes that another replica asks of this one: maintenance checks the segment and reads, the engine thread
 * sends. Whose turn it is says the state: maintenance's in ASKED, the engine thread's in the others.
 */
public final class RepairServe {
    /** Whose turn it is, and what came of it. */
    public enum State {
        /** Nothing is asked for. */
        IDLE,
        /** Maintenance is at it. */
        ASKED,
        /** The bytes are there to be sent. */
        READY,
        /** They cannot be had here. */
        REFUSED
    }

    /** No such segment is sealed and synced here. */
    public static final int REASON_UNKNOWN = 1;
    /** The segment is damaged here too. */
    public static final int REASON_DAMAGED = 2;
    /** The disk fails here. */
    public static final int REASON_DISK = 3;

    private final Runnable engineWakeUp;
    private final Runnable maintenanceWakeUp;
    private final ByteBuffer memory = ByteBuffer.allocateDirect(RepairRange.MAX_LENGTH);
    private final UnsafeBuffer buffer = new UnsafeBuffer(memory);
    private RepairRange range;
    private int reason;
    private volatile State state = State.IDLE;

    RepairServe(final Runnable engineWakeUp, final Runnable maintenanceWakeUp) {
        this.engineWakeUp = engineWakeUp;
        this.maintenanceWakeUp = maintenanceWakeUp;
    }

    /** {@return whose turn it is} */
    public State state() {
        return state;
    }

    // --- maintenance

    /** {@return what is asked for, in state ASKED} */
    public RepairRange range() {
        return range;
    }

    /** {@return where the bytes go, as many as are asked for} */
    public ByteBuffer target() {
        return memory.clear().limit(range.length());
    }

    /** The bytes are in {@link #target()}. */
    public void ready() {
        state = State.READY; // volatile: publishes the bytes
        engineWakeUp.run();
    }

    /**
     * The bytes cannot be had here.
     *
     * @param why one of the reasons above
     */
    public void refuse(final int why) {
        reason = why;
        state = State.REFUSED;
        engineWakeUp.run();
    }

    // --- engine thread

    void ask(final RepairRange newRange) {
        range = newRange;
        state = State.ASKED;
        maintenanceWakeUp.run();
    }

    int reason() {
        return reason;
    }

    UnsafeBuffer buffer() {
        return buffer;
    }

    void release() {
        state = State.IDLE;
    }
}
