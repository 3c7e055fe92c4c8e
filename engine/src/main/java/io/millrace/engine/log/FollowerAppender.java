package io.millrace.engine.log;

import io.millrace.engine.ShardLog;
import io.millrace.engine.format.BatchDescriptor;
import io.millrace.engine.format.BufferViews;
import io.millrace.engine.format.FrameDescriptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;

/**
 * Appends a leader's frames as they are, after checking each. Owned by the engine thread.
 *
 * <p>All frames of a call are checked before the first is written. A state frame begins a segment, so the segments are
 * the leader's.
 */
public final class FollowerAppender {
    private static final int NO_EPOCH = -1;

    private final SegmentedLog log;
    private final FrameChecker checker;
    private final BufferViews views = new BufferViews();

    /**
     * An appender to one log.
     *
     * @param log followed
     */
    public FollowerAppender(final SegmentedLog log) {
        this.log = log;
        checker = new FrameChecker(log.state());
    }

    /**
     * Appends whole frames.
     *
     * @param buffer holds them
     * @param index  of the first
     * @param length of all, bytes
     * @return new end position, {@link ShardLog#NOT_CONTINUING} or {@link ShardLog#CORRUPT} with nothing written, or
     *     {@link ShardLog#STORAGE_ERROR}; then the frames before the last state frame may have been written
     */
    public long append(final DirectBuffer buffer, final int index, final int length) {
        final int end = index + length;
        int at = index;
        if (log.isEmpty() && length > 0) {
            // the offsets of what follows can be checked only when the state frame is in
            final int first = checkFirst(buffer, at, end);
            if (first <= 0) {
                return refusal(first);
            }
            if (!write(buffer, at, at + first)) {
                return ShardLog.STORAGE_ERROR;
            }
            at += first;
        }
        final int result = check(buffer, at, end);
        if (result <= 0) {
            return refusal(result);
        }
        return write(buffer, at, end) ? log.endPosition() : ShardLog.STORAGE_ERROR;
    }

    private int checkFirst(final DirectBuffer buffer, final int index, final int end) {
        checker.expect(log.endPosition(), 0, false, NO_EPOCH);
        final int result = checker.check(buffer, index, end - index);
        return result > 0 && FrameDescriptor.type(buffer, index) != FrameDescriptor.TYPE_STATE
            ? FrameChecker.OTHER_PLACE : result;
    }

    private int check(final DirectBuffer buffer, final int index, final int end) {
        checker.expect(log.endPosition(), log.lastFrameCrc(), true, log.state().lastEpoch());
        int at = index;
        int result = 1;
        while (at < end && result > 0) {
            result = checker.check(buffer, at, end - at);
            at += result;
        }
        checker.forgetPending();
        return result;
    }

    private static long refusal(final int result) {
        return result == FrameChecker.END || result == FrameChecker.INCOMPLETE || FrameChecker.isDamage(result)
            ? ShardLog.CORRUPT : ShardLog.NOT_CONTINUING;
    }

    private boolean write(final DirectBuffer buffer, final int index, final int end) {
        try {
            int runIndex = index;
            int at = index;
            int lastFrame = -1;
            while (at < end) {
                final int alignedLength = FrameDescriptor.alignedLength(FrameDescriptor.length(buffer, at));
                if (FrameDescriptor.type(buffer, at) == FrameDescriptor.TYPE_STATE) {
                    writeRun(buffer, runIndex, at, lastFrame);
                    roll(buffer, at, alignedLength);
                    runIndex = at + alignedLength;
                } else {
                    stage(buffer, at);
                    lastFrame = at;
                }
                at += alignedLength;
            }
            writeRun(buffer, runIndex, end, lastFrame);
            return true;
        } catch (final IOException ex) {
            log.discardStaged();
            return false;
        }
    }

    private void stage(final DirectBuffer buffer, final int frame) {
        if (FrameDescriptor.type(buffer, frame) == FrameDescriptor.TYPE_BATCH) {
            final int batch = frame + FrameDescriptor.HEADER_LENGTH;
            log.stageBatch(
                FrameDescriptor.partitionId(buffer, frame),
                BatchDescriptor.baseOffset(buffer, batch),
                BatchDescriptor.nextOffset(buffer, batch),
                FrameDescriptor.position(buffer, frame),
                BatchDescriptor.totalLength(buffer, batch),
                BatchDescriptor.maxTimestampMs(buffer, batch));
        }
    }

    /** Writes first and applies afterwards, so that a failed write leaves the state as it was. */
    private void writeRun(final DirectBuffer buffer, final int index, final int end, final int lastFrame)
        throws IOException {
        if (index == end) {
            return;
        }
        log.writeBlock(bytes(buffer, index, end - index), FrameDescriptor.headerCrc(buffer, lastFrame));
        int at = index;
        while (at < end) {
            FrameReplay.apply(log.state(), buffer, at);
            if (FrameDescriptor.type(buffer, at) == FrameDescriptor.TYPE_LOG_START) {
                log.showLogStarts(buffer, at);
            }
            at += FrameDescriptor.alignedLength(FrameDescriptor.length(buffer, at));
        }
    }

    private void roll(final DirectBuffer buffer, final int frame, final int alignedLength) throws IOException {
        final boolean isFirst = log.isEmpty();
        log.roll(bytes(buffer, frame, alignedLength));
        if (!FrameReplay.apply(log.state(), buffer, frame)) {
            throw log.health().fail("reading a leader's state frame", new IOException(
                "state frame cannot be read: position=" + FrameDescriptor.position(buffer, frame)
                    + "; is the leader of another version?"));
        }
        if (isFirst) {
            raiseLogStarts();
        }
        log.refreshViews();
    }

    /** Nothing from before the first segment is here, whatever the leader still has. */
    private void raiseLogStarts() {
        final List<long[]> moves = new ArrayList<>();
        log.state().forEachPartition((partitionId, logStartOffset, nextOffset) -> {
            if (nextOffset > logStartOffset) {
                moves.add(new long[] {partitionId, nextOffset});
            }
        });
        moves.forEach(move -> log.state().logStartOffset((int) move[0], move[1]));
    }

    private ByteBuffer bytes(final DirectBuffer buffer, final int index, final int length) {
        final int start = buffer.wrapAdjustment() + index;
        return views.of(buffer).limit(start + length).position(start);
    }
}
