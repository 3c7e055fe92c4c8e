package io.millrace.engine.io;

import java.io.IOException;
import java.util.List;

/**
 * One directory of files, the home of one shard's log. Creation, rename and deletion are durable only after
 * {@link #syncDirectory()}.
 */
public interface LogStorage {
    /**
     * {@return the names in this directory, sorted}
     *
     * @throws IOException when the disk fails
     */
    List<String> list() throws IOException;

    /**
     * Opens a file for reading and writing.
     *
     * @param name   a plain file name
     * @param create whether a missing file is created; if false a missing file is an error
     * @return the open file
     * @throws IOException when it is missing or the disk fails
     */
    LogFile open(String name, boolean create) throws IOException;

    /**
     * Renames a file, replacing the target if there is one (atomic).
     *
     * @param from present name
     * @param to   new name
     * @throws IOException when the disk fails
     */
    void rename(String from, String to) throws IOException;

    /**
     * Deletes a file if it exists.
     *
     * @param name a plain file name
     * @throws IOException when the disk fails
     */
    void delete(String name) throws IOException;

    /**
     * Makes creations, renames and deletions durable.
     *
     * @throws IOException when the disk fails
     */
    void syncDirectory() throws IOException;

    /**
     * {@return bytes that can still be written on this disk}
     *
     * @throws IOException when the disk fails
     */
    long usableLength() throws IOException;
}
