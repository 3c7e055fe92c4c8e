package io.millrace.transport.counters;

import static io.millrace.transport.counters.CountersDescriptor.FILE_LENGTH;
import static io.millrace.transport.counters.CountersDescriptor.HEADER_LENGTH;
import static io.millrace.transport.counters.CountersDescriptor.METADATA_LENGTH;
import static io.millrace.transport.counters.CountersDescriptor.PEAKS_LENGTH;
import static io.millrace.transport.counters.CountersDescriptor.PEAK_LENGTH;
import static io.millrace.transport.counters.CountersDescriptor.VALUES_LENGTH;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.agrona.concurrent.AtomicBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.status.AtomicCounter;
import org.agrona.concurrent.status.CountersManager;

/**
 * The counters of one node, in a file that others map while the node writes. Counters are made by one thread at a time;
 * each is then written by the one thread that was given it.
 *
 * <p>The memory stays mapped until the process ends: a thread that is slow to stop may still count.
 */
public final class CountersFile implements AutoCloseable {
    private final Path path;
    private final long originNs;
    private final CountersManager manager;
    private final AtomicBuffer peaks;
    private int peakCount;

    private CountersFile(final Path path, final UnsafeBuffer file, final long originNs) {
        this.path = path;
        this.originNs = originNs;
        manager = new CountersManager(new UnsafeBuffer(file, HEADER_LENGTH, METADATA_LENGTH),
            new UnsafeBuffer(file, HEADER_LENGTH + METADATA_LENGTH, VALUES_LENGTH), StandardCharsets.US_ASCII);
        peaks = new UnsafeBuffer(file, HEADER_LENGTH + METADATA_LENGTH + VALUES_LENGTH, PEAKS_LENGTH);
    }

    /**
     * Makes a file with no counter in it yet, in the place of one that may be there. Readers see it whole or not at
     * all.
     *
     * @param path      best in memory (/dev/shm): a store to a page that a disk is being given would wait for it
     * @param nodeId    whose counters
     * @param pid       of this process
     * @param startedMs wall-clock time now
     * @param originNs  monotonic time now, on the clock that peaks are recorded with
     * @return the open file
     * @throws IOException when there is no room or no right to write
     */
    public static CountersFile create(
        final Path path, final int nodeId, final long pid, final long startedMs, final long originNs)
        throws IOException {
        final Path temporary = path.resolveSibling(path.getFileName() + ".tmp");
        Files.deleteIfExists(temporary);
        final MappedByteBuffer mapped;
        try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.CREATE_NEW,
            StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            // really written: a hole for which there is no room would end the process on the first store
            final ByteBuffer zeros = ByteBuffer.allocate(FILE_LENGTH);
            while (zeros.hasRemaining()) {
                channel.write(zeros);
            }
            mapped = channel.map(FileChannel.MapMode.READ_WRITE, 0, FILE_LENGTH);
        } catch (final IOException ex) {
            Files.deleteIfExists(temporary);
            throw new IOException("cannot make the counters file " + temporary + " of " + FILE_LENGTH + " bytes: "
                + ex.getMessage() + "; free some room there, or name another folder with millrace.aeron.dir", ex);
        }
        final UnsafeBuffer file = new UnsafeBuffer(mapped);
        file.putLong(CountersDescriptor.MAGIC_FIELD_OFFSET, CountersDescriptor.MAGIC);
        file.putInt(CountersDescriptor.NODE_ID_FIELD_OFFSET, nodeId);
        file.putLong(CountersDescriptor.PID_FIELD_OFFSET, pid);
        file.putLong(CountersDescriptor.STARTED_MS_FIELD_OFFSET, startedMs);
        file.putLong(CountersDescriptor.ORIGIN_NS_FIELD_OFFSET, originNs);
        file.putInt(CountersDescriptor.METADATA_LENGTH_FIELD_OFFSET, METADATA_LENGTH);
        file.putInt(CountersDescriptor.VALUES_LENGTH_FIELD_OFFSET, VALUES_LENGTH);
        file.putInt(CountersDescriptor.PEAKS_LENGTH_FIELD_OFFSET, PEAKS_LENGTH);
        final CountersFile counters = new CountersFile(path, file, originNs);
        file.putIntRelease(CountersDescriptor.VERSION_FIELD_OFFSET, CountersDescriptor.VERSION);
        Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return counters;
    }

    /** {@return where it is} */
    public Path path() {
        return path;
    }

    /** {@return whether so many counters more have room} */
    public boolean hasRoom(final int count) {
        return manager.available() >= count;
    }

    /**
     * Makes a counter, zero at first.
     *
     * @param typeId what it is, see the enums of this package
     * @param label  for people, with its unit
     * @return to be written by one thread
     */
    public AtomicCounter newCounter(final int typeId, final String label) {
        return newCounter(typeId, label, -1, -1);
    }

    /**
     * Makes a counter of one shard, zero at first.
     *
     * @param typeId  what it is
     * @param label   for people, with its unit
     * @param shardId the shard
     * @return to be written by one thread
     */
    public AtomicCounter newShardCounter(final int typeId, final String label, final int shardId) {
        return newCounter(typeId, label, shardId, -1);
    }

    /**
     * Makes a counter that holds a maximum.
     *
     * @param typeId what it is
     * @param label  for people, with its unit
     * @return to be written by one thread
     */
    public PeakCounter newPeak(final int typeId, final String label) {
        if (peakCount == CountersDescriptor.PEAK_CAPACITY) {
            throw new IllegalStateException("no room for another peak: count=" + peakCount + " label=" + label);
        }
        final int line = peakCount++;
        final UnsafeBuffer slots = new UnsafeBuffer(peaks, line * PEAK_LENGTH, PEAK_LENGTH);
        return new PeakCounter(newCounter(typeId, label, -1, line), slots, originNs);
    }

    private AtomicCounter newCounter(final int typeId, final String label, final int shardId, final int line) {
        return manager.newCounter(label, typeId, (key) -> {
            key.putInt(CountersDescriptor.SHARD_ID_KEY_OFFSET, shardId);
            key.putInt(CountersDescriptor.PEAK_KEY_OFFSET, line);
        });
    }

    /** Removes the file; whoever has it open goes on seeing the last values. */
    @Override
    public void close() throws IOException {
        Files.deleteIfExists(path);
    }
}
