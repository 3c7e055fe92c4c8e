package io.millrace.engine.damage;

import io.millrace.engine.io.LogFile;
import io.millrace.engine.io.LogStorage;
import io.millrace.engine.sim.SimDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A directory in memory that remembers each change and each sync, in order. Owned by one thread. */
final class TracingStorage implements LogStorage {
    /** What was done. */
    enum Kind {
        CREATE, RENAME, DELETE, SYNC_DIRECTORY, WRITE, TRUNCATE, SYNC
    }

    /**
     * One operation; of the other values each kind has its own.
     *
     * @param file       number of the file, whatever its name, -1 for the directory
     * @param name       created, deleted or renamed
     * @param newName    renamed to
     * @param fileOffset of a write, or the length to truncate to
     * @param bytes      written
     */
    record Operation(Kind kind, int file, String name, String newName, int fileOffset, byte[] bytes) {
    }

    final List<Operation> operations = new ArrayList<>();
    private final SimDisk disk = new SimDisk(0);
    private final Map<String, Integer> numbers = new HashMap<>();
    private int fileCount;

    int count() {
        return operations.size();
    }

    /** A killed process: its files are closed, all that it wrote is there. */
    void killProcess() {
        disk.killProcess();
    }

    private void add(final Kind kind, final int file, final String name, final String newName) {
        operations.add(new Operation(kind, file, name, newName, 0, null));
    }

    @Override
    public List<String> list() {
        return disk.list();
    }

    @Override
    public LogFile open(final String name, final boolean create) throws IOException {
        final LogFile file = disk.open(name, create);
        if (!numbers.containsKey(name)) {
            numbers.put(name, fileCount);
            add(Kind.CREATE, fileCount++, name, null);
        }
        return new TracedFile(file, numbers.get(name));
    }

    @Override
    public void rename(final String from, final String to) throws IOException {
        disk.rename(from, to);
        final int file = numbers.remove(from);
        numbers.put(to, file);
        add(Kind.RENAME, file, from, to);
    }

    @Override
    public void delete(final String name) {
        disk.delete(name);
        final Integer file = numbers.remove(name);
        if (file != null) {
            add(Kind.DELETE, file, name, null);
        }
    }

    @Override
    public void syncDirectory() throws IOException {
        disk.syncDirectory();
        add(Kind.SYNC_DIRECTORY, -1, null, null);
    }

    @Override
    public long usableLength() {
        return disk.usableLength();
    }

    @Override
    public String toString() {
        return "traced disk";
    }

    private final class TracedFile implements LogFile {
        private final LogFile file;
        private final int number;

        TracedFile(final LogFile file, final int number) {
            this.file = file;
            this.number = number;
        }

        @Override
        public int write(final ByteBuffer source, final long fileOffset) throws IOException {
            final byte[] bytes = new byte[source.remaining()];
            source.duplicate().get(bytes);
            final int length = file.write(source, fileOffset);
            Check.equal(bytes.length, length, "bytes written at once");
            operations.add(new Operation(Kind.WRITE, number, null, null, (int) fileOffset, bytes));
            return length;
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
            file.sync();
            add(Kind.SYNC, number, null, null);
        }

        @Override
        public long length() throws IOException {
            return file.length();
        }

        @Override
        public void truncate(final long length) throws IOException {
            file.truncate(length);
            operations.add(new Operation(Kind.TRUNCATE, number, null, null, (int) length, null));
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
