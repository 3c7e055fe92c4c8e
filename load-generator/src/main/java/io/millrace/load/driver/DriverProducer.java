package io.millrace.load.driver;

/** One logical producer; owned by the thread that owns its session. */
@FunctionalInterface
public interface DriverProducer {
    /**
     * Takes one record for sending, unless the in-flight window is full.
     *
     * @param dueNs intended send time
     * @param nowNs actual send time
     * @return false if the record was not taken; it stays due
     */
    boolean offer(long dueNs, long nowNs);
}
