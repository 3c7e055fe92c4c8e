package io.millrace.transport.counters;

/** The agents of a node, each with a thread of its own. */
public enum AgentRole {
    NETWORK(1, false, false),
    ENGINE(2, true, true),
    SYNCER(3, false, true),
    MAINTENANCE(4, true, true),
    METADATA(5, false, false);

    private final int id;
    private final boolean isWriting;
    private final boolean isSyncing;

    AgentRole(final int id, final boolean isWriting, final boolean isSyncing) {
        this.id = id;
        this.isWriting = isWriting;
        this.isSyncing = isSyncing;
    }

    /** {@return its name in labels} */
    public String label() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }

    /** {@return whether it writes files of the log} */
    public boolean isWriting() {
        return isWriting;
    }

    /** {@return whether it syncs files of the log} */
    public boolean isSyncing() {
        return isSyncing;
    }

    int id() {
        return id;
    }
}
