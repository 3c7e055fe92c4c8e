package io.millrace.transport.kafka.client;

/**
 * Settings of a {@link LeanConnection}. Immutable.
 *
 * @param clientId          sent with every request
 * @param sendWindowLength  bytes of requests that may wait for the socket; no request can be longer
 * @param maxInFlightCount  most requests waiting for an answer; a power of two
 * @param maxResponseLength longest response accepted, bytes
 * @param requestTimeoutNs  an answer that takes longer ends the connection; also bounds connecting
 */
public record LeanConnectionConfiguration(
    String clientId, int sendWindowLength, int maxInFlightCount, int maxResponseLength, long requestTimeoutNs) {
    public static final int SEND_WINDOW_LENGTH_DEFAULT = 4 * 1024 * 1024;
    public static final int MAX_IN_FLIGHT_COUNT_DEFAULT = 4096;
    public static final int MAX_RESPONSE_LENGTH_DEFAULT = 128 * 1024 * 1024;
    public static final long REQUEST_TIMEOUT_NS_DEFAULT = 30_000_000_000L;

    /** Checks the bounds. */
    public LeanConnectionConfiguration {
        if (Integer.bitCount(maxInFlightCount) != 1 || maxInFlightCount < 1) {
            throw new IllegalArgumentException(
                "maxInFlightCount must be a power of two: maxInFlightCount=" + maxInFlightCount);
        }
        if (sendWindowLength < 4096 || maxResponseLength < 4096) {
            throw new IllegalArgumentException("windows must be at least 4096 bytes: sendWindowLength=" +
                sendWindowLength + ", maxResponseLength=" + maxResponseLength);
        }
        if (clientId.length() > 200) {
            throw new IllegalArgumentException("clientId longer than 200: length=" + clientId.length());
        }
    }

    /**
     * {@return the defaults}
     *
     * @param clientId sent with every request
     */
    public static LeanConnectionConfiguration defaults(final String clientId) {
        return new LeanConnectionConfiguration(clientId, SEND_WINDOW_LENGTH_DEFAULT, MAX_IN_FLIGHT_COUNT_DEFAULT,
            MAX_RESPONSE_LENGTH_DEFAULT, REQUEST_TIMEOUT_NS_DEFAULT);
    }
}
