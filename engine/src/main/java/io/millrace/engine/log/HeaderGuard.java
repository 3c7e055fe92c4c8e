package io.millrace.engine.log;

import io.millrace.engine.format.BatchDescriptor;
import io.millrace.engine.format.Checksums;
import io.millrace.engine.format.FrameDescriptor;
import io.millrace.engine.index.IndexEntry;
import io.millrace.engine.io.LogFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Checks a frame's header before its batch is handed over: header CRC, and that position, partition, length and offsets
 * are those of the index. Owned by one reader's thread; allocates nothing after construction.
 *
 * <p>The header CRC covers the part of a batch that Kafka's own CRC leaves out, and that CRC too. So a client that
 * checks it (they do by default) sees any other wrong byte of the batch, and what it cannot see is seen here. Short
 * frames that lie together are read at once.
 */
final class HeaderGuard {
    private static final int WINDOW_LENGTH = 4 * 1024;

    private final ByteBuffer bytes = ByteBuffer.allocateDirect(WINDOW_LENGTH);
    private final UnsafeBuffer window = new UnsafeBuffer(bytes);
    private final Checksums checksums = new Checksums();
    private LogFile windowFile;
    private long windowFileOffset;
    private int windowLength;

    /** Forgets what was read: before each read, because the bytes may have been overwritten since the last one. */
    void reset() {
        windowFile = null;
        windowLength = 0;
    }

    /**
     * {@return whether an entry's frame begins as the index says, with a header that is whole}
     *
     * @param file         of the segment
     * @param basePosition of the segment
     * @param limit        position up to which the file's bytes are settled; the frame ends at or before it
     * @param partitionId  whose entry it is
     * @param entry        plausible: inside the segment and long enough
     * @throws IOException when the disk fails
     */
    boolean isIntact(
        final LogFile file,
        final long basePosition,
        final long limit,
        final int partitionId,
        final IndexEntry entry) throws IOException {
        final long fileOffset = entry.position() - basePosition;
        if (file != windowFile || fileOffset < windowFileOffset
            || fileOffset + FrameDescriptor.MIN_BATCH_FRAME_LENGTH > windowFileOffset + windowLength) {
            // a window pays only where the next frame begins in it
            final int wanted = entry.batchLength() < WINDOW_LENGTH / 2
                ? (int) Math.min(WINDOW_LENGTH, limit - entry.position()) : FrameDescriptor.MIN_BATCH_FRAME_LENGTH;
            if (!fill(file, fileOffset, wanted)) {
                return false;
            }
        }
        final int index = (int) (fileOffset - windowFileOffset);
        final int batchIndex = index + FrameDescriptor.HEADER_LENGTH;
        return FrameDescriptor.type(window, index) == FrameDescriptor.TYPE_BATCH
            && FrameDescriptor.length(window, index) == FrameDescriptor.HEADER_LENGTH + entry.batchLength()
            && FrameDescriptor.position(window, index) == entry.position()
            && FrameDescriptor.partitionId(window, index) == partitionId
            && BatchDescriptor.totalLength(window, batchIndex) == entry.batchLength()
            && BatchDescriptor.baseOffset(window, batchIndex) == entry.baseOffset()
            && BatchDescriptor.nextOffset(window, batchIndex) == entry.nextOffset()
            && checksums.frameCrc(window, index) == FrameDescriptor.headerCrc(window, index);
    }

    private boolean fill(final LogFile file, final long fileOffset, final int length) throws IOException {
        reset();
        bytes.clear().limit(length);
        while (bytes.hasRemaining()) {
            if (file.read(bytes, fileOffset + bytes.position()) < 0) {
                return false; // the file was cut behind the broker's back
            }
        }
        windowFile = file;
        windowFileOffset = fileOffset;
        windowLength = length;
        return true;
    }
}
