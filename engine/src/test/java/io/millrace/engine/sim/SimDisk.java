package io.millrace.engine.sim;

import io.millrace.engine.io.DiskFullException;
import io.millrace.engine.io.LogFile;
import io.millrace.engine.io.LogStorage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * A directory in memory that behaves as badly as a disk may, from a seed. Any thread.
 *
 * <p>The faults, each counted so that a test can prove that its fault happened:
 * <ul>
 * <li>crash: sectors of 512 bytes that were not synced survive each on its own with the survival probability; of the
 *     creations, renames and deletions since the last directory sync only the first few survive; open files are dead
 * <li>short writes, with a probability
 * <li>disk full: no write grows the sum of all files beyond the capacity; what fits is written before the exception
 * <li>write error and sync error at the n-th call from now; after a failed sync the data that was not synced is gone
 * <li>flipped bits
 * </ul>
 */
public final class SimDisk implements LogStorage {
    /** No limit, or no fault to come. */
    public static final long NEVER = Long.MAX_VALUE;

    private interface NameChange {
        void apply(TreeMap<String, SimFile> names);
    }

    private final SplittableRandom random;
    private TreeMap<String, SimFile> live = new TreeMap<>();
    private TreeMap<String, SimFile> durable = new TreeMap<>();
    private final List<NameChange> pendingChanges = new ArrayList<>();
    private int generation;
    private double survival;
    private double shortWriteProbability;
    private long capacity = NEVER;
    private long writesUntilError = NEVER;
    private long syncsUntilError = NEVER;
    private boolean isReadAheadFailing;

    private long writeCount;
    private long shortWriteCount;
    private long fullCount;
    private long writeErrorCount;
    private long syncCount;
    private long syncErrorCount;
    private long directorySyncCount;
    private long crashCount;
    private long lostSectorCount;
    private long lostNameChangeCount;

    /**
     * An empty disk without faults.
     *
     * @param seed decides every fault
     */
    public SimDisk(final long seed) {
        random = new SplittableRandom(seed);
        survival = random.nextDouble();
    }

    /**
     * {@return a disk with the same content, nothing of it unsynced, and no faults}
     *
     * @param seed of the copy
     */
    public synchronized SimDisk copy(final long seed) {
        final SimDisk copy = new SimDisk(seed);
        live.forEach((name, file) -> {
            final SimFile fileCopy = new SimFile(file);
            fileCopy.sync();
            copy.live.put(name, fileCopy);
        });
        copy.durable = new TreeMap<>(copy.live);
        return copy;
    }

    /**
     * How likely a sector that was not synced survives a crash.
     *
     * @param probability from 0 to 1
     * @return this
     */
    public synchronized SimDisk survival(final double probability) {
        survival = probability;
        return this;
    }

    /**
     * How likely a write takes only part of the bytes.
     *
     * @param probability from 0 to below 1
     * @return this
     */
    public synchronized SimDisk shortWrites(final double probability) {
        shortWriteProbability = probability;
        return this;
    }

    /**
     * How many bytes all files may have together; {@link #NEVER} for no limit.
     *
     * @param length bytes
     * @return this
     */
    public synchronized SimDisk capacity(final long length) {
        capacity = length;
        return this;
    }

    /**
     * Lets a write fail as on a broken disk, and all after it.
     *
     * @param count how many writes succeed before
     * @return this
     */
    public synchronized SimDisk failWriteAfter(final long count) {
        writesUntilError = count;
        return this;
    }

    /**
     * Lets one sync fail; syncs after it succeed without making durable what was lost.
     *
     * @param count how many syncs succeed before
     * @return this
     */
    public synchronized SimDisk failSyncAfter(final long count) {
        syncsUntilError = count;
        return this;
    }

    /**
     * Lets files fail to be brought to memory.
     *
     * @param isFailing from now on
     * @return this
     */
    public synchronized SimDisk failReadAhead(final boolean isFailing) {
        isReadAheadFailing = isFailing;
        return this;
    }

    /** Loses power: see the class comment. Files must be opened again. */
    public synchronized void crash() {
        crashCount++;
        generation++;
        int survivingChanges = pendingChanges.isEmpty() ? 0 : random.nextInt(pendingChanges.size() + 1);
        lostNameChangeCount += pendingChanges.size() - survivingChanges;
        for (final NameChange change : pendingChanges) {
            if (survivingChanges-- > 0) {
                change.apply(durable);
            }
        }
        pendingChanges.clear();
        live = new TreeMap<>(durable);
        for (final SimFile file : live.values()) {
            lostSectorCount += file.crash(random, survival);
        }
    }

    /** A killed process: open files are dead, everything written is still there. */
    public synchronized void killProcess() {
        generation++;
    }

    /**
     * Flips a bit, as if it had been written so.
     *
     * @param name       of the file
     * @param fileOffset of the byte
     * @param bit        0 to 7
     */
    public synchronized void flipBit(final String name, final long fileOffset, final int bit) {
        live.get(name).flipBit((int) fileOffset, bit);
    }

    /**
     * {@return content of a file as programs see it}
     *
     * @param name of the file
     */
    public synchronized byte[] bytes(final String name) {
        return live.get(name).bytes();
    }

    /** {@return bytes of all files together} */
    public synchronized long totalLength() {
        long length = 0;
        for (final SimFile file : live.values()) {
            length += file.length();
        }
        return length;
    }

    /** {@return writes so far} */
    public synchronized long writeCount() {
        return writeCount;
    }

    /** {@return writes that took only part} */
    public synchronized long shortWriteCount() {
        return shortWriteCount;
    }

    /** {@return writes that found the disk full} */
    public synchronized long fullCount() {
        return fullCount;
    }

    /** {@return writes that failed} */
    public synchronized long writeErrorCount() {
        return writeErrorCount;
    }

    /** {@return file syncs so far} */
    public synchronized long syncCount() {
        return syncCount;
    }

    /** {@return syncs that failed} */
    public synchronized long syncErrorCount() {
        return syncErrorCount;
    }

    /** {@return directory syncs so far} */
    public synchronized long directorySyncCount() {
        return directorySyncCount;
    }

    /** {@return crashes so far} */
    public synchronized long crashCount() {
        return crashCount;
    }

    /** {@return sectors that crashes lost} */
    public synchronized long lostSectorCount() {
        return lostSectorCount;
    }

    /** {@return creations, renames and deletions that crashes lost} */
    public synchronized long lostNameChangeCount() {
        return lostNameChangeCount;
    }

    @Override
    public synchronized List<String> list() {
        return new ArrayList<>(live.keySet());
    }

    @Override
    public synchronized LogFile open(final String name, final boolean create) throws IOException {
        SimFile file = live.get(name);
        if (file == null) {
            if (!create) {
                throw new IOException("no such file: name=" + name);
            }
            file = new SimFile();
            final SimFile created = file;
            change(names -> names.put(name, created));
        }
        return new OpenFile(name, file);
    }

    @Override
    public synchronized void rename(final String from, final String to) throws IOException {
        if (!live.containsKey(from)) {
            throw new IOException("no such file: name=" + from);
        }
        change(names -> {
            final SimFile file = names.remove(from);
            if (file != null) {
                names.put(to, file);
            }
        });
    }

    @Override
    public synchronized void delete(final String name) {
        if (live.containsKey(name)) {
            change(names -> names.remove(name));
        }
    }

    @Override
    public synchronized void syncDirectory() throws IOException {
        directorySyncCount++;
        countSync("directory");
        pendingChanges.clear();
        durable = new TreeMap<>(live);
    }

    @Override
    public synchronized long usableLength() {
        return capacity == NEVER ? NEVER : Math.max(0, capacity - totalLength());
    }

    @Override
    public String toString() {
        return "simulated disk";
    }

    private void change(final NameChange change) {
        change.apply(live);
        pendingChanges.add(change);
    }

    private void countSync(final String name) throws IOException {
        if (syncsUntilError != NEVER && syncsUntilError-- == 0) {
            syncsUntilError = NEVER;
            syncErrorCount++;
            throw new IOException("simulated sync error: name=" + name);
        }
    }

    private final class OpenFile implements LogFile {
        private final String name;
        private final SimFile file;
        private final int openedIn = generation;
        private boolean isClosed;

        OpenFile(final String name, final SimFile file) {
            this.name = name;
            this.file = file;
        }

        @Override
        public void bringToMemory() throws IOException {
            synchronized (SimDisk.this) {
                checkOpen();
                if (isReadAheadFailing) {
                    throw new IOException("simulated read error: name=" + name);
                }
            }
        }

        @Override
        public int write(final ByteBuffer source, final long fileOffset) throws IOException {
            synchronized (SimDisk.this) {
                checkOpen();
                writeCount++;
                if (writesUntilError != NEVER && writesUntilError-- <= 0) {
                    writesUntilError = 0;
                    writeErrorCount++;
                    throw new IOException("simulated write error: name=" + name);
                }
                int length = source.remaining();
                if (length > 1 && random.nextDouble() < shortWriteProbability) {
                    shortWriteCount++;
                    length = 1 + random.nextInt(length - 1);
                }
                final long growth = Math.max(0, fileOffset + length - file.length());
                final boolean isFull = capacity != NEVER && growth > usableLength();
                if (isFull) {
                    length = (int) Math.max(0, length - (growth - usableLength()));
                }
                final byte[] bytes = new byte[length];
                source.get(bytes);
                if (length > 0) {
                    file.write(bytes, 0, length, (int) fileOffset);
                }
                if (isFull) {
                    fullCount++;
                    throw new DiskFullException("simulated full disk: name=" + name, null);
                }
                return length;
            }
        }

        @Override
        public int read(final ByteBuffer target, final long fileOffset) throws IOException {
            synchronized (SimDisk.this) {
                checkOpen();
                if (fileOffset >= file.length()) {
                    return -1;
                }
                final int length = (int) Math.min(target.remaining(), file.length() - fileOffset);
                target.put(file.array(), (int) fileOffset, length);
                return length;
            }
        }

        @Override
        public long transferTo(final long fileOffset, final long length, final WritableByteChannel target)
            throws IOException {
            final ByteBuffer buffer = ByteBuffer.allocate((int) length);
            read(buffer, fileOffset);
            return target.write(buffer.flip());
        }

        @Override
        public void sync() throws IOException {
            synchronized (SimDisk.this) {
                checkOpen();
                syncCount++;
                try {
                    countSync(name);
                } catch (final IOException ex) {
                    file.failSync();
                    throw ex;
                }
                file.sync();
            }
        }

        @Override
        public long length() throws IOException {
            synchronized (SimDisk.this) {
                checkOpen();
                return file.length();
            }
        }

        @Override
        public void truncate(final long length) throws IOException {
            synchronized (SimDisk.this) {
                checkOpen();
                file.truncate((int) length);
            }
        }

        @Override
        public void close() {
            synchronized (SimDisk.this) {
                isClosed = true;
            }
        }

        @Override
        public String toString() {
            return name;
        }

        private void checkOpen() throws IOException {
            if (isClosed || openedIn != generation) {
                throw new IOException("file is closed: name=" + name);
            }
        }
    }
}
