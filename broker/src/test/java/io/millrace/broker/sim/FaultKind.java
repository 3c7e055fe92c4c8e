package io.millrace.broker.sim;

/** What may go wrong in a run. */
enum FaultKind {
    /** A process is killed; its page cache stays. */
    KILL("kill broker %d"),
    /** All processes are killed at once. */
    KILL_ALL("kill all brokers"),
    /** A machine loses power: what was not synced is lost in whole or in part. */
    POWER_CUT("cut the power of broker %d"),
    /** All machines lose power at once. */
    POWER_CUT_ALL("cut the power of all brokers"),
    /** A process stands still; messages to it wait. */
    PAUSE("pause broker %d"),
    /** A broker stops in order. */
    SHUTDOWN("shut down broker %d"),
    /** Nothing gets from one broker to another. */
    PARTITION_ONE_WAY("cut broker %d from reaching broker %d"),
    /** Two brokers do not reach each other. */
    PARTITION("cut brokers %d and %d from each other"),
    /** A broker reaches nobody. */
    ISOLATE("cut broker %d from everybody"),
    /** A replication stream dies with part of what it had on its way. */
    SESSION_END("end a replication session from broker %d to broker %d"),
    /** Links refuse messages for no reason. */
    BACK_PRESSURE("refuse messages here and there"),
    /** A broker and the quorum do not reach each other, or one way only. */
    QUORUM_CUT("cut broker %d from the quorum"),
    /** The quorum has no leader. */
    QUORUM_DOWN("leave the quorum without a leader"),
    /** Commands to the quorum and its answers get lost here and there. */
    COMMANDS_LOST("lose commands to the quorum and answers here and there"),
    /** Answers to clients get lost here and there. */
    REPLIES_LOST("lose answers to clients here and there"),
    /** An operator moves a leadership within the ISR. */
    MOVE_LEADER("move a leadership to broker %d"),
    /** An operator asks for an unclean election. */
    UNCLEAN_ELECTION("elect an unclean leader"),
    /** A disk fails to sync once. */
    SYNC_ERROR("fail a sync of broker %d"),
    /** A bit flips on a disk. */
    ROT("flip a bit on one disk");

    private final String text;

    FaultKind(final String text) {
        this.text = text;
    }

    String describe(final int broker, final int other) {
        return String.format(text, broker, other);
    }
}
