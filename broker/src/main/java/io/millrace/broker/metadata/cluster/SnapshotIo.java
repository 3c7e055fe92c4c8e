package io.millrace.broker.metadata.cluster;

import io.aeron.ExclusivePublication;
import io.aeron.Image;
import io.aeron.ImageFragmentAssembler;
import io.aeron.Publication;
import io.millrace.broker.metadata.MetadataFormatException;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.IdleStrategy;

/**
 * A snapshot of the state as messages of Aeron Cluster's snapshot stream. Owned by the service thread.
 *
 * <pre>
 * message, little endian: int total length | int CRC32C of the whole | int index of this chunk | bytes
 * </pre>
 */
final class SnapshotIo {
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;
    private static final int CRC_FIELD_OFFSET = Integer.BYTES;
    private static final int INDEX_FIELD_OFFSET = 2 * Integer.BYTES;
    private static final int HEADER_LENGTH = 3 * Integer.BYTES;
    private static final int FRAGMENT_LIMIT = 10;

    private byte[] snapshot;
    private int received;
    private int crc;

    private SnapshotIo() {
    }

    static void write(final byte[] snapshot, final ExclusivePublication publication, final IdleStrategy idle) {
        final ExpandableArrayBuffer buffer = new ExpandableArrayBuffer();
        final int maxChunkLength =
            Math.min(PushCodec.MAX_CHUNK_LENGTH, publication.maxMessageLength() - HEADER_LENGTH);
        final int crc = crc(snapshot);
        int index = 0;
        while (index < snapshot.length) {
            final int length = Math.min(maxChunkLength, snapshot.length - index);
            buffer.putInt(0, snapshot.length, ORDER);
            buffer.putInt(CRC_FIELD_OFFSET, crc, ORDER);
            buffer.putInt(INDEX_FIELD_OFFSET, index, ORDER);
            buffer.putBytes(HEADER_LENGTH, snapshot, index, length);
            final long result = publication.offer(buffer, 0, HEADER_LENGTH + length);
            if (result > 0) {
                index += length;
            } else if (result == Publication.CLOSED || result == Publication.MAX_POSITION_EXCEEDED) {
                throw new IllegalStateException("snapshot stream ended: " + Publication.errorString(result));
            } else {
                idle.idle();
            }
        }
    }

    static byte[] read(final Image image, final IdleStrategy idle) {
        final SnapshotIo io = new SnapshotIo();
        final ImageFragmentAssembler assembler =
            new ImageFragmentAssembler((buffer, offset, length, header) -> io.onChunk(buffer, offset, length));
        while (io.snapshot == null || io.received < io.snapshot.length) {
            final int fragmentCount = image.poll(assembler, FRAGMENT_LIMIT);
            if (fragmentCount == 0 && (image.isClosed() || image.isEndOfStream())) {
                throw new MetadataFormatException("metadata snapshot ends early: received=" + io.received
                    + " total=" + (io.snapshot == null ? "unknown" : io.snapshot.length));
            }
            idle.idle(fragmentCount);
        }
        if (crc(io.snapshot) != io.crc) {
            throw new MetadataFormatException("metadata snapshot is damaged: checksum is wrong, length="
                + io.snapshot.length);
        }
        return io.snapshot;
    }

    private void onChunk(final DirectBuffer buffer, final int offset, final int length) {
        if (length < HEADER_LENGTH) {
            throw new MetadataFormatException("metadata snapshot has a message that is too short: " + length);
        }
        final int total = buffer.getInt(offset, ORDER);
        final int index = buffer.getInt(offset + INDEX_FIELD_OFFSET, ORDER);
        final int chunkLength = length - HEADER_LENGTH;
        if (total <= 0 || total > PushCodec.MAX_DELTA_LENGTH || index != received || chunkLength > total - index
            || snapshot != null && snapshot.length != total) {
            throw new MetadataFormatException("metadata snapshot is out of order: total=" + total + " index=" + index
                + " expected=" + received + " limit=" + PushCodec.MAX_DELTA_LENGTH);
        }
        if (snapshot == null) {
            snapshot = new byte[total];
            crc = buffer.getInt(offset + CRC_FIELD_OFFSET, ORDER);
        }
        buffer.getBytes(offset + HEADER_LENGTH, snapshot, index, chunkLength);
        received += chunkLength;
    }

    private static int crc(final byte[] bytes) {
        final CRC32C crc = new CRC32C();
        crc.update(bytes, 0, bytes.length);
        return (int) crc.getValue();
    }
}
