package io.millrace.transport.kafka.message;

import java.util.List;

/** DescribeCluster, versions 0 to 2. */
public final class DescribeCluster {
    /** Asks for the brokers. */
    public static final byte BROKERS = 1;

    /** What a client asks. */
    public record Request(boolean operationsWanted, byte endpointType, boolean fencedWanted) {
    }

    /** The answer; a controller id of -1 is none. */
    public record Response(
        short errorCode, String errorMessage, byte endpointType, String clusterId, int controllerId,
        List<Broker> brokers, int authorizedOperations) {
    }

    /** Where a broker listens. */
    public record Broker(int nodeId, String host, int port, boolean fenced) {
    }

    private DescribeCluster() {
    }
}
