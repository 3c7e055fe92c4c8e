package io.millrace.load.driver;

/** One way to reach a system under test; used by the thread that sets a run up. */
public interface LoadDriver extends AutoCloseable {
    /** {@return the name it is chosen by} */
    String name();

    /** {@return what a record is told to wait for and what it is sent with, for the result} */
    String description();

    /**
     * Opens what one sending thread needs. Blocks until its connections stand.
     *
     * @param producerIds producers of that thread
     * @param listener    told what becomes of each record
     * @return the session, from then on owned by the sending thread
     */
    DriverSession open(int[] producerIds, DeliveryListener listener);

    /**
     * Opens a consumer. May block until its connections stand.
     *
     * @param lanes        partitions it reads, by their place among all partitions of all topics
     * @param startOffsets of each of them
     * @return the consumer, from then on owned by its thread
     */
    default ConsumerSession openConsumer(final int[] lanes, final long[] startOffsets) {
        throw new TargetRefusedException("driver " + name() + " has no consumers; pass --consumers 0 or another "
            + "--driver", null);
    }

    @Override
    void close();
}
