package io.millrace.engine.writer;

import io.millrace.engine.LogMarks;
import io.millrace.engine.log.BlockLog;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** A log that forgets what it is given and allocates nothing. Owned by the test's engine thread. */
final class FixedLog implements BlockLog {
    private final UnsafeBuffer bytes = new UnsafeBuffer(new byte[1 << 20]);
    private final LogMarks marks;
    private long end;
    private int lastFrameCrc = MemoryLog.SALT;

    FixedLog(final LogMarks marks) {
        this.marks = marks;
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
        return Integer.MAX_VALUE & ~7;
    }

    @Override
    public int maxFrameLength() {
        return 1 << 20;
    }

    @Override
    public void roll(final ByteBuffer stateFrame) {
        throw new IllegalStateException("there is always room");
    }

    @Override
    public void stageBatch(
        final int partitionId,
        final long baseOffset,
        final long nextOffset,
        final long position,
        final int batchLength,
        final long maxTimestampMs) {
        // not kept
    }

    @Override
    public void discardStaged() {
        // nothing staged
    }

    @Override
    public void writeBlock(final ByteBuffer wholeFrames, final int newLastFrameCrc) {
        final int length = wholeFrames.remaining();
        bytes.putBytes(0, wholeFrames, length);
        end += length;
        lastFrameCrc = newLastFrameCrc;
        marks.writtenRelease(end);
    }

    @Override
    public boolean isOffline() {
        return false;
    }
}
