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
     * @param registration says who it is
     * @param handler      called after each registration, or with an error that a retry does not heal; its value is the
     *                     broker epoch
     */
    void register(MetadataCommand.RegisterBroker registration, MetadataResult.Handler handler);

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
     * {@return when the quorum was last heard of, in the clock given to {@link #doWork}; any thread} A leader that has
     * had no word for most of the session time-out must stop acknowledging.
     */
    long lastHeardNs();

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
