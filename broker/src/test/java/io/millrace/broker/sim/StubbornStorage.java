package io.millrace.broker.sim;

import io.millrace.engine.io.LogFile;
import io.millrace.engine.io.LogStorage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.List;

/** A mutant: tries a failed sync again, as if the kernel had kept what it could not write. */
final class StubbornStorage implements LogStorage {
    private final LogStorage storage;

    StubbornStorage(final LogStorage storage) {
        this.storage = storage;
    }

    @Override
    public List<String> list() throws IOException {
        return storage.list();
    }

    @Override
    public LogFile open(final String name, final boolean create) throws IOException {
        return new StubbornFile(storage.open(name, create));
    }

    @Override
    public void rename(final String from, final String to) throws IOException {
        storage.rename(from, to);
    }

    @Override
    public void delete(final String name) throws IOException {
        storage.delete(name);
    }

    @Override
    public void syncDirectory() throws IOException {
        try {
            storage.syncDirectory();
        } catch (final IOException ex) {
            storage.syncDirectory();
        }
    }

    @Override
    public long usableLength() throws IOException {
        return storage.usableLength();
    }

    private static final class StubbornFile implements LogFile {
        private final LogFile file;

        StubbornFile(final LogFile file) {
            this.file = file;
        }

        @Override
        public void bringToMemory() throws IOException {
            file.bringToMemory();
        }

        @Override
        public int write(final ByteBuffer source, final long fileOffset) throws IOException {
            return file.write(source, fileOffset);
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
            try {
                file.sync();
            } catch (final IOException ex) {
                file.sync();
            }
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
        public void close() {
            try {
                file.close();
            } catch (final IOException ex) {
                throw new java.io.UncheckedIOException(ex);
            }
        }
    }
}
