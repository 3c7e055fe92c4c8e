package io.millrace.transport.kafka.codec;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.utils.internals.BufferSupplier;

/**
 * Looks for a record by timestamp inside a batch, which it decompresses piece by piece. Owned by one thread at a time.
 *
 * <p>It holds a few buffers of its own and what the codec needs, however long the records would be: nothing is
 * collected, and what would take much memory or time is refused.
 */
public final class RecordSearch {
    /** Most bytes that are decompressed in the search of one batch; more is taken for an attack. */
    static final long MAX_DECOMPRESSED_LENGTH = 256L * 1024 * 1024;
    /** Longest piece that snappy, which decompresses each as a whole, may ask memory for. */
    static final int MAX_SNAPPY_LENGTH = 32 * 1024 * 1024;

    private static final byte MAGIC = 2;
    private static final int BASE_OFFSET_INDEX = 0;
    private static final int ATTRIBUTES_INDEX = 21;
    private static final int BASE_TIMESTAMP_INDEX = 27;
    private static final int COUNT_INDEX = 57;
    private static final int RECORDS_INDEX = 61;
    private static final int CODEC_MASK = 0x07;
    private static final int CODEC_LIMIT = 5;
    /** How the framing of snappy's streams begins, as Java clients write them; others write one bare block. */
    private static final long SNAPPY_STREAM_MAGIC = 0x82534E4150505900L;
    private static final int SNAPPY_STREAM_HEADER_LENGTH = 16;
    private static final int BUFFER_LENGTH = 64 * 1024;

    private final long maxDecompressedLength;
    private final byte[] buffer = new byte[BUFFER_LENGTH];
    private final BufferSupplier suppliers = BufferSupplier.create();
    private InputStream input;
    private int at;
    private int limit;
    private long readLength;
    private long foundOffset;
    private long foundTimestampMs;

    /** With the limits of a broker. */
    public RecordSearch() {
        this(MAX_DECOMPRESSED_LENGTH);
    }

    RecordSearch(final long maxDecompressedLength) {
        this.maxDecompressedLength = maxDecompressedLength;
    }

    /**
     * Looks for the first record of a batch with this timestamp or a later one.
     *
     * @param batch       a whole batch from the buffer's position to its limit; both stay
     * @param timestampMs wanted
     * @param minOffset   first offset that counts
     * @return whether there is one, see {@link #offset()} and {@link #timestampMs()}
     * @throws IOException when the records cannot be read, or not within bounds
     */
    public boolean find(final ByteBuffer batch, final long timestampMs, final long minOffset) throws IOException {
        final ByteBuffer source = batch.slice();
        if (source.remaining() < RECORDS_INDEX) {
            throw new IOException("batch is shorter than its header: length=" + source.remaining());
        }
        final long baseOffset = source.getLong(BASE_OFFSET_INDEX);
        final long baseTimestampMs = source.getLong(BASE_TIMESTAMP_INDEX);
        final int count = source.getInt(COUNT_INDEX);
        final int codec = source.getShort(ATTRIBUTES_INDEX) & CODEC_MASK;
        source.position(RECORDS_INDEX);
        try (InputStream records = open(codec, source)) {
            input = records;
            at = 0;
            limit = 0;
            readLength = 0;
            for (int i = 0; i < count; i++) {
                final long length = readVarlong();
                if (length < 0) {
                    throw new IOException("record of negative length: " + length);
                }
                final long end = position() + length;
                skip(1); // attributes
                final long recordMs = baseTimestampMs + readVarlong();
                final long offset = baseOffset + readVarlong();
                if (recordMs >= timestampMs && offset >= minOffset) {
                    foundOffset = offset;
                    foundTimestampMs = recordMs;
                    return true;
                }
                if (position() > end) {
                    throw new IOException("record is longer than it says");
                }
                skip(end - position());
            }
            return false;
        } catch (final EOFException | RuntimeException ex) {
            throw new IOException("records cannot be decompressed: " + ex, ex); // some say nothing more than their name
        } finally {
            input = null;
        }
    }

    /** {@return the found record's offset} */
    public long offset() {
        return foundOffset;
    }

    /** {@return the found record's timestamp} */
    public long timestampMs() {
        return foundTimestampMs;
    }

    private InputStream open(final int codec, final ByteBuffer source) throws IOException {
        if (codec >= CODEC_LIMIT) {
            throw new IOException("unknown compression codec: " + codec);
        }
        final CompressionType type = CompressionType.forId(codec);
        if (type == CompressionType.SNAPPY) {
            checkSnappy(source.slice());
        }
        return Compression.of(type).build().wrapForInput(source, MAGIC, suppliers);
    }

    /** The library allocates what a block says of itself before it looks further. */
    private static void checkSnappy(final ByteBuffer source) throws IOException {
        if (source.remaining() < SNAPPY_STREAM_HEADER_LENGTH || source.getLong(0) != SNAPPY_STREAM_MAGIC) {
            checkSnappyBlock(source);
            return;
        }
        source.position(SNAPPY_STREAM_HEADER_LENGTH);
        while (source.remaining() >= Integer.BYTES) {
            final int length = source.getInt();
            if (length < 0 || length > source.remaining()) {
                throw new IOException("snappy block ends early: length=" + length + " left=" + source.remaining());
            }
            checkSnappyBlock(source.slice(source.position(), length));
            source.position(source.position() + length);
        }
    }

    private static void checkSnappyBlock(final ByteBuffer block) throws IOException {
        long length = 0;
        for (int shift = 0; shift < 35 && block.hasRemaining(); shift += 7) {
            final byte b = block.get();
            length |= (long) (b & 0x7F) << shift;
            if (b >= 0) {
                break;
            }
        }
        if (length > MAX_SNAPPY_LENGTH) {
            throw new IOException("snappy block would decompress to " + length + " bytes, limit=" + MAX_SNAPPY_LENGTH);
        }
    }

    private long position() {
        return readLength - limit + at;
    }

    private long readVarlong() throws IOException {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            if (at == limit) {
                fill();
            }
            final byte b = buffer[at++];
            value |= (long) (b & 0x7F) << shift;
            if (b >= 0) {
                return value >>> 1 ^ -(value & 1);
            }
        }
        throw new IOException("varint too long");
    }

    private void skip(final long length) throws IOException {
        long left = length;
        while (left > 0) {
            if (at == limit) {
                fill();
            }
            final int step = (int) Math.min(left, limit - at);
            at += step;
            left -= step;
        }
    }

    private void fill() throws IOException {
        final int read = input.read(buffer, 0, buffer.length);
        if (read <= 0) {
            throw new EOFException("records end early");
        }
        readLength += read;
        if (readLength > maxDecompressedLength) {
            throw new IOException("records decompress to more than " + maxDecompressedLength + " bytes");
        }
        at = 0;
        limit = read;
    }
}
