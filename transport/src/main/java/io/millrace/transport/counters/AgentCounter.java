package io.millrace.transport.counters;

/** What is counted of each agent; the label ends with the unit. */
public enum AgentCounter {
    CPU_NS(1, "processor time, ns"),
    ALLOCATED_LENGTH(2, "allocated on the heap, bytes"),
    LONGEST_DUTY_CYCLE_NS(3, "longest duty cycle, ns"),
    SLOW_DUTY_CYCLE_COUNT(4, "duty cycles of 20 ms and more, count"),
    WRITE_COUNT(5, "write calls, count"),
    WRITE_LENGTH(6, "written to log files, bytes"),
    WRITE_NS(7, "time in write calls, ns"),
    LONGEST_WRITE_NS(8, "longest write call, ns"),
    SYNC_COUNT(9, "sync calls, count"),
    SYNC_NS(10, "time in sync calls, ns"),
    LONGEST_SYNC_NS(11, "longest sync call, ns");

    /** {@link #SLOW_DUTY_CYCLE_COUNT} counts duty cycles from this length on. */
    public static final long SLOW_DUTY_CYCLE_NS = 20_000_000L;

    private static final int IDS_PER_ROLE = 100;

    private final int id;
    private final String label;

    AgentCounter(final int id, final String label) {
        this.id = id;
        this.label = label;
    }

    /**
     * {@return the type id of this counter of one agent}
     *
     * @param role the agent
     */
    public int typeId(final AgentRole role) {
        return IDS_PER_ROLE * role.id() + id;
    }

    /**
     * {@return the label of this counter of one agent}
     *
     * @param role the agent
     */
    public String label(final AgentRole role) {
        return role.label() + ": " + label;
    }

    /**
     * {@return whether this agent has this counter}
     *
     * @param role the agent
     */
    public boolean isOf(final AgentRole role) {
        return switch (this) {
            case WRITE_COUNT, WRITE_LENGTH, WRITE_NS, LONGEST_WRITE_NS -> role.isWriting();
            case SYNC_COUNT, SYNC_NS, LONGEST_SYNC_NS -> role.isSyncing();
            default -> true;
        };
    }
}
