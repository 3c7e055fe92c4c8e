package io.millrace.broker.metadata;

/**
 * One broker's session with the metadata quorum. Owned by the metadata thread; what any thread may call says so.
 *
 * <p>A command is decided at least once: an answer may get lost and the quorum asks again by itself, and every command
 * is made so that this does no harm. One that got no answer in time is answered
 * {@link MetadataErrors#REQUEST_TIMED_OUT}: it may have been decided or not.
 */
public interface MetadataQuorum extends AutoCloseable {
    /** What the session is at. */
    enum State {
        /** No session: waiting for the quorum. */
        CONNECTING,
        /** A session is open, the metadata is not yet complete or this broker is not registered in it. */
        SYNCING,
        /** A session is open, the metadata follows, this broker is registered if it asked for it. */
        READY,
        /** Closed for good. */
        CLOSED
    }

    /**
     * Registers this broker, now and again by itself whenever its session was lost.
     *
     * <p>After each registration the broker is fenced until it says that it is ready. Unless {@link #readyByCaller} was
     * called, this session says so by itself: right after the registration, without reports.
     *
     * @param registration says who it is
     * @param handler      called after each registration, or with an error that a retry does not heal; its value is the
     *                     broker epoch
     */
    void register(MetadataCommand.RegisterBroker registration, MetadataResult.Handler handler);

    /**
     * Leaves it to the caller to submit {@link MetadataCommand.ReportShards} and then
     * {@link MetadataCommand.BrokerReady} after each registration that the handler is told of. Before
     * {@link #register}.
     */
    void readyByCaller();

    /**
     * Submits a command.
     *
     * @param command to be decided
     * @param handler called exactly once, from {@link #doWork} or {@link #close}
     */
    void submit(MetadataCommand command, MetadataResult.Handler handler);

    /** {@return the door for other threads; any thread} */
    MetadataProxy proxy();

    /** {@return the newest image delivered; any thread} */
    MetadataImage image();

    /** {@return what the session is at; any thread} */
    State state();

    /**
     * {@return when the quorum was last heard of, in the clock given to {@link #doWork}; any thread} For display; what
     * counts for a leader is {@link #leaseEndNs}.
     */
    long lastHeardNs();

    /**
     * {@return until when this broker may act as the leader of what its image says that it leads, in the clock given to
     * {@link #doWork}; any thread} Before that time the quorum cannot have closed its session, so it cannot have given
     * its shards to anybody else because of silence. From that time on, until it is extended: commit nothing, answer no
     * acks=leader, take no records. It is at or before the present time while this broker is not registered. Compare by
     * difference.
     *
     * <p>Leadership that is moved away on purpose, by an operator or by this broker's own controlled shutdown, shows in
     * the image instead.
     */
    long leaseEndNs();

    /** {@return after how much silence the quorum closes a session, nanoseconds; any thread} */
    long sessionTimeoutNs();

    /**
     * The duty cycle: sends, polls, delivers images and answers.
     *
     * @param nowNs monotonic time
     * @return work count
     */
    int doWork(long nowNs);

    /** Leaves: the session is closed, so the broker is fenced at once; waiting commands are answered as timed out. */
    @Override
    void close();
}
