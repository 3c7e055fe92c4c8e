package io.millrace.transport.kafka.codec;

import io.millrace.engine.io.LogFile;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/** A read-only file in memory. */
final class ArrayLogFile implements LogFile {
    private final byte[] content;

    ArrayLogFile(final byte[] content) {
        this.content = content;
    }

    @Override
    public int write(final ByteBuffer source, final long fileOffset) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int read(final ByteBuffer target, final long fileOffset) {
        final int length = Math.min(target.remaining(), content.length - (int) fileOffset);
        target.put(content, (int) fileOffset, length);
        return length;
    }

    @Override
    public long transferTo(final long fileOffset, final long length, final WritableByteChannel target) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void sync() {
        throw new UnsupportedOperationException();
    }

    @Override
    public long length() {
        return content.length;
    }

    @Override
    public void truncate(final long length) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        // nothing is open
    }
}
