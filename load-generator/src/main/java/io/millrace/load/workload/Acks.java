package io.millrace.load.workload;

/** Whose word a record waits for. */
public enum Acks {
    /** Nobody's: a record counts as sent once it is in the socket. */
    NONE("none", (short) 0),
    /** The leader's: written there. */
    LEADER("leader", (short) 1),
    /** The whole in-sync replica set's: committed. */
    ALL("all", (short) -1);

    private final String word;
    private final short code;

    Acks(final String word, final short code) {
        this.word = word;
        this.code = code;
    }

    /** {@return the word for it in options and results} */
    public String word() {
        return word;
    }

    /** {@return Kafka's number for it} */
    public short code() {
        return code;
    }

    /**
     * Reads the option: our words and Kafka's numbers.
     *
     * @param text what the user wrote
     * @return the value
     */
    public static Acks of(final String text) {
        return switch (text.trim()) {
            case "0", "none" -> NONE;
            case "1", "leader" -> LEADER;
            case "-1", "all" -> ALL;
            default -> throw new WorkloadException("acks: value=" + text + " is none of leader, all, none (or Kafka's "
                + "1, -1, 0)");
        };
    }
}
