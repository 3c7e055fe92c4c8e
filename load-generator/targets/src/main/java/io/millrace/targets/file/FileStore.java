package io.millrace.targets.file;

import io.millrace.load.driver.RecordSource;
import io.millrace.targets.store.LaneStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Appends to one file: a length, the bytes, the next one. Several threads may append to the same file; each write is of
 * whole records and goes to the file's end.
 */
public final class FileStore implements LaneStore {
    private static final String FILE = "records";
    private static final int BUFFER_LENGTH = 1 << 20;
    private static final int READ_LENGTH = 256 << 10;
    private static final int MAX_RECORD_LENGTH = 64 << 20;

    /** Without state: directories are named at each call. */
    public FileStore() {
    }

    @Override
    public String version() {
        return "plain files";
    }

    @Override
    public Appender appender(final Path directory, final boolean isSynced) {
        return new FileAppender(open(directory, StandardOpenOption.CREATE, StandardOpenOption.APPEND), isSynced);
    }

    @Override
    public Reader reader(final Path directory) {
        closed(open(directory, StandardOpenOption.CREATE, StandardOpenOption.APPEND)); // nobody may have appended yet
        return new FileReader(open(directory, StandardOpenOption.READ));
    }

    private static FileChannel open(final Path directory, final StandardOpenOption... options) {
        try {
            return FileChannel.open(directory.resolve(FILE), options);
        } catch (final IOException ex) {
            throw new UncheckedIOException("cannot open a file in " + directory, ex);
        }
    }

    /** Owned by the sending thread. */
    private static final class FileAppender implements Appender {
        private final FileChannel channel;
        private final boolean isSynced;
        private ByteBuffer buffer = ByteBuffer.allocateDirect(READ_LENGTH);

        FileAppender(final FileChannel channel, final boolean isSynced) {
            this.channel = channel;
            this.isSynced = isSynced;
        }

        @Override
        public void append(final ByteBuffer record, final int length) {
            if (buffer.remaining() < Integer.BYTES + length) {
                write();
                if (buffer.capacity() < Integer.BYTES + length) {
                    buffer = ByteBuffer.allocateDirect(Integer.BYTES + Math.max(BUFFER_LENGTH, length));
                }
            }
            buffer.putInt(length).put(record.limit(length).position(0));
        }

        @Override
        public void commit() {
            write();
            if (isSynced) {
                try {
                    channel.force(false);
                } catch (final IOException ex) {
                    throw new UncheckedIOException("a file cannot be synced", ex);
                }
            }
        }

        @Override
        public void close() {
            closed(channel);
        }

        private void write() {
            buffer.flip();
            try {
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
            } catch (final IOException ex) {
                throw new UncheckedIOException("a file cannot be written", ex);
            }
            buffer.clear();
        }
    }

    /** Owned by the thread that reads. */
    private static final class FileReader implements Reader {
        private final FileChannel channel;
        private ByteBuffer buffer = ByteBuffer.allocateDirect(READ_LENGTH).limit(0);

        FileReader(final FileChannel channel) {
            this.channel = channel;
        }

        @Override
        public long skip(final long maxCount) {
            long count = 0;
            while (count < maxCount && hasRecord()) {
                buffer.position(buffer.position() + Integer.BYTES + buffer.getInt(buffer.position()));
                count++;
            }
            return count;
        }

        @Override
        public int read(final int partition, final int maxCount, final RecordSource.Handler handler) {
            int count = 0;
            while (count < maxCount && hasRecord()) {
                final int start = buffer.position();
                final int limit = buffer.limit();
                final int length = buffer.getInt(start);
                handler.onRecord(partition, buffer, start + Integer.BYTES, length);
                buffer.clear().limit(limit).position(start + Integer.BYTES + length);
                count++;
            }
            return count;
        }

        @Override
        public void close() {
            closed(channel);
        }

        /** {@return true if a whole record is in the buffer, which is filled first if it must be} */
        private boolean hasRecord() {
            while (!isWhole()) { // a long record takes more than one look
                if (!fill()) {
                    return false;
                }
            }
            return true;
        }

        private boolean isWhole() {
            return buffer.remaining() >= Integer.BYTES
                && buffer.remaining() >= Integer.BYTES + length();
        }

        private int length() {
            final int length = buffer.getInt(buffer.position());
            if (length < 0 || length > MAX_RECORD_LENGTH) {
                throw new IllegalStateException("a record of length " + length + " is damaged");
            }
            return length;
        }

        private boolean fill() {
            if (buffer.remaining() >= Integer.BYTES && buffer.capacity() < Integer.BYTES + length()) {
                buffer = ByteBuffer.allocateDirect(Integer.BYTES + length()).put(buffer).flip();
            }
            buffer.compact();
            try {
                return channel.read(buffer) > 0;
            } catch (final IOException ex) {
                throw new UncheckedIOException("a file cannot be read", ex);
            } finally {
                buffer.flip();
            }
        }
    }

    private static void closed(final FileChannel channel) {
        try {
            channel.close();
        } catch (final IOException ex) {
            throw new UncheckedIOException("a file cannot be closed", ex);
        }
    }
}
