package io.millrace.engine.log;

import io.millrace.engine.format.FrameDescriptor;
import io.millrace.engine.format.LogStartDescriptor;
import org.agrona.DirectBuffer;

/** Applies checked frames to a shard's state: the one way for recovery, followers and truncation. */
final class FrameReplay {
    private FrameReplay() {
    }

    /**
     * Applies one frame that {@link FrameChecker} accepted.
     *
     * @param state  to advance
     * @param buffer holds the frame
     * @param index  of its first byte
     * @return false when a state frame cannot be read
     */
    static boolean apply(final LogState state, final DirectBuffer buffer, final int index) {
        final int type = FrameDescriptor.type(buffer, index);
        final int length = FrameDescriptor.length(buffer, index);
        final long position = FrameDescriptor.position(buffer, index);
        final int payloadIndex = index + FrameDescriptor.HEADER_LENGTH;
        if (type == FrameDescriptor.TYPE_STATE
            && !state.load(buffer, payloadIndex, length - FrameDescriptor.HEADER_LENGTH)) {
            return false;
        }
        final int epoch = FrameDescriptor.leaderEpoch(buffer, index);
        if (epoch > state.lastEpoch()) {
            state.onEpoch(epoch, position);
        }
        if (type == FrameDescriptor.TYPE_BATCH) {
            final long endPosition = position + FrameDescriptor.alignedLength(length);
            state.onBatch(FrameDescriptor.partitionId(buffer, index), buffer, payloadIndex, endPosition);
        } else if (type == FrameDescriptor.TYPE_LOG_START) {
            for (int i = 0, count = LogStartDescriptor.entryCount(length); i < count; i++) {
                state.logStartOffset(LogStartDescriptor.partitionId(buffer, index, i),
                    LogStartDescriptor.logStartOffset(buffer, index, i));
            }
        }
        return true;
    }
}
