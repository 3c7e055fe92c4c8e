package io.millrace.transport.counters;

import static io.millrace.transport.counters.CountersDescriptor.HEADER_LENGTH;
import static io.millrace.transport.counters.CountersDescriptor.MAX_FILE_LENGTH;
import static io.millrace.transport.counters.CountersDescriptor.PEAK_LENGTH;
import static io.millrace.transport.counters.CountersDescriptor.SLOT_COUNT;
import static io.millrace.transport.counters.CountersDescriptor.SLOT_LENGTH;

import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.agrona.IoUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.status.CountersReader;

/**
 * Another process's counters, as they are at each call. Owned by one thread.
 *
 * <p>The file is mapped read-only and nothing in it is believed before it is checked against the file's real length:
 * whoever may write to the folder may have put anything there.
 */
public final class CountersView implements AutoCloseable {
    /** What the peaks of a file reach back. */
    public static final long LATELY_MS = SLOT_COUNT * CountersDescriptor.SLOT_NS / 1_000_000;

    private static final int READ_ATTEMPTS = 16;

    private final Path path;
    private final MappedByteBuffer mapped;
    private final UnsafeBuffer metadata;
    private final UnsafeBuffer values;
    private final UnsafeBuffer peaks;
    private final int nodeId;
    private final long pid;
    private final long startedMs;
    private boolean isClosed;

    /**
     * One counter.
     *
     * @param typeId  what it is
     * @param shardId the shard it belongs to, -1 for none
     * @param label   for people, with its unit
     * @param value   now
     * @param isPeak  whether it is a maximum
     * @param lately  the largest of the last {@link #LATELY_MS}, -1 when there was none or it is no maximum
     */
    public record Entry(int typeId, int shardId, String label, long value, boolean isPeak, long lately) {
    }

    /**
     * A maximum within a window.
     *
     * @param atMs  wall-clock time, that of the reading machine's epoch
     * @param value the maximum
     */
    public record Peak(long atMs, long value) {
    }

    private CountersView(final Path path, final MappedByteBuffer mapped, final int metadataLength,
        final int valuesLength, final int peaksLength) {
        this.path = path;
        this.mapped = mapped;
        final UnsafeBuffer file = new UnsafeBuffer(mapped);
        metadata = new UnsafeBuffer(file, HEADER_LENGTH, metadataLength);
        values = new UnsafeBuffer(file, HEADER_LENGTH + metadataLength, valuesLength);
        peaks = new UnsafeBuffer(file, HEADER_LENGTH + metadataLength + valuesLength, peaksLength);
        nodeId = file.getInt(CountersDescriptor.NODE_ID_FIELD_OFFSET);
        pid = file.getLong(CountersDescriptor.PID_FIELD_OFFSET);
        startedMs = file.getLong(CountersDescriptor.STARTED_MS_FIELD_OFFSET);
    }

    /**
     * Opens a node's counters.
     *
     * @param path of the file
     * @return a view, to be closed
     * @throws CountersFormatException when it is no counters file or one of another version
     * @throws IOException             when it cannot be read
     */
    public static CountersView open(final Path path) throws IOException {
        if (!Files.isRegularFile(path)) {
            throw new CountersFormatException("no counters file: " + path + (Files.exists(path)
                ? " is no plain file" : " is not there; is the node running?"));
        }
        final MappedByteBuffer mapped;
        final long length;
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            length = channel.size();
            if (length < HEADER_LENGTH || length > MAX_FILE_LENGTH) {
                throw new CountersFormatException("no counters file: " + path + " has " + length
                    + " bytes, a counters file has from " + HEADER_LENGTH + " to " + MAX_FILE_LENGTH);
            }
            mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, length);
        }
        try {
            return checked(path, mapped, length);
        } catch (final IOException | RuntimeException ex) {
            IoUtil.unmap(mapped);
            throw ex;
        }
    }

    private static CountersView checked(final Path path, final MappedByteBuffer mapped, final long length)
        throws IOException {
        final UnsafeBuffer header = new UnsafeBuffer(mapped, 0, HEADER_LENGTH);
        final int version = header.getIntVolatile(CountersDescriptor.VERSION_FIELD_OFFSET);
        if (header.getLong(CountersDescriptor.MAGIC_FIELD_OFFSET) != CountersDescriptor.MAGIC) {
            throw new CountersFormatException("no counters file: " + path + " does not begin like one");
        }
        if (version != CountersDescriptor.VERSION) {
            throw new CountersFormatException("counters of another version: " + path + " has version=" + version
                + ", this build reads " + CountersDescriptor.VERSION + "; use the build that runs the node");
        }
        final long metadataLength = header.getInt(CountersDescriptor.METADATA_LENGTH_FIELD_OFFSET);
        final long valuesLength = header.getInt(CountersDescriptor.VALUES_LENGTH_FIELD_OFFSET);
        final long peaksLength = header.getInt(CountersDescriptor.PEAKS_LENGTH_FIELD_OFFSET);
        if (metadataLength < 0 || valuesLength < 0 || peaksLength < 0
            || metadataLength % CountersReader.METADATA_LENGTH != 0 || peaksLength % PEAK_LENGTH != 0
            || metadataLength / CountersReader.METADATA_LENGTH != valuesLength / CountersReader.COUNTER_LENGTH
            || HEADER_LENGTH + metadataLength + valuesLength + peaksLength != length) {
            throw new CountersFormatException("damaged counters file: " + path + " of " + length
                + " bytes says metadataLength=" + metadataLength + " valuesLength=" + valuesLength + " peaksLength="
                + peaksLength);
        }
        return new CountersView(path, mapped, (int) metadataLength, (int) valuesLength, (int) peaksLength);
    }

    /** {@return the file} */
    public Path path() {
        return path;
    }

    /** {@return the node's id} */
    public int nodeId() {
        return nodeId;
    }

    /** {@return the process that writes it, or wrote it} */
    public long pid() {
        return pid;
    }

    /** {@return wall-clock time of its start} */
    public long startedMs() {
        return startedMs;
    }

    /** {@return whether that process still runs} */
    public boolean isLive() {
        return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).flatMap(process -> process.info().startInstant())
            .filter(start -> start.toEpochMilli() <= startedMs).isPresent();
    }

    /**
     * {@return the value of the first counter of a type, -1 when there is none}
     *
     * @param typeId of the counter
     */
    public long get(final int typeId) {
        final int id = find(typeId);
        return id < 0 ? -1 : value(id);
    }

    /**
     * {@return the largest value of a maximum's type within a window, null when there was none or it is too long ago}
     *
     * @param typeId of the counter
     * @param fromMs wall-clock time, exclusive
     * @param toMs   wall-clock time, inclusive
     */
    public Peak longest(final int typeId, final long fromMs, final long toMs) {
        final int id = find(typeId);
        return id < 0 ? null : longestOf(line(id), fromMs, toMs);
    }

    /**
     * {@return every counter there is, in the order in which they were made}
     *
     * @param nowMs wall-clock time
     */
    public List<Entry> entries(final long nowMs) {
        final List<Entry> entries = new ArrayList<>();
        for (int id = 0; id < capacity() && state(id) != CountersReader.RECORD_UNUSED; id++) {
            if (state(id) == CountersReader.RECORD_ALLOCATED) {
                final int line = line(id);
                final Peak lately = longestOf(line, nowMs - LATELY_MS, Long.MAX_VALUE);
                entries.add(new Entry(typeId(id), key(id, CountersDescriptor.SHARD_ID_KEY_OFFSET), label(id),
                    value(id), line >= 0, lately == null ? -1 : lately.value()));
            }
        }
        return entries;
    }

    @Override
    public void close() {
        if (!isClosed) {
            isClosed = true;
            metadata.wrap(0, 0);
            values.wrap(0, 0);
            peaks.wrap(0, 0);
            IoUtil.unmap(mapped);
        }
    }

    private Peak longestOf(final int line, final long fromMs, final long toMs) {
        Peak longest = null;
        if (line < 0 || line >= peaks.capacity() / PEAK_LENGTH) {
            return null;
        }
        for (int i = 0; i < SLOT_COUNT; i++) {
            final Peak peak = slot(line * PEAK_LENGTH + i * SLOT_LENGTH);
            if (peak != null && peak.atMs() > fromMs && peak.atMs() <= toMs
                && (longest == null || peak.value() > longest.value())) {
                longest = peak;
            }
        }
        return longest;
    }

    private Peak slot(final int index) {
        for (int i = 0; i < READ_ATTEMPTS; i++) {
            final long timeMs = peaks.getLongVolatile(index + CountersDescriptor.SLOT_TIME_OFFSET);
            final long value = peaks.getLongVolatile(index + CountersDescriptor.SLOT_VALUE_OFFSET);
            if (timeMs >= 0 && timeMs == peaks.getLongVolatile(index + CountersDescriptor.SLOT_TIME_OFFSET)) {
                return new Peak(startedMs + timeMs, value);
            }
        }
        return null;
    }

    private int find(final int typeId) {
        for (int id = 0; id < capacity() && state(id) != CountersReader.RECORD_UNUSED; id++) {
            if (state(id) == CountersReader.RECORD_ALLOCATED && typeId(id) == typeId) {
                return id;
            }
        }
        return -1;
    }

    private int capacity() {
        return metadata.capacity() / CountersReader.METADATA_LENGTH;
    }

    private int state(final int id) {
        return metadata.getIntVolatile(CountersReader.metaDataOffset(id));
    }

    private int typeId(final int id) {
        return metadata.getInt(CountersReader.metaDataOffset(id) + CountersReader.TYPE_ID_OFFSET);
    }

    private int key(final int id, final int offset) {
        return metadata.getInt(CountersReader.metaDataOffset(id) + CountersReader.KEY_OFFSET + offset);
    }

    private int line(final int id) {
        return key(id, CountersDescriptor.PEAK_KEY_OFFSET);
    }

    private long value(final int id) {
        return values.getLongVolatile(CountersReader.counterOffset(id));
    }

    private String label(final int id) {
        final int at = CountersReader.metaDataOffset(id) + CountersReader.LABEL_OFFSET;
        final int length = Math.max(0, Math.min(metadata.getInt(at), CountersReader.MAX_LABEL_LENGTH));
        final byte[] text = new byte[length];
        metadata.getBytes(at + Integer.BYTES, text);
        // a terminal must not be told what to do by a file
        return new String(text, StandardCharsets.US_ASCII).replaceAll("[^\\x20-\\x7e]", "?");
    }
}
