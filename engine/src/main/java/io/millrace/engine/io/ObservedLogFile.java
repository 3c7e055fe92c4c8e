package io.millrace.engine.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import org.agrona.concurrent.NanoClock;

/** A file whose write and sync calls are timed; threads as {@link LogFile} says. */
final class ObservedLogFile implements LogFile {
    private final LogFile file;
    private final NanoClock clock;
    private final StorageObserver observer;

    ObservedLogFile(final LogFile file, final NanoClock clock, final StorageObserver observer) {
        this.file = file;
        this.clock = clock;
        this.observer = observer;
    }

    @Override
    public int write(final ByteBuffer source, final long fileOffset) throws IOException {
        final long startNs = clock.nanoTime();
        final int length = file.write(source, fileOffset);
        observer.onWrite(length, startNs, clock.nanoTime());
        return length;
    }

    @Override
    public void bringToMemory() throws IOException {
        file.bringToMemory();
    }

    @Override
    public void bringToMemory(final long fileOffset, final long length) throws IOException {
        file.bringToMemory(fileOffset, length);
    }

    @Override
    public int read(final ByteBuffer target, final long fileOffset) throws IOException {
        return file.read(target, fileOffset);
    }

    @Override
    public long transferTo(final long fileOffset, final long length, final WritableByteChannel target)
        throws IOException {
        return file.transferTo(fileOffset, length, target);
    }

    @Override
    public void sync() throws IOException {
        final long startNs = clock.nanoTime();
        file.sync();
        observer.onSync(startNs, clock.nanoTime());
    }

    @Override
    public long length() throws IOException {
        return file.length();
    }

    @Override
    public void truncate(final long length) throws IOException {
        file.truncate(length);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    @Override
    public String toString() {
        return file.toString();
    }
}
