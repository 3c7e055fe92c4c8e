package io.millrace.load.driver;

import java.util.concurrent.locks.LockSupport;

/** All producers and connections of one sending thread, which owns it. */
public interface DriverSession extends AutoCloseable {
    /** Longest wait of a session that has to look for its answers. */
    long POLL_PARK_NS = 50_000;

    /**
     * {@return a producer}
     *
     * @param index place of its id in the array the session was opened with
     */
    DriverProducer producer(int index);

    /**
     * Moves bytes and hands over what was answered; never blocks.
     *
     * @param nowNs current time
     * @return amount of work done, 0 if there was none
     */
    int poll(long nowNs);

    /** {@return records taken and not yet answered, given up or (acks=none) written} */
    int inFlightCount();

    /**
     * When the session has something to do even if nothing arrives, such as sending a batch whose linger ends.
     *
     * @param nowNs current time
     * @return that time, {@link Long#MAX_VALUE} if never
     */
    default long nextDeadlineNs(final long nowNs) {
        return Long.MAX_VALUE;
    }

    /**
     * Waits for an answer to arrive, or for a time to pass.
     *
     * @param maxNs how long at most; a session that cannot tell waits at most {@value #POLL_PARK_NS} ns while it has
     *              something in flight, which bounds how late an answer is seen
     */
    default void await(final long maxNs) {
        LockSupport.parkNanos(inFlightCount() > 0 ? Math.min(maxNs, POLL_PARK_NS) : maxNs);
    }

    /** Sends what waits for a fuller batch from now on at once: no more records will come. */
    void drain();

    /** Gives up what is in flight (each record is told to the listener) and closes the connections. */
    @Override
    void close();
}
