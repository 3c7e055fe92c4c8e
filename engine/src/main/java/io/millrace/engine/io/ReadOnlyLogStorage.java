package io.millrace.engine.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** A directory that is looked at and never changed, for tools; any thread. Whatever would write throws. */
public final class ReadOnlyLogStorage implements LogStorage {
    private final Path directory;

    /**
     * Looks at a directory.
     *
     * @param directory of one shard
     */
    public ReadOnlyLogStorage(final Path directory) {
        this.directory = directory.toAbsolutePath().normalize();
    }

    @Override
    public List<String> list() throws IOException {
        return FileLogStorage.regularFiles(directory);
    }

    @Override
    public LogFile open(final String name, final boolean create) throws IOException {
        final Path path = directory.resolve(name);
        return new ReadOnlyFile(new FileLogFile(path, FileChannel.open(path, StandardOpenOption.READ)));
    }

    @Override
    public void rename(final String from, final String to) {
        throw readOnly(from);
    }

    @Override
    public void delete(final String name) {
        throw readOnly(name);
    }

    @Override
    public void syncDirectory() {
        throw readOnly("");
    }

    @Override
    public long usableLength() throws IOException {
        return Files.getFileStore(directory).getUsableSpace();
    }

    @Override
    public String toString() {
        return directory.toString();
    }

    private UnsupportedOperationException readOnly(final String name) {
        return new UnsupportedOperationException("opened for reading only: directory=" + directory + " file=" + name);
    }

    /** The channel refuses writes as well; this says so before it is asked. */
    private record ReadOnlyFile(FileLogFile file) implements LogFile {
        @Override
        public int write(final ByteBuffer source, final long fileOffset) {
            throw new UnsupportedOperationException("opened for reading only: file=" + file);
        }

        @Override
        public int read(final ByteBuffer target, final long fileOffset) throws IOException {
            return file.read(target, fileOffset);
        }

        @Override
        public long transferTo(
            final long fileOffset, final long length, final java.nio.channels.WritableByteChannel target)
            throws IOException {
            return file.transferTo(fileOffset, length, target);
        }

        @Override
        public void sync() {
            throw new UnsupportedOperationException("opened for reading only: file=" + file);
        }

        @Override
        public long length() throws IOException {
            return file.length();
        }

        @Override
        public void truncate(final long length) {
            throw new UnsupportedOperationException("opened for reading only: file=" + file);
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
}
