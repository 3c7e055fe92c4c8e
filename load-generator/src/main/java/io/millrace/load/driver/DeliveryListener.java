package io.millrace.load.driver;

/**
 * Told what becomes of each record. {@link #onSent} comes from the sending thread; the other two of one session from
 * one thread too, which may be another one than the sending thread.
 */
public interface DeliveryListener {
    /**
     * A record was taken.
     *
     * @param producerId its producer
     * @param partition  it goes to
     * @param sequence   from 0 per producer and partition
     * @param dueNs      intended send time
     * @param sentNs     actual send time
     */
    void onSent(int producerId, int partition, int sequence, long dueNs, long sentNs);

    /**
     * A record was acknowledged.
     *
     * @param producerId its producer
     * @param partition  it went to
     * @param sequence   as sent
     * @param dueNs      as sent
     * @param sentNs     as sent
     * @param ackedNs    time of the acknowledgement
     */
    void onAcked(int producerId, int partition, int sequence, long dueNs, long sentNs, long ackedNs);

    /**
     * A record was refused or given up; it may or may not be in the log.
     *
     * @param producerId its producer
     * @param partition  it went to
     * @param sequence   as sent
     * @param dueNs      as sent
     * @param failedNs   when it was
     * @param error      short constant name
     */
    void onFailed(int producerId, int partition, int sequence, long dueNs, long failedNs, String error);

    /**
     * Something happened that a reader of the result will want to see in the timeline, such as a lost connection; rare.
     *
     * @param name   short
     * @param detail for the reader
     */
    default void onEvent(final String name, final String detail) {
    }
}
