package io.millrace.engine.writer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.engine.LogMarks;
import io.millrace.engine.format.BatchDescriptor;
import io.millrace.engine.format.FrameDescriptor;
import io.millrace.engine.log.BlockLog;
import io.millrace.engine.log.StorageFullException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.agrona.ExpandableDirectByteBuffer;

/** A log in memory whose disk can fail at any byte and write in pieces. Owned by the test's engine thread. */
final class MemoryLog implements BlockLog {
    static final int SALT = 0x5EED;
    private static final int NEVER = -1;

    final LogMarks marks = new LogMarks();
    final ExpandableDirectByteBuffer bytes = new ExpandableDirectByteBuffer(1 << 16);
    final List<Long> segmentBases = new ArrayList<>();
    int segmentLength;
    int blockCount;
    int pieceLength = Integer.MAX_VALUE;
    boolean offline;
    boolean failNextRoll;
    boolean failAfterRoll;

    private final List<long[]> staged = new ArrayList<>();
    private long end;
    private int lastFrameCrc = SALT;
    private int failAfterLength = NEVER;
    private boolean failAsFull;
    private RuntimeException thrown;

    MemoryLog(final int segmentLength) {
        this.segmentLength = segmentLength;
    }

    /** The next write or roll stores this many bytes and fails. */
    void failAfter(final int length, final boolean asFull) {
        failAfterLength = length;
        failAsFull = asFull;
    }

    void throwNext(final RuntimeException exception) {
        thrown = exception;
    }

    @Override
    public long endPosition() {
        return end;
    }

    @Override
    public int lastFrameCrc() {
        return lastFrameCrc;
    }

    @Override
    public int room() {
        return segmentBases.isEmpty() ? 0
            : (int) (segmentBases.get(segmentBases.size() - 1) + segmentLength - end);
    }

    @Override
    public int maxFrameLength() {
        return segmentLength - 1024;
    }

    @Override
    public void roll(final ByteBuffer stateFrame) throws IOException {
        assertTrue(staged.isEmpty(), "roll inside a block");
        if (failNextRoll) {
            failNextRoll = false;
            throw new StorageFullException("no room for a segment");
        }
        final int length = stateFrame.remaining();
        store(stateFrame);
        assertEquals(FrameDescriptor.TYPE_STATE, FrameDescriptor.type(bytes, (int) end));
        segmentBases.add(end);
        finish(length, FrameDescriptor.headerCrc(bytes, (int) end));
        if (failAfterRoll) {
            failAfterRoll = false;
            failAfter(0, true);
        }
    }

    @Override
    public void stageBatch(
        final int partitionId,
        final long baseOffset,
        final long nextOffset,
        final long position,
        final int batchLength,
        final long maxTimestampMs) {
        staged.add(new long[] {partitionId, baseOffset, nextOffset, position, batchLength, maxTimestampMs});
    }

    @Override
    public void discardStaged() {
        staged.clear();
    }

    @Override
    public void writeBlock(final ByteBuffer wholeFrames, final int newLastFrameCrc) throws IOException {
        final int length = wholeFrames.remaining();
        assertTrue(length > 0 && length <= room(), "a block of " + length + " in room " + room());
        store(wholeFrames);
        checkStaged(length);
        staged.clear();
        blockCount++;
        finish(length, newLastFrameCrc);
    }

    @Override
    public boolean isOffline() {
        return offline;
    }

    private void store(final ByteBuffer source) throws IOException {
        if (thrown != null) {
            final RuntimeException exception = thrown;
            thrown = null;
            throw exception;
        }
        final int limit = source.limit();
        final int storable = failAfterLength == NEVER
            ? source.remaining() : Math.min(failAfterLength, source.remaining());
        final int stop = source.position() + storable;
        int at = (int) end;
        while (source.position() < stop) {
            final int length = Math.min(pieceLength, stop - source.position());
            source.limit(source.position() + length);
            bytes.putBytes(at, source, length);
            source.limit(limit);
            at += length;
        }
        if (failAfterLength != NEVER) {
            failAfterLength = NEVER;
            throw failAsFull ? new StorageFullException("no room") : new IOException("disk failed");
        }
    }

    private void checkStaged(final int length) {
        int index = 0;
        long at = end;
        while (at < end + length) {
            final int frame = (int) at;
            if (FrameDescriptor.type(bytes, frame) == FrameDescriptor.TYPE_BATCH) {
                final int batch = frame + FrameDescriptor.HEADER_LENGTH;
                final long[] entry = staged.get(index++);
                assertEquals(FrameDescriptor.partitionId(bytes, frame), entry[0]);
                assertEquals(BatchDescriptor.baseOffset(bytes, batch), entry[1]);
                assertEquals(BatchDescriptor.nextOffset(bytes, batch), entry[2]);
                assertEquals(at, entry[3]);
                assertEquals(BatchDescriptor.totalLength(bytes, batch), entry[4]);
                assertEquals(BatchDescriptor.maxTimestampMs(bytes, batch), entry[5]);
            }
            at += FrameDescriptor.alignedLength(FrameDescriptor.length(bytes, frame));
        }
        assertEquals(staged.size(), index, "staged but not in the block");
    }

    private void finish(final int length, final int newLastFrameCrc) {
        end += length;
        lastFrameCrc = newLastFrameCrc;
        marks.writtenRelease(end);
    }
}
