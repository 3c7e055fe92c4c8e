package io.millrace.transport.kafka.server;

import java.util.function.Consumer;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.SystemNanoClock;

/** Settings of one {@link KafkaServerAgent}. Set up by the starting thread, checked once by the agent's constructor. */
public final class KafkaServerContext {
    public static final String HOST_DEFAULT = "127.0.0.1";
    public static final int PORT_DEFAULT = 9092;
    public static final int MAX_REQUEST_LENGTH_DEFAULT = 100 * 1024 * 1024;
    public static final int MAX_COLD_REQUEST_LENGTH_DEFAULT = 1024 * 1024;
    public static final int MAX_CONNECTIONS_DEFAULT = 4096;
    public static final int MAX_CONNECTIONS_PER_ADDRESS_DEFAULT = Integer.MAX_VALUE;
    public static final int MAX_IN_FLIGHT_COUNT_DEFAULT = 64;
    public static final long RECEIVE_BUDGET_LENGTH_DEFAULT = 256L * 1024 * 1024;
    public static final long REPLY_BUDGET_LENGTH_DEFAULT = 256L * 1024 * 1024;
    public static final int MAX_REPLY_LENGTH_DEFAULT = 64 * 1024 * 1024;
    public static final int TRANSFER_THRESHOLD_LENGTH_DEFAULT = 32 * 1024;
    /** So that a shorter region always fits the gathering memory. */
    static final int MAX_TRANSFER_THRESHOLD_LENGTH = 64 * 1024;
    public static final long MAX_PARK_NS_DEFAULT = 100_000_000L;
    public static final long IDLE_TIMEOUT_NS_DEFAULT = 600_000_000_000L;
    public static final long MEMORY_STALL_TIMEOUT_NS_DEFAULT = 10_000_000_000L;

    private String host = HOST_DEFAULT;
    private int port = PORT_DEFAULT;
    private boolean nonLoopbackAllowed;
    private int maxRequestLength = MAX_REQUEST_LENGTH_DEFAULT;
    private int maxColdRequestLength = MAX_COLD_REQUEST_LENGTH_DEFAULT;
    private int maxConnections = MAX_CONNECTIONS_DEFAULT;
    private int maxConnectionsPerAddress = MAX_CONNECTIONS_PER_ADDRESS_DEFAULT;
    private int maxInFlightCount = MAX_IN_FLIGHT_COUNT_DEFAULT;
    private long receiveBudgetLength = RECEIVE_BUDGET_LENGTH_DEFAULT;
    private long replyBudgetLength = REPLY_BUDGET_LENGTH_DEFAULT;
    private int maxReplyLength = MAX_REPLY_LENGTH_DEFAULT;
    private int transferThresholdLength = TRANSFER_THRESHOLD_LENGTH_DEFAULT;
    private int socketSendBufferLength;
    private int socketReceiveBufferLength;
    private long maxParkNs = MAX_PARK_NS_DEFAULT;
    private long idleTimeoutNs = IDLE_TIMEOUT_NS_DEFAULT;
    private long memoryStallTimeoutNs = MEMORY_STALL_TIMEOUT_NS_DEFAULT;
    private String clusterId;
    private int nodeId = -1;
    private NanoClock nanoClock = SystemNanoClock.INSTANCE;
    private Consumer<String> eventLog = line -> { };
    private Consumer<String> errorLog = line -> { };

    /** {@return address to listen on} */
    public String host() {
        return host;
    }

    /**
     * Sets it.
     *
     * @param value address to listen on
     * @return this
     */
    public KafkaServerContext host(final String value) {
        host = value;
        return this;
    }

    /** {@return TCP port, 0 for any free one} */
    public int port() {
        return port;
    }

    /**
     * Sets it.
     *
     * @param value TCP port, 0 for any free one
     * @return this
     */
    public KafkaServerContext port(final int value) {
        port = value;
        return this;
    }

    /** {@return whether an address other than loopback may be bound (there is no authentication yet)} */
    public boolean nonLoopbackAllowed() {
        return nonLoopbackAllowed;
    }

    /**
     * Sets it.
     *
     * @param value whether an address other than loopback may be bound (there is no authentication yet)
     * @return this
     */
    public KafkaServerContext nonLoopbackAllowed(final boolean value) {
        nonLoopbackAllowed = value;
        return this;
    }

    /** {@return longest request in bytes; a longer one closes its connection} */
    public int maxRequestLength() {
        return maxRequestLength;
    }

    /**
     * Sets it.
     *
     * @param value longest request in bytes; a longer one closes its connection
     * @return this
     */
    public KafkaServerContext maxRequestLength(final int value) {
        maxRequestLength = value;
        return this;
    }

    /** {@return longest request in bytes of those that are decoded onto the heap (all but Produce and Fetch)} */
    public int maxColdRequestLength() {
        return maxColdRequestLength;
    }

    /**
     * Sets it.
     *
     * @param value longest request in bytes of those that are decoded onto the heap (all but Produce and Fetch)
     * @return this
     */
    public KafkaServerContext maxColdRequestLength(final int value) {
        maxColdRequestLength = value;
        return this;
    }

    /** {@return most connections at a time} */
    public int maxConnections() {
        return maxConnections;
    }

    /**
     * Sets it.
     *
     * @param value most connections at a time
     * @return this
     */
    public KafkaServerContext maxConnections(final int value) {
        maxConnections = value;
        return this;
    }

    /** {@return most connections from one address at a time} */
    public int maxConnectionsPerAddress() {
        return maxConnectionsPerAddress;
    }

    /**
     * Sets it.
     *
     * @param value most connections from one address at a time
     * @return this
     */
    public KafkaServerContext maxConnectionsPerAddress(final int value) {
        maxConnectionsPerAddress = value;
        return this;
    }

    /** {@return most requests of one connection in work at a time; a power of two} */
    public int maxInFlightCount() {
        return maxInFlightCount;
    }

    /**
     * Sets it.
     *
     * @param value most requests of one connection in work at a time; a power of two
     * @return this
     */
    public KafkaServerContext maxInFlightCount(final int value) {
        maxInFlightCount = value;
        return this;
    }

    /** {@return bytes of memory for incomplete requests, over all connections} */
    public long receiveBudgetLength() {
        return receiveBudgetLength;
    }

    /**
     * Sets it.
     *
     * @param value bytes of memory for incomplete requests, over all connections
     * @return this
     */
    public KafkaServerContext receiveBudgetLength(final long value) {
        receiveBudgetLength = value;
        return this;
    }

    /** {@return bytes of memory for replies and waiting requests, over all connections; file regions not counted} */
    public long replyBudgetLength() {
        return replyBudgetLength;
    }

    /**
     * Sets it.
     *
     * @param value bytes of memory for replies and waiting requests, over all connections; beyond it those that hold
     *              most are closed
     * @return this
     */
    public KafkaServerContext replyBudgetLength(final long value) {
        replyBudgetLength = value;
        return this;
    }

    /** {@return longest reply in bytes, file regions not counted} */
    public int maxReplyLength() {
        return maxReplyLength;
    }

    /**
     * Sets it.
     *
     * @param value longest reply in bytes, file regions not counted
     * @return this
     */
    public KafkaServerContext maxReplyLength(final int value) {
        maxReplyLength = value;
        return this;
    }

    /** {@return shortest file region in bytes that is sent by transferTo} */
    public int transferThresholdLength() {
        return transferThresholdLength;
    }

    /**
     * Sets it.
     *
     * @param value shortest file region in bytes that is sent by transferTo
     * @return this
     */
    public KafkaServerContext transferThresholdLength(final int value) {
        transferThresholdLength = value;
        return this;
    }

    /** {@return SO_SNDBUF in bytes, 0 for the system's own choice} */
    public int socketSendBufferLength() {
        return socketSendBufferLength;
    }

    /**
     * Sets it.
     *
     * @param value SO_SNDBUF in bytes, 0 for the system's own choice
     * @return this
     */
    public KafkaServerContext socketSendBufferLength(final int value) {
        socketSendBufferLength = value;
        return this;
    }

    /** {@return SO_RCVBUF in bytes, 0 for the system's own choice} */
    public int socketReceiveBufferLength() {
        return socketReceiveBufferLength;
    }

    /**
     * Sets it.
     *
     * @param value SO_RCVBUF in bytes, 0 for the system's own choice
     * @return this
     */
    public KafkaServerContext socketReceiveBufferLength(final int value) {
        socketReceiveBufferLength = value;
        return this;
    }

    /** {@return longest wait for a socket, a timer or a wake-up} */
    public long maxParkNs() {
        return maxParkNs;
    }

    /**
     * Sets it.
     *
     * @param value longest wait for a socket, a timer or a wake-up
     * @return this
     */
    public KafkaServerContext maxParkNs(final long value) {
        maxParkNs = value;
        return this;
    }

    /** {@return a connection without traffic for this long is closed} */
    public long idleTimeoutNs() {
        return idleTimeoutNs;
    }

    /**
     * Sets it.
     *
     * @param value a connection without traffic for this long is closed
     * @return this
     */
    public KafkaServerContext idleTimeoutNs(final long value) {
        idleTimeoutNs = value;
        return this;
    }

    /** {@return when a connection waits this long for request memory, the one that keeps it from others is closed} */
    public long memoryStallTimeoutNs() {
        return memoryStallTimeoutNs;
    }

    /**
     * Sets it.
     *
     * @param value when a connection waits this long for request memory, the one that keeps it from others is closed
     * @return this
     */
    public KafkaServerContext memoryStallTimeoutNs(final long value) {
        memoryStallTimeoutNs = value;
        return this;
    }

    /** {@return this cluster's id; a client that names another one in ApiVersions is refused; null skips the check} */
    public String clusterId() {
        return clusterId;
    }

    /**
     * Sets it.
     *
     * @param value this cluster's id; a client that names another one in ApiVersions is refused; null skips the check
     * @return this
     */
    public KafkaServerContext clusterId(final String value) {
        clusterId = value;
        return this;
    }

    /** {@return this broker's id; a client that names another one in ApiVersions is refused; -1 skips the check} */
    public int nodeId() {
        return nodeId;
    }

    /**
     * Sets it.
     *
     * @param value this broker's id; a client that names another one in ApiVersions is refused; -1 skips the check
     * @return this
     */
    public KafkaServerContext nodeId(final int value) {
        nodeId = value;
        return this;
    }

    /** {@return monotonic time} */
    public NanoClock nanoClock() {
        return nanoClock;
    }

    /**
     * Sets it.
     *
     * @param value monotonic time
     * @return this
     */
    public KafkaServerContext nanoClock(final NanoClock value) {
        nanoClock = value;
        return this;
    }

    /** {@return takes one line per connection that is refused or closed for a reason; called on the network thread} */
    public Consumer<String> eventLog() {
        return eventLog;
    }

    /**
     * Sets it.
     *
     * @param value takes one line per connection that is refused or closed for a reason; called on the network thread
     * @return this
     */
    public KafkaServerContext eventLog(final Consumer<String> value) {
        eventLog = value;
        return this;
    }

    /** {@return takes the broker's own failures, with their stack traces, a few per second at most} */
    public Consumer<String> errorLog() {
        return errorLog;
    }

    /**
     * Sets it.
     *
     * @param value takes the broker's own failures, with their stack traces, a few per second at most
     * @return this
     */
    public KafkaServerContext errorLog(final Consumer<String> value) {
        errorLog = value;
        return this;
    }

    /** Checks everything. */
    void conclude() {
        require(port >= 0 && port <= 65_535, "port must be 0 to 65535: port=" + port);
        require(maxRequestLength >= 1024,
            "maxRequestLength must be at least 1024: maxRequestLength=" + maxRequestLength);
        require(maxConnections > 0, "maxConnections must be positive: maxConnections=" + maxConnections);
        require(maxInFlightCount > 0 && Integer.bitCount(maxInFlightCount) == 1,
            "maxInFlightCount must be a power of two: maxInFlightCount=" + maxInFlightCount);
        require(receiveBudgetLength >= 2L * maxRequestLength,
            "receiveBudgetLength must be at least twice maxRequestLength=" + maxRequestLength +
            ": receiveBudgetLength=" + receiveBudgetLength);
        require((long) maxConnections * maxInFlightCount <= 1 << PooledSlot.INDEX_BITS,
            "maxConnections times maxInFlightCount must be at most " + (1 << PooledSlot.INDEX_BITS) +
            ": maxConnections=" + maxConnections + ", maxInFlightCount=" + maxInFlightCount);
        require(maxConnectionsPerAddress > 0,
            "maxConnectionsPerAddress must be positive: maxConnectionsPerAddress=" + maxConnectionsPerAddress);
        require(replyBudgetLength > 0, "replyBudgetLength must be positive: replyBudgetLength=" + replyBudgetLength);
        require(transferThresholdLength > 0 && transferThresholdLength <= MAX_TRANSFER_THRESHOLD_LENGTH,
            "transferThresholdLength must be 1 to " + MAX_TRANSFER_THRESHOLD_LENGTH + ": transferThresholdLength=" +
            transferThresholdLength);
        require(maxReplyLength >= 64 * 1024,
            "maxReplyLength must be at least 65536: maxReplyLength=" + maxReplyLength);
        require(maxParkNs > 0, "maxParkNs must be positive: maxParkNs=" + maxParkNs);
    }

    private static void require(final boolean holds, final String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }
}
