package io.millrace.transport.kafka.message;

/** Millrace's own request: what an operator's command asks of a broker. Served wherever clients are, not advertised. */
public final class ClusterControl {
    /** Asks for what the broker knows of the cluster, as JSON. */
    public static final byte STATUS = 0;
    /** Asks for the election of a shard's leader. */
    public static final byte ELECT = 1;
    /** Any broker: the quorum chooses. */
    public static final int ANY_BROKER = -1;

    /**
     * What is asked; all but the kind only with {@link #ELECT}.
     *
     * @param kind     one of the constants
     * @param shardId  the shard
     * @param brokerId who is to lead, or {@link #ANY_BROKER}
     * @param unclean  whether a broker may be elected that may lack committed records
     */
    public record Request(byte kind, int shardId, int brokerId, boolean unclean) {
    }

    /**
     * The answer.
     *
     * @param errorCode of Kafka's, 0 for none
     * @param text      JSON of a status; else what was decided, or why not
     */
    public record Response(short errorCode, String text) {
    }

    private ClusterControl() {
    }
}
