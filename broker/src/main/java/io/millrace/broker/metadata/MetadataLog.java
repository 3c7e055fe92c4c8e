package io.millrace.broker.metadata;

import io.millrace.engine.io.LogFile;
import io.millrace.engine.io.LogStorage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The state of a quorum of one, on disk: one file of entries, the first a snapshot, then a delta for each change.
 * Owned by the thread of the quorum.
 *
 * <pre>
 * entry, little endian: int length | int CRC32C of the delta | delta
 * </pre>
 *
 * <p>Each entry is synced before it is answered, so only the last one can be torn: that one is cut off at the start.
 * Any other damage is refused. A new snapshot goes to a file of its own that replaces the old one when it is on disk.
 */
final class MetadataLog implements AutoCloseable {
    static final String FILE_NAME = "metadata.log";

    private static final String TEMP_NAME = FILE_NAME + ".tmp";
    private static final int ENTRY_HEADER_LENGTH = 2 * Integer.BYTES;
    private static final long MIN_COMPACTION_LENGTH = 1024 * 1024;
    private static final int COMPACTION_FACTOR = 4;

    private final LogStorage storage;
    private final WireWriter writer = new WireWriter();
    private LogFile file;
    private long length;
    private long snapshotLength;
    private boolean offline;

    MetadataLog(final LogStorage storage) {
        this.storage = storage;
    }

    /** Takes the deltas of the file, in order. */
    @FunctionalInterface
    interface Replay {
        void onDelta(MetadataDelta delta);
    }

    /** {@return whether a failed sync or repair made the disk's content unknown; only a restart helps} */
    boolean isOffline() {
        return offline;
    }

    /**
     * Opens the file, creating it if there is none, and replays it.
     *
     * @throws IOException             when the disk fails
     * @throws MetadataFormatException when the file is damaged other than by a torn last write
     */
    void recover(final Replay replay) throws IOException {
        closeFile();
        storage.delete(TEMP_NAME);
        if (!storage.list().contains(FILE_NAME)) {
            replaceWith(new MetadataState().snapshot());
            return;
        }
        file = storage.open(FILE_NAME, false);
        final long fileLength = file.length();
        long at = 0;
        while (at < fileLength) {
            final int entryLength = replayEntry(at, fileLength, replay);
            if (entryLength == 0) {
                file.truncate(at);
                sync();
                break;
            }
            at += entryLength;
            snapshotLength = snapshotLength == 0 ? at : snapshotLength;
        }
        length = at;
        if (at == 0) {
            throw damaged(0, "there is no whole snapshot");
        }
    }

    /** {@return length of the entry, 0 when it is torn} */
    private int replayEntry(final long at, final long fileLength, final Replay replay) throws IOException {
        final long room = fileLength - at - ENTRY_HEADER_LENGTH;
        if (room < 0) {
            return 0;
        }
        final ByteBuffer header = read(at, ENTRY_HEADER_LENGTH);
        final int deltaLength = header.getInt();
        final int crc = header.getInt();
        if (deltaLength <= 0 || deltaLength > room) {
            return 0;
        }
        final byte[] bytes = read(at + ENTRY_HEADER_LENGTH, deltaLength).array();
        if (crc(bytes, bytes.length) != crc) {
            if (deltaLength < room) {
                throw damaged(at, "its checksum is wrong and more follows");
            }
            return 0;
        }
        replay.onDelta(MetadataDelta.decode(new UnsafeBuffer(bytes), 0, bytes.length));
        return ENTRY_HEADER_LENGTH + deltaLength;
    }

    private static MetadataFormatException damaged(final long at, final String what) {
        return new MetadataFormatException(FILE_NAME + " is damaged in the entry at byte " + at + ": " + what
            + ": restore the file from a copy");
    }

    /**
     * Writes and syncs one delta.
     *
     * @throws IOException when the disk is full or failing: the delta is not in the file, unless {@link #isOffline}
     */
    void append(final MetadataDelta delta) throws IOException {
        if (offline || file == null) {
            throw new IOException(FILE_NAME + " is offline after a failed write or sync: restart the broker");
        }
        final long before = length;
        try {
            length += write(file, before, delta);
        } catch (final IOException ex) {
            offline = true;
            file.truncate(before);
            offline = false;
            throw ex;
        }
        sync();
    }

    /** {@return whether a new snapshot would save space} */
    boolean isCompactionDue() {
        return !offline && length > Math.max(MIN_COMPACTION_LENGTH, COMPACTION_FACTOR * snapshotLength);
    }

    /**
     * Replaces the file by one that holds just this snapshot.
     *
     * @throws IOException when the disk is full or failing; the old file then stays as it was
     */
    void compact(final MetadataDelta snapshot) throws IOException {
        replaceWith(snapshot);
    }

    private void replaceWith(final MetadataDelta snapshot) throws IOException {
        final LogFile fresh = storage.open(TEMP_NAME, true);
        final long freshLength;
        try {
            fresh.truncate(0);
            freshLength = write(fresh, 0, snapshot);
            fresh.sync();
            storage.rename(TEMP_NAME, FILE_NAME);
        } catch (final IOException ex) {
            fresh.close();
            storage.delete(TEMP_NAME);
            throw ex;
        }
        closeFile();
        file = fresh;
        length = freshLength;
        snapshotLength = freshLength;
        offline = true;
        storage.syncDirectory();
        offline = false;
    }

    private int write(final LogFile target, final long at, final MetadataDelta delta) throws IOException {
        delta.encode(writer.reset());
        final byte[] bytes = writer.toByteArray();
        final ByteBuffer entry =
            ByteBuffer.allocate(ENTRY_HEADER_LENGTH + bytes.length).order(ByteOrder.LITTLE_ENDIAN);
        entry.putInt(bytes.length).putInt(crc(bytes, bytes.length)).put(bytes).flip();
        while (entry.hasRemaining()) {
            if (target.write(entry, at + entry.position()) <= 0) {
                throw new IOException("disk took no bytes of " + FILE_NAME + ": free space");
            }
        }
        return entry.limit();
    }

    private void sync() throws IOException {
        offline = true;
        file.sync();
        offline = false;
    }

    private ByteBuffer read(final long at, final int count) throws IOException {
        final ByteBuffer target = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        while (target.hasRemaining()) {
            if (file.read(target, at + target.position()) <= 0) {
                throw new IOException(FILE_NAME + " ends early: byte " + (at + target.position()));
            }
        }
        return target.flip();
    }

    private static int crc(final byte[] bytes, final int count) {
        final CRC32C crc = new CRC32C();
        crc.update(bytes, 0, count);
        return (int) crc.getValue();
    }

    private void closeFile() throws IOException {
        if (file != null) {
            file.close();
            file = null;
        }
    }

    @Override
    public void close() throws IOException {
        closeFile();
    }
}
