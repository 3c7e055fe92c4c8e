package io.millrace.engine.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import org.agrona.BufferUtil;

/**
 * A file behind a FileChannel; any thread. Never mapped for reading or writing its content: a full or failing disk
 * arrives as an exception, not a signal.
 *
 * <p>Threads that use it must not be interrupted, because an interrupt closes the channel.
 */
final class FileLogFile implements LogFile {
    private final Path path;
    private final FileChannel channel;

    FileLogFile(final Path path, final FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    @Override
    public int write(final ByteBuffer source, final long fileOffset) throws IOException {
        try {
            return channel.write(source, fileOffset);
        } catch (final IOException ex) {
            throw isDiskFull(ex) ? new DiskFullException("disk full: cannot write " + source.remaining() + " bytes to "
                + path + "; free space on that disk", ex) : ex;
        }
    }

    @Override
    public void bringToMemory() throws IOException {
        bringToMemory(0, channel.size());
    }

    @Override
    public void bringToMemory(final long fileOffset, final long length) throws IOException {
        final long present = Math.min(length, channel.size() - fileOffset);
        if (present <= 0) {
            return;
        }
        // a mapping touches a page of memory where a read would copy it: a tenth of the cost
        final MappedByteBuffer mapped = channel.map(FileChannel.MapMode.READ_ONLY, fileOffset, present);
        try {
            if (!mapped.isLoaded()) {
                mapped.load();
            }
        } catch (final InternalError ex) {
            throw new IOException("disk failed while a file was read ahead: " + path, ex); // how a SIGBUS arrives here
        } finally {
            BufferUtil.free(mapped);
        }
    }

    @Override
    public int read(final ByteBuffer target, final long fileOffset) throws IOException {
        return channel.read(target, fileOffset);
    }

    @Override
    public long transferTo(final long fileOffset, final long length, final WritableByteChannel target)
        throws IOException {
        return channel.transferTo(fileOffset, length, target);
    }

    @Override
    public void sync() throws IOException {
        channel.force(false);
    }

    @Override
    public long length() throws IOException {
        return channel.size();
    }

    @Override
    public void truncate(final long length) throws IOException {
        channel.truncate(length);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    @Override
    public String toString() {
        return path.toString();
    }

    /** The JDK passes on the operating system's words only; these are those of ENOSPC and EDQUOT on Linux and macOS. */
    static boolean isDiskFull(final IOException ex) {
        final String message = ex.getMessage();
        return message != null && (message.contains("No space left on device")
            || message.contains("Disk quota exceeded") || message.contains("Disc quota exceeded"));
    }
}
