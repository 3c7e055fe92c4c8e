package io.millrace.engine.writer;

import io.millrace.engine.format.FrameDescriptor;
import io.millrace.engine.log.BlockLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A log of one file that starts again at its beginning when it is full, or of no file at all. Owned by the benchmark's
 * thread that drains.
 */
final class OverwrittenSegment implements BlockLog, AutoCloseable {
    static final int PAGE_LENGTH = 4096;
    private static final int CAPACITY = 64 * 1024 * 1024;
    private static final int STATE_RESERVE_LENGTH = 1024 * 1024;
    private static final int PREPARE_LENGTH = 1024 * 1024;

    private final FileChannel channel;
    private int usedLength = CAPACITY;
    private long endPosition;
    private int lastFrameCrc = 1;

    /** What is written is thrown away. */
    OverwrittenSegment() {
        channel = null;
    }

    OverwrittenSegment(final Path file) throws IOException {
        channel = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
        final ByteBuffer zeros = ByteBuffer.allocateDirect(PREPARE_LENGTH);
        for (int at = 0; at < CAPACITY; at += PREPARE_LENGTH) {
            writeFully(zeros.clear(), at);
        }
    }

    void rewind() {
        usedLength = 0;
    }

    @Override
    public long endPosition() {
        return endPosition;
    }

    @Override
    public int lastFrameCrc() {
        return lastFrameCrc;
    }

    @Override
    public int room() {
        return CAPACITY - usedLength;
    }

    @Override
    public int maxFrameLength() {
        return CAPACITY - STATE_RESERVE_LENGTH;
    }

    @Override
    public void roll(final ByteBuffer stateFrame) throws IOException {
        final int crc = stateFrame.duplicate().order(ByteOrder.LITTLE_ENDIAN)
            .getInt(stateFrame.position() + FrameDescriptor.HEADER_CRC_FIELD_OFFSET);
        rewind();
        writeBlock(stateFrame, crc);
    }

    @Override
    public void stageBatch(final int partitionId, final long baseOffset, final long nextOffset, final long position,
        final int batchLength, final long maxTimestampMs) {
        // nobody reads this log
    }

    @Override
    public void discardStaged() {
        // nothing is kept
    }

    @Override
    public void writeBlock(final ByteBuffer wholeFrames, final int newLastFrameCrc) throws IOException {
        final int length = wholeFrames.remaining();
        writeFully(wholeFrames, usedLength);
        usedLength += length;
        endPosition += length;
        lastFrameCrc = newLastFrameCrc;
    }

    @Override
    public boolean isOffline() {
        return false;
    }

    @Override
    public void close() throws IOException {
        if (channel != null) {
            channel.close();
        }
    }

    private void writeFully(final ByteBuffer source, final int fileOffset) throws IOException {
        if (channel == null) {
            source.position(source.limit());
        }
        int at = fileOffset;
        while (source.hasRemaining()) {
            at += channel.write(source, at);
        }
    }
}
