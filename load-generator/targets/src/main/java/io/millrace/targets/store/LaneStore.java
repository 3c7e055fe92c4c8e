package io.millrace.targets.store;

import io.millrace.load.driver.RecordSource;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * A library that keeps the records of a partition in files of a directory. Opened by the thread that sets a run up;
 * appenders and readers belong to the threads that use them, several at a time.
 */
public interface LaneStore {
    /** {@return name and version, for the result} */
    String version();

    /**
     * Opens a directory for appending.
     *
     * @param directory of one partition, there
     * @param isSynced  true if a commit is to wait for the device
     * @return the appender
     */
    Appender appender(Path directory, boolean isSynced);

    /**
     * Opens a directory for reading from its first record on.
     *
     * @param directory of one partition, there
     * @return the reader
     */
    Reader reader(Path directory);

    /** Appends to one partition. */
    interface Appender extends AutoCloseable {
        /**
         * Takes a record.
         *
         * @param record holds it from index 0 on
         * @param length of it
         */
        void append(ByteBuffer record, int length);

        /** Hands everything that was taken to the file; what was taken counts as acknowledged from then on. */
        void commit();

        @Override
        void close();
    }

    /** Reads one partition. */
    interface Reader extends AutoCloseable {
        /**
         * Passes records over.
         *
         * @param maxCount at most so many
         * @return how many
         */
        long skip(long maxCount);

        /**
         * Hands records over that are there.
         *
         * @param partition to tell
         * @param maxCount  at most so many
         * @param handler   takes them
         * @return how many
         */
        int read(int partition, int maxCount, RecordSource.Handler handler);

        @Override
        void close();
    }
}
