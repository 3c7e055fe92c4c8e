package io.millrace.transport.kafka.server;

import io.millrace.engine.io.LogFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file to send from, on a real file channel so that transferTo is the real one. */
final class ChannelLogFile implements LogFile {
    private final FileChannel channel;

    ChannelLogFile(final Path path, final byte[] content) throws IOException {
        channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        channel.write(ByteBuffer.wrap(content), 0);
    }

    @Override
    public int write(final ByteBuffer source, final long fileOffset) throws IOException {
        return channel.write(source, fileOffset);
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
}
