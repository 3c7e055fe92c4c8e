package io.millrace.transport.replication.aeron;

import io.millrace.transport.replication.ReplicaLink;
import java.util.List;

/**
 * Which UDP port carries which stream. Each sender and stream has a port of its own at the receiver, so that no two
 * receive windows share a socket buffer: port = the receiver's base + rank of the sender x 3 + stream, where the rank
 * is the sender's place among all broker ids in ascending order.
 */
public final class ReplicaPorts {
    /** Largest number of brokers in one cluster. */
    public static final int MAX_BROKER_COUNT = 5;
    /** Ports that one broker occupies from its base port on. */
    public static final int PORTS_PER_BROKER = MAX_BROKER_COUNT * ReplicaLink.STREAM_COUNT;

    private ReplicaPorts() {
    }

    /**
     * {@return the port at which a receiver listens for one sender's stream}
     *
     * @param receiverBasePort the receiver's base port
     * @param brokerIds        all brokers, ascending, sender and receiver included
     * @param senderId         who sends
     * @param stream           0 to {@link ReplicaLink#STREAM_COUNT} - 1
     */
    public static int port(
        final int receiverBasePort, final List<Integer> brokerIds, final int senderId, final int stream) {
        final int rank = brokerIds.indexOf(senderId);
        if (rank < 0 || rank >= MAX_BROKER_COUNT) {
            throw new IllegalArgumentException("no replication port for brokerId=" + senderId + " among " + brokerIds
                + " (at most " + MAX_BROKER_COUNT + " brokers)");
        }
        return receiverBasePort + rank * ReplicaLink.STREAM_COUNT + stream;
    }
}
