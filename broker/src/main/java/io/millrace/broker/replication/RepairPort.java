package io.millrace.broker.replication;

/**
 * Where a node's maintenance and its engine thread hand each other the bytes of damaged segments: one range wanted from
 * another replica, one asked for by another replica. Any thread, as {@link RepairFetch} and {@link RepairServe} say.
 */
public final class RepairPort {
    private final RepairFetch fetch;
    private final RepairServe serve;

    /**
     * A port at which nothing is wanted.
     *
     * @param engineWakeUp      ends the engine thread's park
     * @param maintenanceWakeUp ends the maintenance thread's park
     */
    public RepairPort(final Runnable engineWakeUp, final Runnable maintenanceWakeUp) {
        fetch = new RepairFetch(engineWakeUp, maintenanceWakeUp);
        serve = new RepairServe(engineWakeUp, maintenanceWakeUp);
    }

    /** {@return what this node wants} */
    public RepairFetch fetch() {
        return fetch;
    }

    /** {@return what another node asks for} */
    public RepairServe serve() {
        return serve;
    }
}
