package io.millrace.load.driver;

/** All producers and connections of one sending thread, which owns it. */
public interface DriverSession extends AutoCloseable {
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

    /** Sends what waits for a fuller batch from now on at once: no more records will come. */
    void drain();

    /** Gives up what is in flight (each record is told to the listener) and closes the connections. */
    @Override
    void close();
}
