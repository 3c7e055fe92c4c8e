package io.millrace.broker.sim;

import io.millrace.engine.ShardLog;
import io.millrace.engine.format.BatchDescriptor;
import io.millrace.engine.format.FrameDescriptor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.agrona.concurrent.UnsafeBuffer;

/** What one broker's log of one shard holds, read through the log itself and kept beside it. */
final class ShadowLog {
    /** One frame; the batch id is -1 for frames without a batch. */
    record Frame(long position, long end, int type, int epoch, int partitionId, long batchId, long baseOffset,
        long nextOffset) {
    }

    private static final int FRAME_FIXED_LENGTH = FrameDescriptor.MIN_BATCH_FRAME_LENGTH;

    private byte[] bytes = new byte[1 << 14];
    private ByteBuffer view = ByteBuffer.wrap(bytes);
    private final List<Frame> frames = new ArrayList<>();
    private final Map<Long, Frame> batches = new HashMap<>();
    private final Map<Long, Frame> batchesByOffset = new HashMap<>();
    private long base;
    private long end;

    long base() {
        return base;
    }

    long end() {
        return end;
    }

    List<Frame> frames() {
        return frames;
    }

    /** {@return the frame that holds a batch, or null} */
    Frame frameOf(final long batchId) {
        return batches.get(batchId);
    }

    /** {@return the frame of the batch that begins with an offset, or null} */
    Frame batchAt(final int partitionId, final long baseOffset) {
        return batchesByOffset.get(key(partitionId, baseOffset));
    }

    private static long key(final int partitionId, final long baseOffset) {
        return (long) partitionId << 48 | baseOffset;
    }

    /** {@return end of the last whole frame up to a position} */
    long frameEnd(final long position) {
        int low = 0;
        int high = frames.size();
        while (low < high) {
            final int middle = low + high >>> 1;
            if (frames.get(middle).end <= position) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low == 0 ? base : frames.get(low - 1).end;
    }

    byte byteAt(final long position) {
        return bytes[(int) (position - base)];
    }

    /** Reads what was appended since the last time. */
    void catchUp(final ShardLog log) {
        final long logEnd = log.endPosition();
        while (end < logEnd) {
            ensure((int) (logEnd - base));
            view.limit((int) (logEnd - base)).position((int) (end - base));
            final int read = log.read(end, view);
            if (read <= 0) {
                throw new AssertionError("the log reads nothing at " + end + " of " + logEnd + ": " + read);
            }
            end += read;
        }
        index();
    }

    private void index() {
        long position = frames.isEmpty() ? base : frames.get(frames.size() - 1).end;
        final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        while (position < end) {
            final int index = (int) (position - base);
            final int length = FrameDescriptor.length(buffer, index);
            if (length < FrameDescriptor.HEADER_LENGTH || position + length > end
                || FrameDescriptor.position(buffer, index) != position) {
                throw new AssertionError("no whole frame at " + position + " of " + end + ": length=" + length);
            }
            final int type = FrameDescriptor.type(buffer, index);
            final boolean isBatch = type == FrameDescriptor.TYPE_BATCH && length >= FRAME_FIXED_LENGTH;
            final int batch = index + FrameDescriptor.HEADER_LENGTH;
            final Frame frame = new Frame(
                position, position + FrameDescriptor.alignedLength(length), type,
                FrameDescriptor.leaderEpoch(buffer, index), FrameDescriptor.partitionId(buffer, index),
                isBatch ? BatchDescriptor.baseTimestampMs(buffer, batch) : -1,
                isBatch ? BatchDescriptor.baseOffset(buffer, batch) : -1,
                isBatch ? BatchDescriptor.nextOffset(buffer, batch) : -1);
            frames.add(frame);
            if (isBatch) {
                batches.putIfAbsent(frame.batchId, frame);
                batchesByOffset.put(key(frame.partitionId, frame.baseOffset), frame);
            }
            position = frame.end;
        }
    }

    void truncate(final long position) {
        while (!frames.isEmpty() && frames.get(frames.size() - 1).end > position) {
            final Frame frame = frames.remove(frames.size() - 1);
            batches.remove(frame.batchId, frame);
            batchesByOffset.remove(key(frame.partitionId, frame.baseOffset), frame);
        }
        end = position;
    }

    void reset(final long newBase) {
        frames.clear();
        batches.clear();
        batchesByOffset.clear();
        base = newBase;
        end = newBase;
    }

    /** {@return first position up to which this and the other differ, -1 if they agree up to the limit} */
    long difference(final ShadowLog other, final long from, final long to) {
        final int mismatch = Arrays.mismatch(
            bytes, (int) (from - base), (int) (to - base),
            other.bytes, (int) (from - other.base), (int) (to - other.base));
        return mismatch < 0 ? -1 : from + mismatch;
    }

    /** Takes over what another log holds, up to a position. */
    void copyFrom(final ShadowLog other, final long to) {
        ensure((int) (to - base));
        System.arraycopy(other.bytes, (int) (end - other.base), bytes, (int) (end - base), (int) (to - end));
        end = to;
        index();
    }

    private void ensure(final int length) {
        if (length > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(length, 2 * bytes.length));
            view = ByteBuffer.wrap(bytes);
        }
    }
}
