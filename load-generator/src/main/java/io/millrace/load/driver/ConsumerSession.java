package io.millrace.load.driver;

/** One consumer: some partitions, read as they are written; owned by the thread that polls it. */
public interface ConsumerSession extends AutoCloseable {
    /**
     * Waits for records and hands them over.
     *
     * @param maxNs   how long to wait at most
     * @param handler takes them; its partition is the place among all partitions of all topics
     * @return number of records
     */
    int poll(long maxNs, RecordSource.Handler handler);

    @Override
    void close();
}
