package io.millrace.engine.io;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/**
 * One open file of a {@link LogStorage}.
 *
 * <p>Positional only. Reads may come from any thread while one thread writes and another syncs.
 */
public interface LogFile extends Closeable {
    /**
     * Writes from the buffer's position to its limit; may write less, as a disk may.
     *
     * @param source     what to write; its position advances by what was written
     * @param fileOffset byte offset in this file
     * @return bytes written
     * @throws IOException when the disk is full or failing; part of the bytes may have been written
     */
    int write(ByteBuffer source, long fileOffset) throws IOException;

    /**
     * Brings those of the file's pages that the page cache has dropped back into it, so that overwriting a part of a
     * page need not wait for the disk. Blocks; does nothing where there is no page cache.
     *
     * @throws IOException when the disk fails
     */
    default void bringToMemory() throws IOException {
    }

    /**
     * The same for a part of the file, and cheap when all of it is there: before batches that lie scattered in it are
     * read one by one.
     *
     * @param fileOffset of the part, in this file
     * @param length     of the part, in bytes; what lies behind the end of the file does not count
     * @throws IOException when the disk fails or the file was closed
     */
    default void bringToMemory(final long fileOffset, final long length) throws IOException {
    }

    /**
     * Reads into the buffer.
     *
     * @param target     filled from its position on, at most to its limit
     * @param fileOffset byte offset in this file
     * @return bytes read, -1 at the end of the file
     * @throws IOException when the disk fails
     */
    int read(ByteBuffer target, long fileOffset) throws IOException;

    /**
     * Sends file bytes to a channel without passing the heap.
     *
     * @param fileOffset byte offset in this file
     * @param length     how many bytes at most
     * @param target     a socket, usually non-blocking
     * @return bytes sent, 0 when the target takes none now
     * @throws IOException when the disk or the target fails
     */
    long transferTo(long fileOffset, long length, WritableByteChannel target) throws IOException;

    /**
     * Makes what was written durable (fdatasync). After an exception the content since the last success is unknown.
     *
     * @throws IOException when the disk fails
     */
    void sync() throws IOException;

    /**
     * {@return the file's length in bytes}
     *
     * @throws IOException when the disk fails
     */
    long length() throws IOException;

    /**
     * Cuts the file to this length.
     *
     * @param length new length in bytes, at most the present one
     * @throws IOException when the disk fails
     */
    void truncate(long length) throws IOException;
}
